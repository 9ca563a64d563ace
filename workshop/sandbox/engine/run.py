"""Preview, up, refresh and destroy of one stack on the sandbox's engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from workshop.model.findings import Refused
from workshop.model.outcome import Change, Outcome, Violation
from workshop.sandbox.engine.errors import EngineError, PolicyViolated
from workshop.sandbox.engine.planning.planner import Mode, Planner
from workshop.sandbox.engine.policies.judging import Judging
from workshop.sandbox.engine.policies.pack import PolicyPack
from workshop.sandbox.engine.program.language_host import run_program
from workshop.sandbox.engine.program.monitor import Engine, Monitor
from workshop.sandbox.engine.registration.hooks import Hooks
from workshop.sandbox.engine.registration.workers import Workers
from workshop.sandbox.engine.signals import Stop
from workshop.sandbox.engine.state.deployment import State, StateFile
from workshop.sandbox.engine.state.lock import locked
from workshop.sandbox.engine.state.records import in_dependency_order
from workshop.sandbox.engine.steps.pending import resolve_pending
from workshop.sandbox.engine.steps.registry import ProviderFactory, Registry
from workshop.sandbox.engine.steps.steps import Steps
from workshop.sandbox.engine.values import masked

RunOperation = Literal["preview", "up", "destroy", "refresh"]


def run(
    operation: RunOperation,
    *,
    project: str,
    stack: str,
    state_file: Path,
    program: Path,
    config: Mapping[str, str],
    providers: Mapping[str, ProviderFactory],
    policy_pack: Path | None,
    refresh: bool = False,
    on_change: Callable[[Change], None] | None = None,
    on_message: Callable[[str, str], None] | None = None,
) -> Outcome:
    """Runs one operation and says what came of it; nothing that a person can cause is raised.

    config: fully qualified keys ("workshop:users") to strings. providers: package -> constructor from a
    provider resource's inputs. refresh: read every resource back before it is compared. on_change: told
    each change as it is made (as it is planned, in a preview). on_message: what the program logs, with its
    severity. `up` previews with rules and policies first and touches nothing if that does not pass;
    `destroy` keeps what is protected, lists it as "same", and runs the program for its hooks.
    """
    job = _Job(
        project=project,
        stack=stack,
        files=StateFile(state_file.resolve()),
        program=program.resolve(),
        config=config,
        providers=providers,
        is_refreshing=refresh,
        on_change=on_change,
        on_message=on_message,
    )
    stop = Stop()
    try:
        with ExitStack() as cleanup:
            if operation != "preview":
                cleanup.enter_context(locked(job.files.lock, operation))
            pack: PolicyPack | None = None
            if policy_pack and operation in ("preview", "up"):
                pack = PolicyPack(policy_pack.resolve(), project=project, stack=stack, config=config)
                cleanup.callback(pack.close)
            cleanup.enter_context(stop.on_signals())
            return job.perform(operation, pack, stop)
    except KeyboardInterrupt:
        return Outcome(error="stopped before anything was changed")
    except EngineError as error:
        return Outcome(error=str(error))


@dataclass(frozen=True, kw_only=True)
class _Job:
    project: str
    stack: str
    files: StateFile
    program: Path
    config: Mapping[str, str]
    providers: Mapping[str, ProviderFactory]
    is_refreshing: bool
    on_change: Callable[[Change], None] | None
    on_message: Callable[[str, str], None] | None

    def perform(self, operation: RunOperation, pack: PolicyPack | None, stop: Stop) -> Outcome:
        state = self.files.load()
        if operation == "preview":
            return self._go(state.copy(), "update", pack, stop, is_preview=True)
        mode: Mode = "destroy" if operation == "destroy" else "update"
        if operation == "up":
            planned = self._go(state.copy(), mode, pack, stop, is_preview=True, is_silent=True)
            if planned.is_refused or planned.error:
                return planned
        stop.changing()
        state = self.files.open(state)
        try:
            if operation == "refresh":
                return self._refresh(state, stop)
            return self._go(state, mode, pack, stop, is_preview=False)
        finally:
            self.files.close(state)

    def _go(
        self,
        state: State,
        mode: Mode,
        pack: PolicyPack | None,
        stop: Stop,
        *,
        is_preview: bool,
        is_silent: bool = False,
    ) -> Outcome:
        registry = Registry(self.providers, self.config, state)
        resolve_pending(state, registry, lambda text: None if is_silent else self._say(text))
        workers = Workers()
        hooks = Hooks(workers, is_preview=is_preview)
        steps = Steps(
            state=state,
            registry=registry,
            hooks=hooks,
            is_preview=is_preview,
            on_change=None if is_silent else self.on_change,
            may_continue=stop.may_continue,
            waiting=workers.lending_turn,
        )
        judging = Judging(pack, is_preview=is_preview)
        planner = Planner(
            project=self.project,
            stack=self.stack,
            mode=mode,
            state=state,
            registry=registry,
            steps=steps,
            judging=judging,
            is_refreshing=self.is_refreshing,
        )
        monitor = Monitor(planner, registry, hooks, workers, config=self.config, is_preview=is_preview)
        try:
            error, refused = self._run_program(monitor, workers, is_preview=is_preview)
        finally:
            hooks.close()
        is_applied = not is_preview and any(change.operation not in ("same", "read") for change in steps.changes)
        return Outcome(
            changes=tuple(steps.changes),
            violations=(*refused, *judging.violations()),
            outputs=_outputs(planner),
            error=error,
            applied=is_applied,
        )

    def _run_program(
        self, monitor: Monitor, workers: Workers, *, is_preview: bool
    ) -> tuple[str | None, tuple[Violation, ...]]:
        """Why it could not run to its end, and what the model's rules found."""
        try:
            run_program(
                self.program,
                project=self.project,
                stack=self.stack,
                config=self.config,
                is_preview=is_preview,
                monitor=monitor,
                engine=Engine(self.on_message),
                workers=workers,
            )
        except Refused as refused:
            return None, tuple(Violation.of_rule(finding) for finding in refused.findings)
        except PolicyViolated:
            return None, ()
        except KeyboardInterrupt:
            return "stopped: run the same command again to go on", ()
        except EngineError as failed:
            return str(failed), ()
        return None, ()

    def _refresh(self, state: State, stop: Stop) -> Outcome:
        """Reads everything back, without the program."""
        registry = Registry(self.providers, self.config, state)
        workers = Workers()
        steps = Steps(
            state=state,
            registry=registry,
            hooks=Hooks(workers, is_preview=False),
            is_preview=False,
            on_change=self.on_change,
            may_continue=stop.may_continue,
        )
        try:
            resolve_pending(state, registry, self._say)
            for record in in_dependency_order(state.records.values()):
                found = steps.refresh(record)
                if not record.delete:
                    steps.note("delete" if found is None else "same" if found == record else "refresh", record)
            state.prune()
        except EngineError as failed:
            return Outcome(changes=tuple(steps.changes), error=str(failed))
        finally:
            workers.shutdown()
        return Outcome(changes=tuple(steps.changes), applied=any(c.operation != "same" for c in steps.changes))

    def _say(self, text: str) -> None:
        if self.on_message:
            self.on_message("warning", text)


def _outputs(planner: Planner) -> Mapping[str, Any]:
    record = planner.stack_record
    return masked(dict(record.outputs)) if record else {}
