"""What the sandbox starts with."""
