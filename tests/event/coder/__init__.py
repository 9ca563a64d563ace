"""The client of the event, held against what a real Coder answered."""
