"""What an event leaves to run by itself: its keeper, its dead man's switches and saved work; one component a file."""
