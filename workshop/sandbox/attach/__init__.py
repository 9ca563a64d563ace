"""The sandbox's provider stand-ins, served to the real Pulumi CLI."""
