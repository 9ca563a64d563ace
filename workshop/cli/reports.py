"""What the gate found, in the formats that other tools read. Every writer takes the same report and answers text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Final, cast

from junitparser import Failure, JUnitXml, TestCase, TestSuite
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

from workshop.model.outcome import Violation

SARIF_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was judged and what was found. judged: every policy's name with what it demands, in order."""

    stack: str
    users: int
    judged: Mapping[str, str]
    violations: tuple[Violation, ...]
    exit_code: int

    @property
    def file(self) -> str:
        """Where the stack's settings stand: the file to which tools pin what was found."""
        return f"Pulumi.{self.stack}.yaml"


def resource_name(violation: Violation) -> str:
    """The resource without the rest of its URN."""
    return violation.resource.rpartition("::")[2]


def reason(violation: Violation) -> str:
    """The message without the policy's title."""
    return violation.message.rpartition("\n")[2]


def as_sarif(report: Report) -> str:
    """SARIF 2.1.0, as code scanning takes it."""
    rules = [
        ReportingDescriptor(id=policy, name=policy, short_description=Message(text=title))
        for policy, title in _rules(report).items()
    ]
    place = PhysicalLocation(artifact_location=ArtifactLocation(uri=report.file), region=Region(start_line=1))
    results = [
        Result(
            rule_id=violation.policy,
            level=Level.ERROR if violation.is_mandatory else Level.NOTE,
            message=Message(text=f"{resource_name(violation)}: {reason(violation)}"),
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
    """JUnit XML: a test case for every policy, failed by what it refuses."""
    suite = TestSuite("workshop gate")
    for policy in _rules(report):
        case = TestCase(policy, classname="policies")
        case.result = [
            Failure(f"{resource_name(violation)}: {reason(violation)}", type_=policy)
            for violation in report.violations
            if violation.policy == policy and violation.is_mandatory
        ]
        suite.add_testcase(case)
    document = JUnitXml("workshop gate")
    document.add_testsuite(suite)
    return cast("bytes", document.tostring()).decode("utf-8")


def as_github(report: Report) -> str:
    """Workflow commands, which GitHub turns into annotations."""
    return "".join(
        f"::{'error' if violation.is_mandatory else 'notice'} file={report.file},line=1,"
        f"title={_escaped(violation.policy, is_property=True)}::"
        f"{_escaped(f'{resource_name(violation)}: {reason(violation)}')}\n"
        for violation in report.violations
    )


def as_markdown(report: Report) -> str:
    """A summary for a pull request."""
    refused = [violation for violation in report.violations if violation.is_mandatory]
    verdict = f"Refused: {len(refused)} violations." if refused else "Clean."
    lines = [f"# Gate: {report.stack}, {report.users} users", "", verdict]
    if report.violations:
        lines += ["", "| policy | resource | found |", "|---|---|---|"]
        lines += [
            f"| {violation.policy}{'' if violation.is_mandatory else ' (advice)'} | {_cell(resource_name(violation))} "
            f"| {_cell(reason(violation))} |"
            for violation in report.violations
        ]
    return "\n".join([*lines, "", f"{len(report.judged)} policies judged."]) + "\n"


def as_json(report: Report) -> str:
    """Everything there is to say."""
    return (
        json.dumps(
            {
                "stack": report.stack,
                "users": report.users,
                "exit_code": report.exit_code,
                "judged": list(report.judged),
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


def _rules(report: Report) -> dict[str, str]:
    """Policies that judged, and the model's rules among what was found."""
    found = {violation.policy: "One of the model's own rules." for violation in report.violations}
    return {**found, **report.judged}


def _escaped(text: str, *, is_property: bool = False) -> str:
    """As workflow commands demand it."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
