"""Who carries a command out: the sandbox on this machine, or the Pulumi CLI on the real thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from workshop.cli.runs import Run
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.images.history import Release
from workshop.model.outcome import Outcome


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

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """The stack's state, a resource of Pulumi's version 3 deployment each."""
        ...

    def last_run(self) -> Run | None:
        """The last run that changed the stack, or set out to; None where there was none."""
        ...

    def releases(self) -> Sequence[Release]:
        """The platform's images with which an `up` succeeded."""
        ...

    def preview_destroy(self) -> Outcome:
        """What `destroy` would do."""
        ...

    def destroy(self) -> Outcome:
        """Releases: what is protected stays (README.md, "What stays")."""
        ...

    def outputs(self) -> Mapping[str, Any]:
        """What the last `up` exported; empty where there was none, or it was released since."""
        ...


def open_backend(stack: Stack, screen: Screen) -> Backend:
    """The backend of this stack. Raises CannotRun where what it needs isn't there."""
    # Imported here, since each is heavy and a command needs one of them: the engine, or Pulumi's Automation API.
    if stack.is_sandbox:
        from workshop.cli.backends.sandbox import SandboxBackend

        return SandboxBackend(stack, screen)
    from workshop.cli.backends.pulumi import PulumiBackend

    return PulumiBackend(stack, screen)
