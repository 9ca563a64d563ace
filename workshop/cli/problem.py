"""What keeps a command from running."""

from typing import Final

INTERRUPTED: Final = "interrupted; run the same command to continue"


class CannotRun(Exception):
    """Something a person can fix keeps the command from running; the message says what and how."""
