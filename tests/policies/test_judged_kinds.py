"""judged-kinds: what no policy judges is named, and refused unless it is listed."""

from __future__ import annotations

import pytest

from policies.judged_kinds import NOTHING_TO_JUDGE
from policies.pack.catalog import POLICIES
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import node_class, node_pool, record, repository
from tests.policies.expecting import exemption, refused

JUDGED_KINDS = next(policy for policy in POLICIES if policy.id == "judged-kinds")
FIX = "list it in policies/exemptions.yaml, or declare another kind"


def not_judged(what: str) -> str:
    return refused(JUDGED_KINDS, f"not judged: {what}", FIX)


def of(kind: str, provider: bool = False, **inputs: object) -> Resource:
    maker = Resource(type="pulumi:providers:x") if provider else None
    return Resource(type=kind, inputs=inputs, provider=maker)


def test_pass_on_what_policies_judge_and_on_what_needs_no_judging() -> None:
    assert judge(JUDGED_KINDS, node_class(), node_pool(), record(), repository()) == []


@pytest.mark.parametrize(
    "kind",
    [
        "pulumi:pulumi:Stack",
        "pulumi:providers:aws",
        "workshop:components:NodePool",
        "random:index/randomId:RandomId",
        "kubernetes:core/v1:Namespace",
        "kubernetes:v1:ServiceAccountPatch",
        "kubernetes:v1:ConfigMap",
        "kubernetes:networking.k8s.io/v1:Ingress",
        "kubernetes:scheduling.k8s.io/v1:PriorityClass",
        "kubernetes:storage.k8s.io/v1:StorageClassPatch",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        "kubernetes:monitoring.coreos.com/v1:PodMonitor",
        "aws:budgets/budget:Budget",
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:secretsmanager/secret:Secret",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:ssm/parameter:Parameter",
    ],
)
def test_pass_on_kinds_that_need_no_judging(kind: str) -> None:
    assert judge(JUDGED_KINDS, of(kind, provider=True)) == []
    assert judge(JUDGED_KINDS, of(f"x{kind}", provider=True)) != []


def test_every_pattern_has_a_kind_that_needs_it() -> None:
    """Above: one more pattern needs one more kind."""
    assert len(NOTHING_TO_JUDGE) == 15


@pytest.mark.parametrize(
    "kind",
    [
        "aws:iam/accessKey:AccessKey",
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        "aws:cloudformation/stack:Stack",
        "command:local:Command",
        "command:remote:Command",
        "pulumi-nodejs:dynamic:Resource",
        "pulumi-python:dynamic:Resource",
        "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration",
        "kubernetes:core/v1:Node",
        "docker:index/image:Image",
        "docker-build:index:Image",
        "aws-native:iam:User",
        "awsx:ec2:Vpc",
        "cloudflare:index/worker:Worker",
    ],
)
def test_fail_on_kinds_that_nobody_judges(kind: str) -> None:
    assert judge(JUDGED_KINDS, of(kind)) == [not_judged(f"no policy judges {kind}")]
    assert judge(JUDGED_KINDS, of(kind), config={"notJudged": [kind]}) == []
    assert judge(JUDGED_KINDS, of(kind), config={"notJudged": [f"{kind.split(':')[0]}:*"]}) == []
    assert judge(JUDGED_KINDS, of(kind), config={"notJudged": [kind[:-1], "*x"]}) != []


def test_boundary_of_components_and_of_makers_that_are_not_known() -> None:
    assert judge(JUDGED_KINDS, of("acme:platform:Cluster")) == []
    assert judge(JUDGED_KINDS, of("acme:index/thing:Thing", provider=True)) == [
        not_judged("no policy judges acme:index/thing:Thing")
    ]


def test_fail_on_what_a_container_hides() -> None:
    release = of("kubernetes:helm.sh/v3:Release", chart="nginx")
    assert judge(JUDGED_KINDS, release) == [
        not_judged("kubernetes:helm.sh/v3:Release: what the chart 'nginx' declares")
    ]
    listed = of("kubernetes:apps/v1:DeploymentList", items=[{"metadata": {"name": "a"}}])
    assert judge(JUDGED_KINDS, listed) == []
    secret = of("kubernetes:v1:List", items=[{"apiVersion": "v1", "kind": "Node"}])
    assert judge(JUDGED_KINDS, secret) == [not_judged("no policy judges kubernetes:v1:Node")]


def test_unknown_contents() -> None:
    assert judge(JUDGED_KINDS, of("kubernetes:yaml:ConfigGroup", objs=UNKNOWN)) == [
        not_judged("kubernetes:yaml:ConfigGroup: objs is not known before the change")
    ]


def test_missing_contents() -> None:
    assert judge(JUDGED_KINDS, of("kubernetes:apps/v1:DeploymentList")) == [
        not_judged("kubernetes:apps/v1:DeploymentList: items is missing")
    ]


def test_wrong_type_of_contents() -> None:
    assert judge(JUDGED_KINDS, of("kubernetes:v1:List", items="a")) == [
        not_judged("kubernetes:v1:List: items is the text 'a', must be a list")
    ]


def test_empty_contents() -> None:
    assert judge(JUDGED_KINDS, of("kubernetes:yaml:ConfigGroup")) == [
        not_judged("kubernetes:yaml:ConfigGroup: its manifests are not declared")
    ]


def test_exempt() -> None:
    key = of("aws:iam/accessKey:AccessKey")
    assert judge(JUDGED_KINDS, key, exemptions=[exemption(JUDGED_KINDS, key)]) == []
