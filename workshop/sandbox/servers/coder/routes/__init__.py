"""What each of Coder's routes does, by subject."""
