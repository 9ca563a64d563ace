"""How mirroring fails."""


class ImagesFailure(Exception):
    """What is wrong and how to fix it."""


class NotThere(ImagesFailure):
    """A registry has no such image."""
