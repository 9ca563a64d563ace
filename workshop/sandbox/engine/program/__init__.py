"""Runs the program: the way in, and what the SDK talks to."""
