"""What came of one disturbed run, and of the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tests.faults import losses
from tests.faults.losses import World
from tests.faults.processes import NONE, Conditions
from tests.faults.sandbox import Ran, Sandbox, half_written


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A command on a sandbox that is in a known condition. base: which."""

    name: str
    base: str
    arguments: tuple[str, ...]


FIRST = Phase(name="first up", base="seeded", arguments=("up", "--users", "20"))
MORE = Phase(name="up for more", base="ready", arguments=("up", "--users", "30"))
RELEASE = Phase(name="destroy", base="ready", arguments=("destroy",))
PHASES = (FIRST, MORE, RELEASE)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """fault: which; at: where in the run. is_clear: None where nobody was left to say anything.

    losses: objects that nobody knows of, duplicates, differences from an unbroken run. problems: what else is wrong.
    """

    fault: str
    at: str
    exit_code: int
    is_clear: bool | None
    losses: tuple[str, ...]
    problems: tuple[str, ...]
    is_converged: bool
    message: str = ""

    def expecting(self, words: str) -> Verdict:
        """With a problem more where the message does not have these words."""
        wrong = () if words in self.message else (f"the message lacks {words!r}: {self.message!r}",)
        return replace(self, problems=(*self.problems, *wrong))

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing wrong."""
        return self.is_converged and self.is_clear is not False and not self.losses and not self.problems


@dataclass
class Ground:
    """A sandbox, the conditions that phases start from, and where they end when nothing disturbs them."""

    sandbox: Sandbox
    first: Phase = FIRST

    @cached_property
    def before(self) -> Mapping[str, World]:
        """Base -> what there is; makes the bases when it is first asked for."""
        self.sandbox.serve()
        found = {"seeded": losses.look(self.sandbox.paths)}
        self.sandbox.stop()
        self.sandbox.keep("seeded")
        self.sandbox.serve()
        ready = self.sandbox.run(*self.first.arguments)
        assert ready.exit_code == 0, ready.text
        found["ready"] = losses.look(self.sandbox.paths)
        self.sandbox.stop()
        self.sandbox.keep("ready")
        return found

    def moments(self, phase: Phase) -> list[str]:
        """Every moment of the phase, and on the way how it ends."""
        return self._unbroken(phase)[1]

    def end(self, phase: Phase) -> World:
        """How the phase ends when nothing disturbs it."""
        return self._unbroken(phase)[0]

    def _unbroken(self, phase: Phase) -> tuple[World, list[str]]:
        if phase.name not in self._known:
            self.set(phase)
            record = self.sandbox.root / f"moments-{phase.arguments[0]}-{phase.base}"
            ran = self.sandbox.run(*phase.arguments, conditions=Conditions(record=record))
            assert ran.exit_code == 0, ran.text
            self._known[phase.name] = losses.look(self.sandbox.paths), record.read_text().splitlines()
        return self._known[phase.name]

    def __post_init__(self) -> None:
        self._known: dict[str, tuple[World, list[str]]] = {}

    def set(self, phase: Phase) -> int:
        """Puts the sandbox where the phase starts, serves it, and answers the server's process."""
        _ = self.before
        self.sandbox.restore(phase.base)
        return self.sandbox.serve()

    def judge(
        self, phase: Phase, fault: str, at: str, ran: Ran, *, fixes: Iterable[str] = (), is_fatal: bool = False
    ) -> Verdict:
        """Looks for losses after a run that was disturbed, runs it again, and looks again.

        fixes: of what else was seen to be wrong. is_fatal: nobody was left to say anything.
        """
        sandbox, problems = self.sandbox, list(fixes)
        problems += [f"half-written: {name}" for name in half_written(sandbox.paths)]
        problems += [f"still running: {line}" for line in sandbox.left_over()]
        if not sandbox.is_served:
            sandbox.stop()  # one that hangs, or has not started yet
            sandbox.serve()
        wanted = self.end(phase)
        lost = [
            f"in neither state nor pending operations: {k}"
            for k in losses.untracked(sandbox.paths, self.before[phase.base])
        ]
        is_done = not losses.differences(losses.look(sandbox.paths), wanted)
        if ran.exit_code == 0 and not is_done:
            problems.append("exit code 0, and not done")
        again = sandbox.run(*phase.arguments, conditions=NONE)
        if again.exit_code == 0:
            lost += losses.differences(losses.look(sandbox.paths), wanted)
            problems += losses.unsettled(sandbox.paths)
        else:
            problems.append(f"the next run: {again.message or again.text[-500:]}")
        return Verdict(
            fault=fault,
            at=at,
            exit_code=ran.exit_code,
            is_clear=None if is_fatal or ran.exit_code == 0 else ran.is_clear,
            losses=tuple(lost),
            problems=tuple(problems),
            is_converged=again.exit_code == 0,
            message=ran.message,
        )
