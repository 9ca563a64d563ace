"""What the gate found, in the formats that other tools read. Every writer takes the same report and answers text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Final, cast

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite
from sarif_pydantic import (  # pyright: ignore[reportMissingTypeStubs] typed, but without py.typed
    ArtifactLocation,
    Level,
    Location,
    LogicalLocation,
    Message,
    PhysicalLocation,
    Region,
    ReportingDescriptor,
    Result,
    Run,
    Sarif,
    Tool,
    ToolDriver,
)

from policies.framework.policy import Policy
from policies.pack.catalog import with_exemptions
from policies.pack.exemptions import Ledger
from workshop.cli.answer import Exit
from workshop.cli.stack import Stack
from workshop.model.outcome import Outcome, Violation

NOT_ASKED: Final = "policies not judged: the program declares nothing before its own rules pass"

_COMMANDS: Final = {Level.ERROR: "error", Level.NONE: "warning", Level.NOTE: "notice"}
"""GitHub's word for each level."""

MAX_ANNOTATIONS: Final = 10
"""Of each kind that GitHub shows for one step (https://github.com/actions/toolkit/blob/main/docs/problem-matchers.md)."""

MODEL_RULE: Final = "One of the model's own rules."

SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was judged and what was found.

    policies: every policy by name, in order. are_judged: whether they were asked; what the model's
    rules refuse is never declared. violations: advice and what could not be judged among them.
    """

    stack: str
    users: int
    policies: Mapping[str, Policy]
    are_judged: bool
    violations: tuple[Violation, ...]
    exit_code: int

    @property
    def refused(self) -> tuple[Violation, ...]:
        """What stops `up` whatever a look-up would answer."""
        return tuple(one for one in self.violations if one.is_mandatory and one.is_judged)

    @property
    def not_judged(self) -> tuple[Violation, ...]:
        """What stops `up` until somebody or something answers."""
        return tuple(one for one in self.violations if one.is_mandatory and not one.is_judged)

    @property
    def advice(self) -> tuple[Violation, ...]:
        """What stops nothing."""
        return tuple(one for one in self.violations if not one.is_mandatory)

    @property
    def file(self) -> str:
        """Where the stack's settings stand: the file to which tools pin what was found."""
        return f"Pulumi.{self.stack}.yaml"


def report_of(stack: Stack, outcome: Outcome, *, is_strict: bool) -> Report:
    """A report of a run that came to its end. is_strict: what could not be judged counts as not run."""
    rules_refuse = any(violation.policy.startswith("rules/") for violation in outcome.violations)
    report = Report(
        stack=stack.name,
        users=stack.settings.users,
        policies={policy.id: policy for policy in with_exemptions(Ledger((), date.min))},
        are_judged=not rules_refuse,
        violations=tuple(legible(violation) for violation in outcome.violations),
        exit_code=Exit.DONE,
    )
    if is_strict and report.not_judged:
        return replace(report, exit_code=Exit.COULD_NOT_RUN)
    return replace(report, exit_code=Exit.REFUSED if report.refused else Exit.DONE)


def legible(violation: Violation) -> Violation:
    """The violation with characters that no report may hold, or nobody can see, written out: \\x1b, \\u202e."""
    return replace(violation, resource=_written_out(violation.resource), message=_written_out(violation.message))


def _written_out(text: str) -> str:
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


def resource_name(violation: Violation) -> str:
    """The resource without the rest of its URN."""
    return violation.resource.rpartition("::")[2]


def reason(violation: Violation) -> str:
    """The message without the policy's title."""
    return violation.message.rpartition("\n")[2]


def told(violation: Violation) -> str:
    """The message, which always begins with the resource."""
    resource, message = resource_name(violation), reason(violation)
    return message if message.startswith(resource) else f"{resource}: {message}"


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, as code scanning takes it: GitHub wants each rule described at length and with help."""
    rules = [
        ReportingDescriptor(
            id=name,
            name=name,
            short_description=Message(text=policy.title if policy else MODEL_RULE),
            full_description=Message(text=f"A violation means that {policy.why}." if policy else MODEL_RULE),
            help=Message(text=policy.fix if policy else "The finding itself says how to fix it."),
        )
        for name, policy in _rules(report).items()
    ]
    place = PhysicalLocation(artifact_location=ArtifactLocation(uri=report.file), region=Region(start_line=1))
    results = [
        Result(
            rule_id=violation.policy,
            kind="fail" if violation.is_judged else "open",
            level=_level(violation),
            message=Message(text=told(violation)),
            locations=[
                Location(
                    physical_location=place,
                    logical_locations=[
                        LogicalLocation(
                            name=resource_name(violation), fully_qualified_name=violation.resource, kind="resource"
                        )
                    ],
                )
            ],
        )
        for violation in report.violations
    ]
    run = Run(tool=Tool(driver=ToolDriver(name="workshop gate", rules=rules)), results=results)
    log = Sarif.model_validate({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})
    return log.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"


def as_junit(report: Report) -> str:
    """JUnit XML: a test case for every policy and rule, failed by what it refuses, skipped where it did not judge.

    One failure a case, since Jenkins reads no more than the first.
    """
    suite = TestSuite("workshop gate")
    for policy in _rules(report):
        case = TestCase(policy, classname="rules" if policy.startswith("rules/") else "policies")
        refused = [told(one) for one in report.refused if one.policy == policy]
        unknown = [told(one) for one in report.not_judged if one.policy == policy]
        if policy in report.policies and not report.are_judged:
            unknown = [NOT_ASKED]
        if refused:
            case.result = [Failure("\n".join(refused), type_=policy)]
        elif unknown:
            case.result = [Skipped("\n".join(unknown), type_="not judged")]
        suite.add_testcase(case)
    document = JUnitXml("workshop gate")
    document.add_testsuite(suite)
    return cast("bytes", document.tostring()).decode("utf-8")


def as_github(report: Report) -> str:
    """Workflow commands, which GitHub turns into annotations; what it would drop shares the last one of its kind."""
    lines: list[str] = []
    for level, command in _COMMANDS.items():
        found = [(_title(one), told(one)) for one in report.violations if _level(one) is level]
        if len(found) > MAX_ANNOTATIONS:
            rest = [f"{title}: {text}" for title, text in found[MAX_ANNOTATIONS - 1 :]]
            found = [*found[: MAX_ANNOTATIONS - 1], (f"{len(rest)} more", "\n".join(rest))]
        lines += [
            f"::{command} file={report.file},line=1,title={_escaped(title, is_property=True)}::{_escaped(text)}\n"
            for title, text in found
        ]
    return "".join(lines)


def as_markdown(report: Report) -> str:
    """A summary for a pull request."""
    lines = [f"# Gate: {report.stack}, {report.users} users", "", verdict(report)]
    if report.violations:
        lines += ["", "| policy | resource | found |", "|---|---|---|"]
        lines += [
            f"| {_title(violation)} | {_cell(resource_name(violation))} | {_cell(reason(violation))} |"
            for violation in report.violations
        ]
    return "\n".join([*lines, "", coverage(report)]) + "\n"


def as_json(report: Report) -> str:
    """Everything there is to say."""
    return (
        json.dumps(
            {
                "stack": report.stack,
                "users": report.users,
                "exit_code": int(report.exit_code),
                "judged": list(report.policies) if report.are_judged else [],
                "violations": [asdict(violation) for violation in report.violations],
            },
            indent=2,
        )
        + "\n"
    )


WRITERS: Final[Mapping[str, tuple[str, Callable[[Report], str]]]] = {
    "sarif": ("gate.sarif", as_sarif),
    "junit": ("gate.junit.xml", as_junit),
    "github": ("gate.github.txt", as_github),
    "markdown": ("gate.md", as_markdown),
    "json": ("gate.json", as_json),
}
"""File name and writer of each format."""


def _rules(report: Report) -> dict[str, Policy | None]:
    """Policies that judged and, as None, the model's rules among what was found."""
    return {**{violation.policy: None for violation in report.violations}, **report.policies}


def verdict(report: Report) -> str:
    """What the gate says, in a sentence or two."""
    refused, unknown = len(report.refused), len(report.not_judged)
    open_ends = f" {unknown} not judged." if unknown else ""
    if refused:
        return f"Refused: {refused} violation{'s' * (refused > 1)}.{open_ends}"
    return f"Nothing wrong in what could be judged.{open_ends}" if unknown else "Clean."


def coverage(report: Report) -> str:
    """How much was judged."""
    return f"{len(report.policies)} policies judged." if report.are_judged else f"{len(report.policies)} {NOT_ASKED}."


def _level(violation: Violation) -> Level:
    """SARIF wants `none` for what is no failure."""
    if not violation.is_judged:
        return Level.NONE
    return Level.ERROR if violation.is_mandatory else Level.NOTE


def _title(violation: Violation) -> str:
    if not violation.is_judged:
        return f"{violation.policy} (not judged)"
    return violation.policy if violation.is_mandatory else f"{violation.policy} (advice)"


def _escaped(text: str, *, is_property: bool = False) -> str:
    """As workflow commands demand it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
