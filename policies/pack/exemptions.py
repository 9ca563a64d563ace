"""Exemptions: violations that somebody answers for, for a time. They live in exemptions.yaml, under version control."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from policies.framework.policy import Context, Declared, Policy, Problem

FILE = Path(__file__).parents[1] / "exemptions.yaml"

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
    return _EXEMPTIONS.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")) or ())


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
    """Exemptions and which of them were needed in this run. today: UTC."""

    exemptions: tuple[Exemption, ...]
    today: date
    used: set[Exemption] = field(default_factory=set[Exemption])

    def excuses(self, policy: str, resource: str) -> bool:
        """Whether a violation is exempt; remembers that it was."""
        found = [entry for entry in self.exemptions if (entry.policy, entry.resource) == (policy, resource)]
        valid = [entry for entry in found if entry.expires >= self.today]
        self.used.update(found)
        return bool(valid)

    def in_force(self) -> Iterator[Exemption]:
        """Exemptions that excuse something in this run."""
        return (entry for entry in self.exemptions if entry in self.used and entry.expires >= self.today)

    def problems(self, known_policies: frozenset[str]) -> Iterator[Problem]:
        """Exemptions that expired, were not needed or name no policy."""
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
            elif entry not in self.used:
                yield Problem(
                    problem=f"the exemption from {entry.policy} of '{entry.resource}' excuses nothing in this stack",
                    fix="remove it from policies/exemptions.yaml",
                )
