"""Saving sixty workspaces at once: how long it takes, and what memory."""
