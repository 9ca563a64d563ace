"""The sandbox: our engine, in this process, on simulated clouds and clusters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from workshop.cli.runs import Run, read_releases, read_run, save_release, save_run
from workshop.cli.sandbox_config import config_for_server, save_users
from workshop.cli.screen import Screen
from workshop.cli.stack import USERS, Stack
from workshop.model.images.history import Release
from workshop.model.outcome import Change, Outcome, Violation, violations_in
from workshop.model.settings.commands import PROJECT
from workshop.observe.clock import now
from workshop.observe.project import project_folder
from workshop.sandbox.engine.state.deployment import StateFile
from workshop.sandbox.paths import SandboxPaths


class SandboxBackend:
    """Starts the sandbox's server if need be and keeps this process to this machine."""

    asks = False

    def __init__(self, stack: Stack, screen: Screen) -> None:
        self._stack = stack
        self._screen = screen
        self._paths = SandboxPaths.from_environment()
        self._state_file = self._paths.stacks / f"{stack.name}.json"

    def preview(self) -> Outcome:
        """Runs the program and the pack; no state is written."""
        return self._run("preview", "Previewing")

    def up(self) -> Outcome:
        """Previews, judges and applies; the number of users is saved with the first change."""
        return self._apply("up", "Previewing and applying")

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """From the stack's state."""
        return json.loads(StateFile(self._state_file).load().text())["deployment"]["resources"]

    def last_run(self) -> Run | None:
        """From the sandbox's data."""
        return read_run(self._stack.name)

    def releases(self) -> Sequence[Release]:
        """From the sandbox's data."""
        return read_releases(self._stack.name)

    def preview_destroy(self) -> Outcome:
        """Nothing to confirm: the sandbox doesn't ask."""
        return Outcome()

    def destroy(self) -> Outcome:
        """Releases; the program runs, so that what guards a deletion can speak."""
        return self._apply("destroy", "Releasing")

    def outputs(self) -> Mapping[str, Any]:
        """From the stack's state."""
        last = self.last_run()
        if last is not None and last.has_released:
            return {}
        for resource in self.resources():
            if resource["type"] == "pulumi:pulumi:Stack":
                return resource.get("outputs", {})
        return {}

    def _apply(self, operation: Literal["up", "destroy"], what: str) -> Outcome:
        """Saves what has begun before anything is changed: after a kill the run can be repeated, or released."""
        run = Run(operation=operation, started_at=now())
        has_begun = False

        def begin() -> None:
            nonlocal has_begun
            if not has_begun:
                has_begun = True
                save_run(self._stack.name, run)
                if operation == "up":
                    save_users(self._stack.name, int(self._stack.config[USERS]))

        outcome = self._run(operation, what, begin)
        if has_begun or outcome.applied:
            result = "succeeded" if outcome.error is None and not outcome.is_refused else "failed"
            save_run(self._stack.name, run.model_copy(update={"result": result}))
            digest = self._stack.settings.image.digest
            if operation == "up" and result == "succeeded" and digest:
                save_release(self._stack.name, Release(digest=digest, succeeded_at=now()))
        return outcome

    def _run(
        self, operation: Literal["preview", "up", "destroy"], what: str, begin: Callable[[], None] = lambda: None
    ) -> Outcome:
        # Imported here, since reading a state for `outputs` needs none of it and takes a fifth of the time.
        from workshop.sandbox.engine.run import run
        from workshop.sandbox.isolation import isolate
        from workshop.sandbox.lifecycle import ensure_running
        from workshop.sandbox.providers.packages import PACKAGES

        isolate(self._stack.name, self._paths)
        ensure_running(self._paths, lambda what: self._screen.notes.print(f"{what} ..."))
        warnings: list[str] = []
        project = project_folder()
        with self._screen.working(what) as say:

            def on_change(change: Change) -> None:  # in `up` and `destroy` the stack itself comes first
                begin()
                say(change)

            outcome = run(
                operation,
                project=PROJECT,
                stack=self._stack.name,
                state_file=self._state_file,
                program=project,
                config=config_for_server(self._stack.config),
                providers=PACKAGES,
                policy_pack=project / "policies",
                refresh=True,
                on_change=on_change,
                on_message=lambda severity, text: warnings.append(text) if severity == "warning" else None,
            )
        advice = violations_in("\n".join(warnings), is_mandatory=False)
        violations = (_with_way_to_add_zone(violation) for violation in outcome.violations)
        return replace(outcome, violations=(*violations, *advice))


def _with_way_to_add_zone(violation: Violation) -> Violation:
    """The sandbox makes its zones when it is first started: whoever adds one has to know."""
    if violation.policy != "rules/identity" or not violation.resource.startswith("zone "):
        return violation
    how = (
        "the sandbox has the zones that Pulumi.sandbox.yaml named when it first started: name the zone in "
        "workshop:zones there, with any 32 hexadecimal digits as its id, then scripts/workshop sandbox reset"
    )
    return replace(violation, message=f"{violation.message}; {how}")
