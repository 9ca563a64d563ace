"""What is shown of an event while it runs: composed at each of the keeper's looks, and shown wherever people look."""
