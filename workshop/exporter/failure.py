"""How the exporter fails."""


class ExporterFailure(Exception):
    """What is wrong and how to fix it."""
