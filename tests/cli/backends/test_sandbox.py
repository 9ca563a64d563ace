"""What the sandbox saves of a run, so that whatever was applied can be released."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from workshop.cli.backends.sandbox import SandboxBackend
from workshop.cli.runs import read_run
from workshop.cli.screen import Screen
from workshop.cli.stack import read_stack
from workshop.model.outcome import Change, Outcome, Violation
from workshop.sandbox.engine import run as engine

Engine = Callable[..., Outcome]
STACK = Change(operation="create", type="pulumi:pulumi:Stack", name="s", urn="urn:pulumi:sandbox::workshop::s::s")


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def use(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    """Puts a function in the engine's place; nothing is started or cut off."""

    def nothing(*_: object) -> None: ...

    monkeypatch.setattr("workshop.sandbox.isolation.isolate", nothing)
    monkeypatch.setattr("workshop.sandbox.lifecycle.ensure_running", nothing)
    return lambda function: monkeypatch.setattr(engine, "run", function)


def backend(users: int | None = 20) -> SandboxBackend:
    return SandboxBackend(read_stack("sandbox", users, users_if_unknown=1), Screen(as_json=False))


def killed(_operation: str, *, on_change: Callable[[Change], None], **_: object) -> Outcome:
    on_change(STACK)
    raise Killed


def test_a_killed_first_up_leaves_its_users_to_the_commands_that_come(use: Callable[[Engine], None], run: Run) -> None:
    use(killed)
    with pytest.raises(Killed):
        backend().up()
    assert read_stack("sandbox").previous_users == 20
    last = read_run("sandbox")
    assert last is not None
    assert (last.operation, last.result, last.has_released) == ("up", "unfinished", False)


def test_what_was_refused_saves_nothing(use: Callable[[Engine], None]) -> None:
    use(lambda *_, **__: Outcome(violations=(Violation(policy="p", resource="r", message="r: no"),)))
    assert backend().up().is_refused
    assert read_run("sandbox") is None
    assert read_stack("sandbox", users_if_unknown=1).previous_users is None


@pytest.mark.parametrize(
    ("outcome", "is_released"), [(Outcome(applied=True), True), (Outcome(applied=True, error="no"), False)]
)
def test_outputs_end_with_a_destroy_that_succeeded(
    use: Callable[[Engine], None], outcome: Outcome, is_released: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resources(_: SandboxBackend) -> list[dict[str, object]]:
        return [{"type": "pulumi:pulumi:Stack", "outputs": {"users": 20}}]

    monkeypatch.setattr(SandboxBackend, "resources", resources)
    assert backend().outputs() == {"users": 20}
    use(lambda *_, **__: outcome)
    backend().destroy()
    assert backend().outputs() == ({} if is_released else {"users": 20})


def test_a_zone_that_the_sandbox_does_not_know_comes_with_the_way_to_add_it(use: Callable[[Engine], None]) -> None:
    unknown = Violation(policy="rules/identity", resource="zone a.io", message="zone a.io: Cloudflare has no such zone")
    use(lambda *_, **__: Outcome(violations=(unknown,)))
    (found,) = backend().preview().violations
    assert "name the zone in workshop:zones there" in found.message
    assert "scripts/workshop sandbox reset" in found.message
