"""`python -m workshop`, and what pip installs, is the workshop command."""

import os
import signal
from types import FrameType
from typing import NoReturn


def run() -> None:
    """Runs the command; Ctrl-C while its modules are imported ends with a message, as it does later.

    Before this, while Python itself starts, scripts/workshop has it ignored: Python would answer with a traceback.
    """
    signal.signal(signal.SIGINT, _stop)
    from workshop.cli.main import main

    main()


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    os.write(2, b"Could not run: interrupted; run the same command to continue\n")
    os._exit(2)


if __name__ == "__main__":
    run()
