"""judged-kinds: what no policy judges is named, and refused unless it is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.resources.contents import contains_others, contents

NOTHING_TO_JUDGE = (
    # Pulumi's own: stacks, providers and references.
    r"pulumi:.*",
    # This project's components: what they declare is judged.
    r"workshop:components:.*",
    # Makes values, in the state alone.
    r"random:index/.*",
    # Gives no rights by itself.
    r"kubernetes:(core/)?v1:(Namespace|ServiceAccount)(Patch)?",
    # Runs nothing and gives no rights; credentials in them are judged.
    r"kubernetes:(core/)?v1:(ConfigMap|Secret|Service|PersistentVolumeClaim|LimitRange)(Patch)?",
    # Moves traffic, orders pods, names disks: runs nothing.
    r"kubernetes:networking.k8s.io/v1:(NetworkPolicy|Ingress|IngressClass)(Patch)?",
    r"kubernetes:scheduling.k8s.io/v1:PriorityClass(Patch)?",
    r"kubernetes:storage.k8s.io/v1:StorageClass(Patch)?",
    # Defines a kind; its objects are judged.
    r"kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition(Patch)?",
    # Looks, alerts and logs, and changes nothing.
    r"kubernetes:monitoring.coreos.com/.*:(PrometheusRule|ServiceMonitor|PodMonitor)",
    r"aws:budgets/budget:Budget",
    r"aws:cloudwatch/(metricAlarm|logGroup):.*",
    # A name or a value; who may read it is judged with the policies that allow it.
    r"aws:secretsmanager/secret:Secret",
    r"aws:secretsmanager/secretVersion:SecretVersion",
    r"aws:ssm/parameter:Parameter",
)
"""Kinds that no policy needs to judge, by a pattern of their type token."""

_NOTHING_TO_JUDGE = re.compile("|".join(f"(?:{pattern})" for pattern in NOTHING_TO_JUDGE))

MAKERS = ("aws", "aws-native", "awsx", "cloudflare", "command", "docker", "docker-build", "kubernetes")
"""Packages of resources that are known to make something; else only what has a provider does, and a component none."""


def judged_kinds(policies: tuple[Policy, ...]) -> Policy:
    """The policy that knows which kinds these others judge."""
    specific = [policy.applies_to for policy in policies if policy.applies_to and not policy.is_general]

    def is_judged(token: str) -> bool:
        return _NOTHING_TO_JUDGE.fullmatch(token) is not None or any(applies_to(token) for applies_to in specific)

    def judge(declared: Declared, context: Context) -> Iterator[Problem]:
        """A kind that no other policy judges, and what a list, a group of manifests or a Helm release hides.

        Lists, groups and Coder's charts are judged by what is in them. What stands in files or other charts is not.
        """
        listed = {pattern.text() for pattern in context.options.member("notJudged").items_or_none()}
        if any(declared.type == token or _is_under(declared.type, token) for token in listed):
            return
        for part in contents(declared).hidden:
            yield not_judged(f"{declared.type}: {part}")
        package = declared.type.partition(":")[0]
        is_component = declared.provider is None and package not in MAKERS and not package.startswith("pulumi-")
        if not contains_others(declared.type) and not is_component and not is_judged(declared.type):
            yield not_judged(f"no policy judges {declared.type}")

    return Policy(
        id="judged-kinds",
        title="What a stack declares is judged by some policy, or listed.",
        why="what nobody judges can undo what the others do",
        fix="Declare it as a kind that is judged, or list it with a reason in policies/exemptions.yaml.",
        source="policies/judged_kinds.py: kinds that need no judging, each with its reason",
        applies_to=lambda _token: True,
        judge=judge,
        is_general=True,
        options={
            "notJudged": Option(
                schema={
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "type tokens, or packages as `command:*`, that may be declared without being judged",
                },
                default=[],
            )
        },
    )


def not_judged(what: str) -> Problem:
    """Something that the report has to name."""
    return Problem(problem=f"not judged: {what}", fix="list it in policies/exemptions.yaml, or declare another kind")


def _is_under(token: str, pattern: str) -> bool:
    return pattern.endswith("*") and token.startswith(pattern[:-1])
