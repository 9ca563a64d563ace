"""What the Pulumi program wires: providers, deletion hooks, and which components a stack declares.

Add a component's arguments here, from settings, plan and observations. Not here: decisions (model), resources
(components).
"""
