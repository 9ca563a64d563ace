"""A finding: one reason to refuse, in the shape that every message has."""

from dataclasses import dataclass
from typing import Final

from workshop.model.legible import one_line
from workshop.model.settings.window import Override

NOT_JUDGED: Final = ", not judged"
"""Follows the rule's name where a finding tells only of what is not known."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    rule: stable kebab-case id; resource: what it is about; problem: what is wrong with it, with the
    value found and the value needed; why: what it would lead to; fix: the command or setting that fixes it.
    is_judged: false where nothing is known to be wrong: a look-up had no answer, or a setting has no value.
    override: the setting that lets it pass within the window, if one does.
    """

    rule: str
    resource: str
    problem: str
    why: str
    fix: str
    is_judged: bool = True
    override: Override | None = None

    def __str__(self) -> str:
        """One line, legible whoever named the resource."""
        return one_line(f"{self.resource}: {self.problem}; {self.why}: {self.fix}")


class Refused(Exception):
    """The model's rules do not allow this plan; nothing was changed. One line a finding, as `line` writes it."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(line(finding) for finding in findings))


def line(finding: Finding) -> str:
    """A finding with its rule's name, and whether it was judged."""
    return f"[{finding.rule}{'' if finding.is_judged else NOT_JUDGED}] {finding}"
