"""What holds LiteLLM's key while a window is open: one component a file."""
