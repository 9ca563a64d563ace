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

from policies.framework.kinds import Kind
from policies.framework.patches import Identity, identity, is_same_cluster, patched
from policies.framework.policy import Context, Declared, Policy, StackConfig
from policies.framework.reading import Reading, plain
from policies.pack.exemptions import Ledger
from policies.resources.contents import contains_others, with_contents
from workshop.model.findings import Finding

ReadStack = Callable[[], StackConfig | None]


class Session:
    """One run of the pack: the stack's config, the exemptions, and the inputs of every resource so far.

    Pulumi hands policies that judge the whole stack each resource's outputs, which for a patch are the whole live
    object, with values that nobody declares. Its inputs were seen before it was touched, and they are judged: of a
    patch of something that the stack declares too, as the object that results; of a list or a Helm release, as what is
    in it. Where it refreshes, it hands over what it has just deleted as well (step_executor.go stores every state that
    a step leaves): that was not seen in this run.
    """

    def __init__(self, read_stack: ReadStack, ledger: Ledger) -> None:
        self.read_stack = read_stack
        self.ledger = ledger
        self._seen: dict[str, ResourceValidationArgs] = {}
        self._read: dict[str, tuple[ResourceValidationArgs, Declared]] = {}
        self._objects: dict[Identity, dict[str, Declared]] = {}
        self._indexed: set[str] = set()

    def see(self, args: ResourceValidationArgs, applies_to: Kind | None) -> tuple[Declared, ...]:
        """Remembers a resource's inputs; answers what a policy takes of it and of what it contains, as declared."""
        self._seen[args.urn] = args
        kind = args.resource_type
        is_taken = applies_to is not None and (applies_to(kind) or contains_others(kind))
        if not is_taken and (args.urn in self._indexed or not kind.startswith("kubernetes:")):
            return ()
        self._indexed.add(args.urn)
        found = tuple(with_contents(self.declared(args)))
        for index, one in enumerate(found):
            if about := identity(one):
                self._objects.setdefault(about, {})[f"{args.urn}#{index}"] = one
        return tuple(one for one in found if applies_to is not None and applies_to(one.type))

    def declared(self, args: ResourceValidationArgs) -> Declared:
        """A resource as declared, with its parent, which was declared before it."""
        parent = self._seen.get(args.opts.parent or "")
        return declared(args, parent=self._once(parent) if parent else None)

    def resulting(self, one: Declared) -> Declared:
        """The object that a resource and all patches of it seen so far make; itself where it is not declared whole."""
        about = identity(one)
        others = [
            other
            for other in (self._objects.get(about, {}).values() if about else ())
            if is_same_cluster(one, other) and other.urn != one.urn
        ]
        patches = [other for other in others if other.is_patch]
        if not one.is_patch:
            return patched(one, patches) if patches else one
        whole = next((other for other in others if not other.is_patch), None)
        return patched(whole, [*patches, one], one) if whole else one

    def resources(self, args: StackValidationArgs) -> tuple[Declared, ...]:
        """What the program declares and what that contains; all of it as it came out where nothing was seen."""
        return tuple(
            one if one.is_patch else self.resulting(one)
            for resource in args.resources
            if resource.urn in self._seen or not self._seen
            for one in with_contents(self._as_seen(resource))
        )

    def _as_seen(self, resource: PolicyResource) -> Declared:
        seen = self._seen.get(resource.urn)
        return declared(resource) if seen is None else self._once(seen)

    def _once(self, seen: ResourceValidationArgs) -> Declared:
        read = self._read.get(seen.urn)
        if read is None or read[0] is not seen:
            read = self._read[seen.urn] = (seen, self.declared(seen))
        return read[1]


def crossguard(policy: Policy, session: Session) -> Sequence[CrossGuardPolicy]:
    """The policy as Pulumi runs it: one for each resource and one for the stack, under the same name."""

    def context(config: Mapping[str, Any]) -> Context:
        defaults = {name: option.default for name, option in policy.options.items()}
        return Context(options=Reading({**defaults, **_plain(config)}, path=policy.id), read_stack=session.read_stack)

    def report(finding: Finding, send: ReportViolation, urn: str | None) -> None:
        if not session.ledger.excuses(finding.rule, finding.resource):
            send(message(finding), urn)

    def validate(args: ResourceValidationArgs, send: ReportViolation) -> None:
        for one in session.see(args, policy.applies_to):
            judged = one if policy.judges_patches else session.resulting(one)
            for finding in policy.findings(judged, context(args.get_config())):
                report(finding, send, None)

    def validate_stack(args: StackValidationArgs, send: ReportViolation) -> None:
        resources = session.resources(args)
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


def declared(args: ResourceValidationArgs | PolicyResource, parent: Declared | None = None) -> Declared:
    """A resource without Pulumi's proxies."""
    return Declared(
        type=args.resource_type,
        name=args.name,
        urn=args.urn,
        props=Reading(plain(args.props)),
        is_protected=args.opts.protect,
        provider=Reading(plain(args.provider.props), path="provider") if args.provider else None,
        provider_urn=args.provider.urn if args.provider else "",
        parent=parent,
    )


def message(finding: Finding) -> str:
    """What Pulumi prints; it names the resource itself."""
    return f"{finding.problem}; {finding.why}: {finding.fix}"


def _plain(config: Mapping[str, Any]) -> dict[str, object]:
    return {name: plain(value) for name, value in config.items()}
