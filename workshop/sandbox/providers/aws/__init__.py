"""Stand-in for pulumi-aws."""
