"""The gate's report as SARIF 2.1.0, as code scanning takes it."""

from __future__ import annotations

from typing import Final

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

from workshop.cli.render.gate.text import resource_name
from workshop.cli.render.text import message_of
from workshop.cli.reports import GateReport, PolicySummary
from workshop.model.outcome import Violation

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

MODEL_RULE: Final = "One of the model's own rules."


def as_sarif(report: GateReport) -> str:
    """GitHub wants each rule described at length and with help."""
    rules = {violation.policy: None for violation in report.violations} | dict(report.policies)
    driver = ToolDriver(name="workshop gate", rules=[_rule(name, policy) for name, policy in rules.items()])
    run = Run(tool=Tool(driver=driver), results=[_result(violation, report.file) for violation in report.violations])
    log = Sarif.model_validate({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    return log.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"


def _rule(name: str, policy: PolicySummary | None) -> ReportingDescriptor:
    return ReportingDescriptor(
        id=name,
        name=name,
        short_description=Message(text=policy.title if policy else MODEL_RULE),
        full_description=Message(text=f"A violation means that {policy.why}." if policy else MODEL_RULE),
        help=Message(text=policy.fix if policy else "The finding itself says how to fix it."),
    )


def _result(violation: Violation, file: str) -> Result:
    resource = LogicalLocation(name=resource_name(violation), fully_qualified_name=violation.resource, kind="resource")
    place = PhysicalLocation(artifact_location=ArtifactLocation(uri=file), region=Region(start_line=1))
    return Result(
        rule_id=violation.policy,
        kind="fail" if violation.is_judged else "open",
        level=_level(violation),
        message=Message(text=message_of(violation).replace("](", "] (")),  # else it is a link (SARIF, 3.11.6)
        locations=[Location(physical_location=place, logical_locations=[resource])],
    )


def _level(violation: Violation) -> Level:
    """SARIF wants `none` for what is no failure."""
    if not violation.is_judged:
        return Level.NONE
    return Level.ERROR if violation.is_mandatory else Level.NOTE
