"""`workshop dns ...`: one file a group of commands."""
