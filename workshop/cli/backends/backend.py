"""Who carries a command out: the sandbox on this machine, or the Pulumi CLI on the real thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from workshop.cli.backends.retained import Kept
from workshop.cli.problem import CannotRun
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.outcome import Outcome

if TYPE_CHECKING:
    from workshop.cli.answer import Answer


class Backend(Protocol):
    """Runs the program and the policy pack for one stack.

    asks: whether a person confirms before anything is changed. Every method may raise CannotRun.
    """

    asks: bool

    def preview(self) -> Outcome:
        """What `up` would do."""
        ...

    def up(self) -> Outcome:
        """Does it, and saves the number of users once rules and policies have let it pass."""
        ...

    def kept(self) -> tuple[Kept, ...]:
        """What `destroy` leaves where it is."""
        ...

    def preview_destroy(self) -> Outcome:
        """What `destroy` would do."""
        ...

    def destroy(self) -> Outcome:
        """Releases: what is protected stays (README.md, "What stays")."""
        ...

    def outputs(self) -> Mapping[str, Any]:
        """What the last `up` exported; empty where there was none."""
        ...


def open_backend(stack: Stack, screen: Screen) -> Backend:
    """The backend of this stack. Raises CannotRun where what it needs isn't there."""
    if stack.is_sandbox:
        from workshop.cli.backends.sandbox import SandboxBackend

        return SandboxBackend(stack, screen)
    from workshop.cli.backends.pulumi import PulumiBackend

    return PulumiBackend(stack, screen)


def confirmed(answer: Answer, preview: Callable[[], Outcome], yes: bool) -> bool:
    """Shows what would change and asks; yes answers in advance. False where it is refused or declined.

    Raises CannotRun where nobody can be asked.
    """
    from workshop.cli.render.text import tell_outcome

    if not yes and not answer.screen.can_ask:
        raise CannotRun(
            f"Nobody is here to confirm a change of stack {answer.stack_name}: run it in a terminal, or add --yes."
        )
    answer.outcome = preview()
    if answer.outcome.is_refused or answer.outcome.error is not None:
        return False
    if yes:
        return True
    tell_outcome(answer)
    answer.is_declined = answer.screen.ask(f"Change stack {answer.stack_name} like this? [y/N]").lower() not in (
        "y",
        "yes",
    )
    return not answer.is_declined
