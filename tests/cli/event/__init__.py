"""Commands of an event that has a store, by what they say, keep and end with."""
