"""Mirrors images by digest, and verifies them; it may use the model only."""
