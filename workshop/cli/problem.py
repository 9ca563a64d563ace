"""What keeps a command from running."""


class CannotRun(Exception):
    """Something a person can mend keeps the command from running; the message says what and how."""
