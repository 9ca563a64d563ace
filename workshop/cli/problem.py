"""What keeps a command from running."""


class CannotRun(Exception):
    """Something a person can fix keeps the command from running; the message says what and how."""
