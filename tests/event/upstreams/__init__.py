"""A short event while whatever the keeper works with fails, at every call."""
