"""`workshop sandbox ...`: one file a group of commands."""
