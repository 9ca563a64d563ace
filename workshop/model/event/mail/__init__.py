"""Mail to people of an event: which, when, to whom, and what became of it."""
