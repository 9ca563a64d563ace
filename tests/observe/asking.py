"""Pulumi's functions, answered as the providers answer them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from tests.components.recorded import ProviderFailure, run
from workshop.model.observations import Absent, Assumed, Found, Observation

T = TypeVar("T")


@dataclass
class Answers:
    """What each function answers: outputs, a failure, or one of the two by its arguments. asked: what it was asked."""

    by_function: Mapping[str, Any]
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])

    def __call__(self, token: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append((token, dict(arguments)))
        answer = self.by_function[token]
        answer = answer(arguments) if callable(answer) else answer
        if isinstance(answer, str):
            raise ProviderFailure(answer)
        return cast("dict[str, Any]", answer)


def observed(look: Callable[[], T], answers: Answers) -> T:
    """What a look-up finds in a program whose functions answer this."""
    found: list[T] = []
    run(lambda: found.append(look()), answers)
    return found[0]


def value_of(observation: Observation[T], source: str) -> T:
    """What was found, there."""
    assert isinstance(observation, Found), observation
    assert observation.source == source
    assert observation.observed_at.tzinfo is not None
    return observation.value


def absent(observation: Observation[Any], source: str, *known: str) -> bool:
    """Whether the system answered that there is no such thing, only these."""
    return isinstance(observation, Absent) and (observation.source, observation.known) == (source, known)


def unanswered(observation: Observation[Any], source: str, reason: str) -> bool:
    """Whether there was no answer, for a reason that has this in it."""
    return isinstance(observation, Assumed) and observation.source == source and reason in observation.reason
