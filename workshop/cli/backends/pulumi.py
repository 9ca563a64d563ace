"""The real thing: the Pulumi CLI through its Automation API, with the policy pack in force."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from pulumi import automation

from workshop.cli.backends.pulumi_events import Events
from workshop.cli.problem import CannotRun
from workshop.cli.runs import Run, pulumi_release, pulumi_run
from workshop.cli.screen import Screen
from workshop.cli.stack import USERS, Stack
from workshop.model.images.history import Release
from workshop.model.outcome import Outcome
from workshop.observe.project import project_folder

_RECENT_RUNS: Final = 200
"""Of the history; a way back that is older is hardly one."""


class PulumiBackend:
    """Previews with the number of users in a copy of the stack's file; the file itself changes on confirmation."""

    asks = True

    def __init__(self, stack: Stack, screen: Screen) -> None:
        if shutil.which("pulumi") is None:
            raise CannotRun(
                f"Stack {stack.name} is real and needs the Pulumi CLI, which is not on PATH: install it "
                "(https://www.pulumi.com/docs/install), then log in: pulumi login. To try the same in the sandbox, "
                "leave --stack out."
            )
        self._stack = stack
        self._screen = screen
        self._project = project_folder()
        self._packs = [str(self._project / "policies")]
        try:
            self._pulumi = automation.select_stack(stack.name, work_dir=str(self._project))
        except automation.StackNotFoundError:
            raise CannotRun(f"Pulumi's backend has no stack {stack.name}: pulumi stack init {stack.name}") from None
        except automation.CommandError as error:
            raise CannotRun(f"Pulumi can't select stack {stack.name}: {_last_lines(error)}") from None

    def preview(self) -> Outcome:
        """Runs `pulumi preview` with the pack."""
        with tempfile.TemporaryDirectory() as folder:
            file = self._file_with_users(Path(folder))
            return self._run(
                "Previewing",
                lambda on_event: self._pulumi.preview(
                    policy_packs=self._packs, color="never", on_event=on_event, config_file=file
                ),
            )

    def up(self) -> Outcome:
        """Saves the number of users in the stack's file and runs `pulumi up` with the pack."""
        users = self._stack.config[USERS]
        if self._stack.previous_users != int(users):
            self._pulumi.set_config(USERS, automation.ConfigValue(users))
        return self._run(
            "Applying",
            lambda on_event: self._pulumi.up(policy_packs=self._packs, color="never", on_event=on_event),
            applies=True,
        )

    def resources(self) -> Sequence[Mapping[str, Any]]:
        """From the stack's state."""
        deployment: Mapping[str, Any] = self._pulumi.export_stack().deployment or {}
        return deployment.get("resources", ())

    def last_run(self) -> Run | None:
        """From the history that Pulumi's backend has."""
        for summary in self._pulumi.history(page_size=1, show_secrets=False):
            return pulumi_run(summary.kind, summary.result, summary.start_time.replace(tzinfo=UTC))
        return None

    def releases(self) -> Sequence[Release]:
        """From the history that Pulumi's backend has, with the config of each run."""
        found = (
            pulumi_release(one.kind, one.result, one.end_time and one.end_time.replace(tzinfo=UTC), one.config)
            for one in self._pulumi.history(page_size=_RECENT_RUNS, show_secrets=False)
        )
        return tuple(release for release in found if release)

    def preview_destroy(self) -> Outcome:
        """Runs `pulumi destroy --preview-only`, protected resources left out."""
        return self._run("Previewing", lambda on_event: self._destroy(on_event, preview_only=True))

    def destroy(self) -> Outcome:
        """Runs `pulumi destroy --exclude-protected --run-program`."""
        return self._run("Releasing", lambda on_event: self._destroy(on_event, preview_only=False), applies=True)

    def outputs(self) -> Mapping[str, Any]:
        """Secrets are not shown."""
        last = self.last_run()
        if last is not None and last.has_released:
            return {}
        return {name: "[secret]" if output.secret else output.value for name, output in self._pulumi.outputs().items()}

    def _destroy(self, on_event: Events, *, preview_only: bool) -> object:
        return self._pulumi.destroy(
            exclude_protected=True, run_program=True, color="never", on_event=on_event, preview_only=preview_only
        )

    def _file_with_users(self, folder: Path) -> str:
        name = f"Pulumi.{self._stack.name}.yaml"
        copy = folder / name
        shutil.copyfile(self._project / name, copy)
        command = ["pulumi", "config", "set", USERS, self._stack.config[USERS], "--stack", self._stack.name]
        done = subprocess.run(
            [*command, "--config-file", str(copy)], cwd=self._project, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CannotRun(f"Pulumi can't set {USERS}: {done.stderr.strip()}")
        return str(copy)

    def _run(self, what: str, operation: Callable[[Events], object], *, applies: bool = False) -> Outcome:
        with self._screen.working(what) as on_change:
            events = Events(on_change)
            try:
                operation(events)
            except automation.CommandError as error:
                return events.outcome(error=events.error() or _last_lines(error), applies=applies)
            return events.outcome(error=None, applies=applies)


def _last_lines(error: automation.CommandError) -> str:
    """The end of what the CLI wrote to standard error."""
    lines = [line.strip() for line in str(error).partition(" stderr: ")[2].splitlines() if line.strip()]
    return " ".join(lines[-3:]) or "it failed without a word"
