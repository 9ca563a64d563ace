"""What a preview, up or destroy did, whichever engine ran it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from workshop.model.findings import NOT_JUDGED, Finding
from workshop.model.legible import legible

Operation = Literal["same", "create", "update", "replace", "delete", "import", "read", "refresh"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One step of a plan.

    properties: the input paths that differ, for update and replace. drift: what others changed since the last run, a
    sentence each.
    """

    operation: Operation
    type: str
    name: str
    urn: str
    properties: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Violation:
    """What a policy (or, with policy "rules/ID", one of the model's rules) found. is_judged: as in a Finding."""

    policy: str
    resource: str
    message: str
    is_mandatory: bool = True
    is_judged: bool = True

    def __post_init__(self) -> None:
        """Resources are named, and messages often worded, by others: legible in every report."""
        for name in ("policy", "resource", "message"):
            object.__setattr__(self, name, legible(getattr(self, name)))

    @classmethod
    def of_rule(cls, finding: Finding, *, is_mandatory: bool = True) -> Violation:
        """What one of the model's rules found."""
        return cls(
            policy=f"rules/{finding.rule}",
            resource=finding.resource,
            message=str(finding),
            is_mandatory=is_mandatory,
            is_judged=finding.is_judged,
        )


_FINDING: Final = re.compile(
    rf"^\s*\[(?P<rule>[a-z][a-z-]+)(?P<unknown>{NOT_JUDGED})?\] (?P<message>(?P<resource>.+?): .+)$", re.MULTILINE
)
"""How workshop.model.findings.line writes one finding."""


def violations_in(text: str, *, is_mandatory: bool) -> tuple[Violation, ...]:
    """The findings in what a program said: in an error they refuse, in a warning they are advice."""
    return tuple(
        dict.fromkeys(
            Violation(
                policy=f"rules/{match['rule']}",
                resource=match["resource"],
                message=match["message"],
                is_mandatory=is_mandatory,
                is_judged=match["unknown"] is None,
            )
            for match in _FINDING.finditer(text)
        )
    )


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result of one run.

    changes: every step, `same` included. error: why it could not run to its end, in one message, or None.
    applied: whether anything was changed for good.
    """

    changes: tuple[Change, ...] = ()
    violations: tuple[Violation, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error: str | None = None
    applied: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether a rule or a mandatory policy stopped it."""
        return any(violation.is_mandatory for violation in self.violations)
