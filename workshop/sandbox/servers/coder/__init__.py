"""Coder's API as a workshop uses it, on the sandbox's clusters."""
