"""The wrapper that makes CrossGuard policies of ours; the only place where policies meet Pulumi's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import Policy as CrossGuardPolicy

from policies.exemptions import Ledger
from policies.policy import Context, Declared, Policy, StackConfig
from policies.reading import Reading, plain
from workshop.model.findings import Finding

ReadStack = Callable[[], StackConfig | None]


def crossguard(policy: Policy, read_stack: ReadStack, ledger: Ledger) -> Sequence[CrossGuardPolicy]:
    """The policy as Pulumi runs it: one for each resource and one for the stack, under the same name."""

    def context(config: Mapping[str, Any]) -> Context:
        defaults = {name: option.default for name, option in policy.options.items()}
        return Context(options=Reading({**defaults, **_plain(config)}, path=policy.id), read_stack=read_stack)

    def report(finding: Finding, send: ReportViolation, urn: str | None) -> None:
        if not ledger.excuses(finding.rule, finding.resource):
            send(message(finding), urn)

    def validate(args: ResourceValidationArgs, send: ReportViolation) -> None:
        for finding in policy.findings(declared(args), context(args.get_config())):
            report(finding, send, None)

    def validate_stack(args: StackValidationArgs, send: ReportViolation) -> None:
        resources = tuple(declared(resource) for resource in args.resources)
        for about, finding in policy.stack_findings(resources, context(args.get_config())):
            report(finding, send, about.urn if about else None)

    metadata: dict[str, Any] = {
        "name": policy.id,
        "description": policy.title,
        "enforcement_level": EnforcementLevel.MANDATORY if policy.is_mandatory else EnforcementLevel.ADVISORY,
        "severity": Severity(policy.severity),
        "remediation_steps": policy.fix,
    }
    if policy.options:
        properties = {name: option.as_schema() for name, option in policy.options.items()}
        metadata["config_schema"] = PolicyConfigSchema(properties)
    bound: list[CrossGuardPolicy] = []
    if policy.applies_to is not None:
        bound.append(ResourceValidationPolicy(validate=validate, **metadata))
    if policy.judges_stack:
        bound.append(StackValidationPolicy(validate=validate_stack, **metadata))
    return bound


def declared(args: ResourceValidationArgs | PolicyResource) -> Declared:
    """A resource without Pulumi's proxies."""
    parent = args.opts.parent
    if isinstance(args, PolicyResource) and args.parent is not None:
        parent = args.parent.urn
    return Declared(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        props=Reading(plain(args.props)),
        is_protected=args.opts.protect,
        parent=parent.split("::")[2].rsplit("$", 1)[-1] if parent else None,
    )


def message(finding: Finding) -> str:
    """What Pulumi prints; it names the resource itself."""
    return f"{finding.problem}; {finding.why}: {finding.fix}"


def _plain(config: Mapping[str, Any]) -> dict[str, object]:
    return {name: plain(value) for name, value in config.items()}
