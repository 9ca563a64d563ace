"""LiteLLM: its keys and its health."""
