"""What an event was: from all that is kept of it to one document. Nothing in it is guessed."""
