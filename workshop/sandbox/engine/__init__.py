"""The engine: runs the unmodified Pulumi program and policy pack against provider stand-ins.

`run.run` is the way in. The program runs in this process; what it registers arrives at `monitor`, is
judged and planned by `planner` and carried out by `steps`, which writes every step to the `journal`
before the next begins. What the protocol asks for and is not here is refused by name (`monitor`).
"""
