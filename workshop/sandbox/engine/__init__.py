"""A small Pulumi engine: runs the unmodified program and policy pack where the pulumi command is absent."""
