"""The time in which nothing may be disturbed: phases, what is held, what counts as drift, what is overridden."""
