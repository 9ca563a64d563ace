"""The door: web pages for an event's people, with no right but to show their seats and to ask the keeper."""
