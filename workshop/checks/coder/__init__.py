"""Checks that ask Coder."""
