"""Runs inside the clusters, and holds the rotation of LiteLLM's key while a window is open (docs/rotation.md)."""
