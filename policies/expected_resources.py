"""expected-resources: what a stack is for is in it; what is absent cannot be judged by any other policy."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig
from workshop.model.rotation import holds_rotation
from workshop.model.settings.stack import Scope

ADMISSION_POLICIES = 3
"""In each region: workspaces' storage, pinned images, the keys of node pools (components/admission.py)."""


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Type tokens of which the stack has fewer than expected, in all or in one of the settings' clusters."""
    stack = context.stack
    for token, wanted in expected(context).items():
        found = sum(resource.type == token for resource in resources)
        if found < wanted:
            yield Problem(
                problem=f"{found} of {token} are declared, {wanted} expected",
                fix="declare them, or correct `expects` in the policies' configuration",
            )
        elif stack is not None and token in implied(stack):
            yield from elsewhere(token, resources, stack)


def elsewhere(token: str, resources: tuple[Declared, ...], stack: StackConfig) -> Iterator[Problem]:
    """Clusters that have fewer than their share, although another, or one that is not known, has more."""
    if not token.startswith("kubernetes:"):
        return
    regions = stack.settings.regions
    for region in regions:
        found = sum(resource.type == token and resource.cluster == region.cluster.context for resource in resources)
        if found < (wanted := implied(stack)[token] // len(regions)):
            yield Problem(
                problem=f"{found} of {token} are declared in the cluster of {region.name}, {wanted} expected",
                fix=f"declare them on the provider of the cluster of {region.name}",
            )


def expected(context: Context) -> dict[str, int]:
    """How many of each type: the option's, and what the stack's own settings imply."""
    wanted = {token: count.integer() for token, count in context.options.member("expects").entries_or_none().items()}
    stack = context.stack
    for token, count in implied(stack).items() if stack else ():
        wanted[token] = max(wanted.get(token, 0), count)
    return wanted


def implied(stack: StackConfig) -> dict[str, int]:
    """What a stack with these settings consists of."""
    settings, scope, records = stack.settings, stack.settings.scope, stack.plan.dns.records
    regions = len(settings.regions)
    wanted: dict[str, int] = {}
    if scope in (Scope.ALL, Scope.REGISTRY):
        wanted["aws:ecr/repository:Repository"] = regions * len(settings.repositories)
        wanted["aws:ecr/replicationConfiguration:ReplicationConfiguration"] = int(regions > 1)
    if settings.declares_records:
        wanted["cloudflare:index/dnsRecord:DnsRecord"] = len(records)
    if scope is Scope.ALL:
        wanted["kubernetes:karpenter.sh/v1:NodePool"] = regions
        wanted["kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"] = regions
        for kind in ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"):
            wanted[f"kubernetes:admissionregistration.k8s.io/v1:{kind}"] = regions * ADMISSION_POLICIES
    if scope is Scope.ALL and settings.autoscaling.enabled:
        wanted["kubernetes:keda.sh/v1alpha1:ScaledObject"] = sum(
            region.hosts_provisioners for region in settings.regions
        )
    if scope is Scope.ALL and settings.event and settings.window:
        wanted["aws:s3/bucket:Bucket"] = 1
        # The dead man's switches; in the window those that resume the rotation are beside them.
        wanted["kubernetes:batch/v1:CronJob"] = regions * (2 if holds_rotation(stack.plan.phase) else 1)
    return wanted


EXPECTED_RESOURCES = Policy(
    id="expected-resources",
    title="What a stack is for is in it.",
    why="what is absent is judged by no other policy",
    fix="Declare the resources that are missing.",
    source="docs/architecture.md: one component each; the pack's own configuration elsewhere",
    judge_stack=judge_stack,
    options={
        "expects": Option(
            schema={
                "type": "object",
                "additionalProperties": {"type": "integer", "minimum": 1},
                "description": "how many resources of each type token there must be",
            },
            default={},
        )
    },
)
