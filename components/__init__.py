"""Pulumi components, one per file: declare resources, decide nothing."""
