"""When the policies are asked: before each change, and while the program goes on where nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from workshop.model.outcome import Violation
from workshop.sandbox.engine.errors import EngineError, PolicyViolated
from workshop.sandbox.engine.policies.pack import Answer, PolicyPack
from workshop.sandbox.engine.registration.goals import Goal
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import name_of


class Judging:
    """One run's questions to a pack, sent in the order of the program; a preview does not wait for the answers.

    A thread sends them, since the pack may not be ready yet.
    """

    def __init__(self, pack: PolicyPack | None, *, is_preview: bool) -> None:
        self._pack = pack
        self._is_preview = is_preview
        self._asker = ThreadPoolExecutor(1, "policies")
        self._asked: list[Future[Answer]] = []
        self._error: EngineError | None = None

    def judge(self, record: Record, goal: Goal, provider: Record | None) -> None:
        """Asks the resource policies. Raises PolicyViolated before a change that a mandatory one forbids."""
        if self._pack is None:
            return
        self._ask(partial(self._pack.judge, record, goal, provider))
        if not self._is_preview and _is_forbidden(self._asked[-1].result()()):
            raise PolicyViolated(f"{record.type} {name_of(record.urn)}: a mandatory policy is violated")

    def judge_stack(self, resources: Iterable[tuple[Record, Goal | None, Record | None]], stack_urn: str) -> None:
        """Asks the stack policies. Raises PolicyViolated where a mandatory one is violated by what was applied."""
        if self._pack is None:
            return
        self._ask(partial(self._pack.judge_stack, resources, stack_urn))
        if not self._is_preview and _is_forbidden(self._asked[-1].result()()):
            raise PolicyViolated("a mandatory stack policy is violated")

    def violations(self) -> tuple[Violation, ...]:
        """What they found, once they have answered everything. Raises EngineError where the pack can't be asked."""
        self._asker.shutdown()
        return tuple(violation for asked in self._asked for violation in asked.result()())

    def _ask(self, question: Callable[[], Answer]) -> None:
        self._asked.append(self._asker.submit(self._send, question))

    def _send(self, question: Callable[[], Answer]) -> Answer:
        if self._error:
            raise self._error
        try:
            return question()
        except EngineError as error:
            self._error = error
            raise


def _is_forbidden(violations: Iterable[Violation]) -> bool:
    return any(violation.is_mandatory for violation in violations)
