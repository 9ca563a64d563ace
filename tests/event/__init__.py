"""What is kept of an event."""
