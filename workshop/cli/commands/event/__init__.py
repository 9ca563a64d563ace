"""`workshop event ...`: one file a command."""
