"""Events that are played in a second."""
