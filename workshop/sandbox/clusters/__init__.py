"""Real Kubernetes control planes on this machine, one per region, without containers."""
