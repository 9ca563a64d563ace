"""Exemptions: violations that somebody answers for, for a time. They live in exemptions.yaml, under version control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from policies.framework.policy import Context, Declared, Policy, Problem

FILE = Path(__file__).parents[1] / "exemptions.yaml"

MOST = timedelta(days=90)
"""An exemption holds for a workshop or two; by then somebody looks at it again."""
OWN_POLICIES = frozenset({"exemptions", "exemptions-in-force"})

Text = Annotated[str, Field(min_length=1)]


class Exemption(BaseModel):
    """One policy that one resource may violate. expires: the last day on which it holds, UTC."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    policy: Text
    resource: Text
    reason: Annotated[str, Field(min_length=10)]
    owner: Text
    expires: date

    def __str__(self) -> str:
        return f"{self.policy} on {self.resource}, until {self.expires} by {self.owner}: {self.reason}"


_EXEMPTIONS = TypeAdapter(tuple[Exemption, ...])


def read_exemptions(file: Path = FILE) -> tuple[Exemption, ...]:
    """The exemptions in a file. Raises ValueError, naming entry and field, if it does not hold to its form."""
    try:
        return _EXEMPTIONS.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or ())
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def read_ledger(today: date, file: Path = FILE) -> Ledger:
    """The exemptions in a file; where it cannot be read, none, and the policy `exemptions` says why."""
    try:
        return Ledger(read_exemptions(file), today)
    except ValueError as error:
        return Ledger((), today, fault=" ".join(str(error).split()))


def exemption_policies(ledger: Ledger, known_policies: frozenset[str]) -> tuple[Policy, ...]:
    """The policies that judge the exemptions themselves; they come last, when it is known which were needed."""

    def judge_entries(_resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        """Entries that expired, that excuse nothing in this stack, or that name no policy."""
        yield from ledger.problems(known_policies)

    def report(_resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        """Every entry that excuses something, with who answers for it and until when."""
        for entry in ledger.in_force():
            yield Problem(
                problem=f"exempt: {entry}", fix=f"fix {entry.resource}, then remove it from policies/exemptions.yaml"
            )

    return (
        Policy(
            id="exemptions",
            title="Exemptions name a policy, have not expired and are needed.",
            why="an exemption that nobody needs hides the next violation",
            fix="Correct policies/exemptions.yaml.",
            source="policies/exemptions.yaml",
            judge_stack=judge_entries,
        ),
        Policy(
            id="exemptions-in-force",
            title="Exemptions that hold in this stack are shown in every report.",
            why="somebody answers for it until then",
            fix="Fix the resource before the exemption expires.",
            source="policies/exemptions.yaml",
            severity="low",
            is_mandatory=False,
            judge_stack=report,
        ),
    )


@dataclass
class Ledger:
    """Exemptions and which of them were needed in this run. today: UTC; fault: why the file could not be read."""

    exemptions: tuple[Exemption, ...]
    today: date
    used: set[Exemption] = field(default_factory=set[Exemption])
    fault: str = ""

    def excuses(self, policy: str, resource: str) -> bool:
        """Whether a violation is exempt; remembers that it was. What is said of exemptions themselves never is."""
        if policy in OWN_POLICIES:
            return False
        found = [entry for entry in self.exemptions if (entry.policy, entry.resource) == (policy, resource)]
        valid = [entry for entry in found if self._holds(entry)]
        self.used.update(found)
        return bool(valid)

    def in_force(self) -> Iterator[Exemption]:
        """Exemptions that excuse something in this run."""
        return (entry for entry in self.exemptions if entry in self.used and self._holds(entry))

    def _holds(self, entry: Exemption) -> bool:
        return self.today <= entry.expires <= self.today + MOST

    def problems(self, known_policies: frozenset[str]) -> Iterator[Problem]:
        """Exemptions that expired, hold too long, stand twice, were not needed or name no policy."""
        if self.fault:
            yield Problem(
                problem=f"policies/exemptions.yaml cannot be read, so nothing is exempt: {self.fault}",
                fix="correct it: a list of entries with policy, resource, reason, owner and expires",
            )
        named = [(entry.policy, entry.resource) for entry in self.exemptions]
        for pair in sorted({pair for pair in named if named.count(pair) > 1}):
            yield Problem(
                problem=f"the exemption from {pair[0]} of '{pair[1]}' is listed {named.count(pair)} times",
                fix="keep one of them in policies/exemptions.yaml",
            )
        for entry in self.exemptions:
            if entry.policy not in known_policies:
                yield Problem(
                    problem=f"the exemption of '{entry.resource}' names '{entry.policy}', which is no policy",
                    fix="correct its policy in policies/exemptions.yaml, or remove it",
                )
            elif entry.expires < self.today:
                yield Problem(
                    problem=f"the exemption from {entry.policy} of '{entry.resource}' expired on {entry.expires}, "
                    f"today is {self.today}",
                    fix=f"fix the resource, or have {entry.owner} renew it in policies/exemptions.yaml",
                )
            elif entry.expires > self.today + MOST:
                yield Problem(
                    problem=f"the exemption from {entry.policy} of '{entry.resource}' expires on {entry.expires}, the "
                    f"latest is {self.today + MOST}, {MOST.days} days from today",
                    fix=f"set its expires to {self.today + MOST} or earlier in policies/exemptions.yaml",
                )
            elif entry not in self.used:
                yield Problem(
                    problem=f"the exemption from {entry.policy} of '{entry.resource}' excuses nothing in this stack",
                    fix="remove it from policies/exemptions.yaml",
                )
