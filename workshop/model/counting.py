"""Numbers with their nouns, as messages say them."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """1 user, 2 users. plural: where it takes more than an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def running_workspaces(number: int) -> str:
    """That they run: 1 workspace runs, 2 workspaces run."""
    return f"{counted(number, 'workspace')} {'runs' if number == 1 else 'run'}"
