"""From the Pulumi CLI's event stream to an outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pulumi.automation.events import EngineEvent, OpType, StepEventMetadata

from workshop.model.outcome import Change, Operation, Outcome, Violation, violations_in

_OPERATIONS: Final[dict[OpType, Operation]] = {
    OpType.SAME: "same",
    OpType.CREATE: "create",
    OpType.UPDATE: "update",
    OpType.DELETE: "delete",
    OpType.REPLACE: "replace",
    OpType.CREATE_REPLACEMENT: "replace",
    OpType.IMPORT: "import",
    OpType.READ: "read",
}


class Events:
    """Collects the events of one run of the CLI."""

    def __init__(self, on_change: Callable[[Change], None]) -> None:
        self._on_change = on_change
        self._changes: dict[str, Change] = {}
        self._violations: dict[Violation, None] = {}
        self._errors: list[str] = []
        self._warnings: list[str] = []

    def __call__(self, event: EngineEvent) -> None:
        """Takes the next event in."""
        if event.resource_pre_event is not None:
            self._step(event.resource_pre_event.metadata)
        if event.policy_event is not None:
            policy = event.policy_event
            self._violations[
                Violation(
                    policy=policy.policy_name,
                    resource=(policy.resource_urn or "").rpartition("::")[2],
                    message=policy.message.strip(),
                    is_mandatory=policy.enforcement_level == "mandatory",
                )
            ] = None
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "error":
            self._errors.append(event.diagnostic_event.message.strip())
        if event.diagnostic_event is not None and event.diagnostic_event.severity == "warning":
            self._warnings.append(event.diagnostic_event.message.strip())

    def error(self) -> str:
        """What went wrong, as the CLI said it."""
        return "\n".join(dict.fromkeys(self._errors))

    def outcome(self, *, error: str | None, applies: bool) -> Outcome:
        """Everything so far. error: why the run failed; it is no error where rules or policies explain it."""
        violations = (*self._violations, *self._findings())
        is_refused = any(violation.is_mandatory for violation in violations)
        changes = tuple(self._changes.values())
        return Outcome(
            changes=changes,
            violations=violations,
            error=None if is_refused else error,
            applied=applies and any(change.operation != "same" for change in changes),
        )

    def _step(self, step: StepEventMetadata) -> None:
        operation = _OPERATIONS.get(step.op)
        earlier = self._changes.get(step.urn)
        # A destroy runs the program first, which tells `same`; of a replacement's parts the replacement counts.
        if operation is None or (earlier and earlier.operation != "same" and operation != "replace"):
            return
        change = Change(
            operation=operation,
            type=step.type,
            name=step.urn.rpartition("::")[2],
            urn=step.urn,
            properties=tuple(sorted(step.detailed_diff or ())) if operation in ("update", "replace") else (),
        )
        self._changes[step.urn] = change
        self._on_change(change)

    def _findings(self) -> tuple[Violation, ...]:
        return (
            *violations_in("\n".join(self._errors), is_mandatory=True),
            *violations_in("\n".join(self._warnings), is_mandatory=False),
        )
