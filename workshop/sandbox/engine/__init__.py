"""The engine: runs the unmodified Pulumi program and policy pack against provider stand-ins.

`run.run` is the way in. The program runs in this process (`program`); what it registers is judged (`policies`), planned
(`planning`) and carried out by `steps`, which writes every step to the journal (`state`) before the next begins. What
the protocol asks for and is not here is refused by name (`program.monitor`).
"""
