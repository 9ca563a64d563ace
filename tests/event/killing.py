"""A keeper that is gone in the middle of a step."""

from __future__ import annotations

import pytest

from workshop.event.keeper.keeper import Keeper
from workshop.model.event.steps import Step


class Killed(BaseException):
    """As a process that is gone: nothing of it handles this."""


def kill_at(keeper: Keeper, monkeypatch: pytest.MonkeyPatch, number: int, *, before: bool) -> list[Step]:
    """The keeper is gone at its step of this number: before it does it, or after that and before it is written down.

    Answers the steps at which it was, as they come.
    """
    left = [number]
    killed: list[Step] = []
    memory = keeper._memory  # pyright: ignore[reportPrivateUsage]
    perform, finish = keeper._performer.perform, memory.finish  # pyright: ignore[reportPrivateUsage]

    def performing(step: Step, *arguments: object) -> str:
        left[0] -= 1
        if before and left[0] == 0:
            killed.append(step)
            raise Killed
        return perform(step, *arguments)  # pyright: ignore[reportArgumentType]

    def finishing(*arguments: object, **named: object) -> None:
        if not before and left[0] == 0:
            killed.append(arguments[1])  # pyright: ignore[reportArgumentType]
            raise Killed
        finish(*arguments, **named)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(keeper._performer, "perform", performing)  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(memory, "finish", finishing)
    return killed
