"""The `workshop` command: one file per command; talks to people, decides nothing."""
