"""What is known of an event, and what follows from it."""
