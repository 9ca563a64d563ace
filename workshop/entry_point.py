"""How what runs in the clusters is called: python -m MODULE COMMAND REQUEST.

One line says what was done, on standard output, or what is wrong, on standard error. Exit codes: 0 done, 1 failed, 2
called wrongly. Neither a traceback nor an unexpected error's message is printed, which could quote what nobody may see.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from workshop.model.legible import legible


def handle(
    module: str, commands: Mapping[str, Callable[[str], str]], arguments: Sequence[str], *failures: type[Exception]
) -> int:
    """Handles one request, and answers the exit code.

    commands: by name, what makes a line of a request's text. failures: what they raise with a message for people; a
    ValidationError is a request of another version.
    """
    if len(arguments) != 2 or arguments[0] not in commands:
        sys.stderr.write(f"usage: python -m {module} {'|'.join(commands)} REQUEST\n")
        return 2
    try:
        sys.stdout.write(commands[arguments[0]](arguments[1]) + "\n")
    except failures as failure:
        sys.stderr.write(f"{legible(str(failure))}\n")
        return 1
    except ValidationError as error:
        where = ", ".join(".".join(map(str, found["loc"])) for found in error.errors(include_input=False))
        sys.stderr.write(f"the request can't be read: {where}: image and program are of different versions\n")
        return 2
    except Exception as error:  # noqa: BLE001 -- its message could quote what must not be printed
        sys.stderr.write(
            f"failed unexpectedly: {type(error).__name__}: run it again, and report it if it fails again\n"
        )
        return 1
    return 0
