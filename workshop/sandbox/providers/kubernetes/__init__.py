"""Stand-in for pulumi-kubernetes."""
