"""Who carries a command out: the sandbox on this machine, or the Pulumi CLI on real systems."""
