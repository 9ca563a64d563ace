"""`workshop images regctl`: the program that copies images."""

from __future__ import annotations

from workshop.cli.problem import CannotRun
from workshop.cli.session import reporting_problems
from workshop.images.failure import ImagesFailure
from workshop.images.program import regctl


def show() -> None:
    """Prints the path of regctl: the one on PATH, else one that is built once, of the version in mirror/go.mod.

    \b
    Examples:
      workshop images regctl
    """
    with reporting_problems() as screen:
        try:
            found = regctl(lambda what: screen.notes.print(f"{what} ..."))
        except ImagesFailure as failure:
            raise CannotRun(str(failure)) from None
        screen.results.print(str(found), soft_wrap=True, markup=False, highlight=False)
