"""What an attachment is held open for."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from workshop.sandbox.attach.waiting import run
from workshop.sandbox.problem import SandboxProblem


def test_the_commands_exit_code_and_environment_are_its_own() -> None:
    program = "import os, sys; sys.exit(int(os.environ['CODE']))"
    assert run([sys.executable, "-c", program], {**os.environ, "CODE": "7"}) == 7


def test_ctrl_c_is_left_to_the_command() -> None:
    program = "import os, signal, sys; os.kill(os.getppid(), signal.SIGINT); sys.exit(3)"
    before = signal.getsignal(signal.SIGINT)
    assert run([sys.executable, "-c", program], os.environ) == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_a_command_that_is_not_there_is_told() -> None:
    with pytest.raises(SandboxProblem, match="no command pulumii on PATH"):
        run(["pulumii"], os.environ)
