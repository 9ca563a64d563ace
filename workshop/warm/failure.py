"""How an entry point fails."""


class WarmFailure(Exception):
    """What is wrong and how to fix it."""
