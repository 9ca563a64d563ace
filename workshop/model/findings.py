"""A finding: one reason to refuse, in the shape that every message has."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong.

    rule: stable kebab-case id; resource: what it is about; problem: what is wrong with it, with the
    value found and the value needed; why: what it would lead to; fix: the command or setting that mends it.
    """

    rule: str
    resource: str
    problem: str
    why: str
    fix: str

    def __str__(self) -> str:
        return f"{self.resource}: {self.problem}; {self.why}: {self.fix}"


class Refused(Exception):
    """The model's rules do not allow this plan; nothing was changed. One line a finding."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(f"[{finding.rule}] {finding}" for finding in findings))
