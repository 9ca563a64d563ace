"""Numbers with their nouns, as messages say them."""

from datetime import timedelta


def counted(number: int, noun: str, plural: str = "") -> str:
    """1 user, 2 users. plural: where it takes more than an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def running_workspaces(number: int) -> str:
    """That they run: 1 workspace runs, 2 workspaces run."""
    return f"{counted(number, 'workspace')} {'runs' if number == 1 else 'run'}"


def elapsed(time: timedelta) -> str:
    """In its two largest units, short: 12 s, 4 min, 1 h 23 min, 2 d 3 h. Less than none is none."""
    seconds = max(int(time.total_seconds()), 0)
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if not minutes:
        return f"{seconds} s"
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes % 60} min" if not days else f"{days} d {hours % 24} h"
