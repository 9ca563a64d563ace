"""`workshop event ...`: one file a command, in packages by subject."""
