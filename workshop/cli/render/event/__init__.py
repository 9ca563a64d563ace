"""How answers about an event look."""
