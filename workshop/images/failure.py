"""How mirroring fails."""


class ImagesFailure(Exception):
    """What is wrong and how to fix it."""
