"""Each fix that a policy proposes is applied as it is worded, and the finding is gone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from policies.pack.testing import TODAY
from tests.policies.declared import (
    DIGEST,
    FORCED,
    OTHER_DIGEST,
    cluster_role,
    coder_component,
    ebs,
    node_class,
    node_pool,
    one_of,
    patch_of,
    record,
    replicas,
    replication,
    repository,
    server,
)
from tests.policies.event_parts import bounds_everywhere, declared_by, part
from tests.policies.expecting import exemption, in_phase, sandbox, with_event
from tests.policies.pack.fixes import (
    BY_ID,
    CRON_JOB,
    DOCUMENT,
    HPA,
    KIND,
    NODES,
    PHASED,
    PUSHES_ANYWHERE,
    REQUIREMENTS,
    SIZE,
    SMALL,
    TAINT,
    Applied,
    Scene,
    last,
    mappings,
    named,
    of,
    pool,
    protected,
    puts,
    removes,
    running,
    sets,
    without_root,
)
from tests.policies.test_queue_scaling import BEHAVIOR
from tests.policies.test_queue_scaling import changed as queue
from workshop.model.window.phases import Phase

CASES: list[tuple[str, Scene, Applied]] = [
    # A volume, a reservation or a threshold that leaves too little: the size named is enough with them.
    ("storage-headroom", Scene((node_class().with_input(SIZE, SMALL),)), last(sets)),
    (
        "storage-headroom",
        Scene((node_class(kubelet={"maxPods": 9, "kubeReserved": {"ephemeral-storage": "20Gi"}}),)),
        last(sets),
    ),
    (
        "storage-headroom",
        Scene((node_class(kubelet={"maxPods": 9, "evictionHard": {"nodefs.available": "40%"}}),)),
        last(sets),
    ),
    (
        "storage-headroom",
        Scene((node_class(kubelet={"maxPods": 9, "evictionHard": {"nodefs.available": "99.999%"}}),)),
        last(puts("spec.kubelet", {"maxPods": 9})),
    ),
    (
        "storage-headroom",
        Scene((node_class(blockDeviceMappings=[]),)),
        last(
            lambda resource, fix: resource.with_input(
                "spec.blockDeviceMappings",
                [{"deviceName": fix.rpartition(" ")[2], "ebs": ebs(re.findall(r"\d+Gi", fix)[0])}],
            )
        ),
    ),
    ("ephemeral-device", Scene((mappings(("/dev/xvda", "1400Gi", {}), ("/dev/xvdb", SMALL, {})),)),
     last(puts(SIZE, "1400Gi"))),
    (
        "ephemeral-device",
        Scene((mappings(("/dev/xvda", "4Gi", {"rootVolume": True}), ("/dev/xvdb", "250Gi", {})),)),
        last(without_root),
    ),
    ("ephemeral-device", Scene((node_class(instanceStorePolicy="RAID0"),)), last(removes)),
    ("ephemeral-device", Scene((node_class(amiFamily="Custom").with_input(
        "spec.blockDeviceMappings", list(reversed(node_class().inputs["spec"]["blockDeviceMappings"]))),)), last(sets)),
    ("image-parity", Scene((server(f"ghcr.io/coder/coder@{DIGEST}"),), sandbox), last(
        lambda resource, fix: resource.with_input("spec.template.spec.containers.0.image", fix.rpartition(" ")[2]))),
    (
        "image-parity",
        Scene((coder_component(digest=OTHER_DIGEST).with_input("observed_digests", {"us-east-2": DIGEST}),)),
        last(puts("digest", DIGEST)),
    ),
    (
        "image-pinned",
        Scene((of(KIND("v1:Pod"), spec={"containers": [{"image": "nginx:1"}]}),)),
        last(puts("spec.containers.0.image", f"nginx:1@{DIGEST}")),
    ),
    ("image-pinned", Scene((of(KIND("v1:Pod"), spec={"containers": [{"image": "a b"}]}),)),
     last(puts("spec.containers.0.image", f"repository@{DIGEST}"))),
    ("replica-floor", Scene((replicas(1),)), last(sets)),
    ("replica-bounds", Scene((HPA,)), last(sets)),
    ("users-ceiling", Scene((pool("spec.limits.cpu", "9999"),)), last(sets)),
    ("users-ceiling", Scene((node_pool(replicas=99),)), last(sets)),
    ("users-ceiling", Scene((pool(f"{REQUIREMENTS}.2", one_of("kubernetes.io/os", "linux")),)),
     last(lambda resource, fix: resource.with_input(
         f"{REQUIREMENTS}.2", one_of("node.kubernetes.io/instance-type", fix.rpartition(" ")[2])))),
    ("node-requirements", Scene((node_class(), pool(f"{REQUIREMENTS}.1.key", "topology.kubernetes.io/arch"),)),
     last(named(f"{REQUIREMENTS}.1.key", "write (.*)"))),
    ("node-requirements", Scene((node_class(), pool(f"{REQUIREMENTS}.1.key", "example.com/team"),)),
     last(puts(f"{REQUIREMENTS}.1"))),
    ("node-requirements", Scene((node_class(), pool(f"{REQUIREMENTS}.1.values", ["arm64"]),)),
     last(puts(f"{REQUIREMENTS}.1"))),
    ("node-requirements", Scene((node_class(), pool("spec.limits.cpu", "16")), sandbox), last(sets)),
    ("node-requirements", Scene((node_class(), pool("spec.limits.cpus", "16"))), last(puts("spec.limits.cpus"))),
    ("node-requirements", Scene((node_class(), node_pool(replicas=1, limits={})), sandbox), last(sets)),
    ("node-requirements", Scene((node_class(), node_pool(replicas=9, limits={"cpu": "1"}))), last(removes)),
    ("node-requirements", Scene((node_class(), pool("spec.template.spec.taints", [TAINT]))), last(removes)),
    ("node-requirements", Scene((node_pool(),)), lambda scene, _fix: replace(
        scene, resources=(node_class(), *scene.resources))),
    ("node-class-volumes", Scene((node_class().with_input("spec.blockDeviceMappings.1.ebs.encrypted", False),)),
     last(puts("spec.blockDeviceMappings.1.ebs.encrypted", True))),
    ("node-class-volumes", Scene((node_class().with_input("spec.blockDeviceMappings.1.ebs.throughput", 1000),)),
     last(lambda resource, fix: resource.with_input(
         "spec.blockDeviceMappings.1.ebs.iops", int(re.findall(r"\d+", fix)[0])))),
    ("node-class-selection", Scene((node_class(role="arn:aws:iam::123456789012:role/node"),)), last(sets)),
    ("node-class-selection", Scene((node_class(role="$X"),)), last(puts("spec.role", "node-role"))),
    ("ami-pinned", Scene((node_class(amiSelectorTerms=[{"alias": "bottlerocket@latest"}]),)),
     last(puts("spec.amiSelectorTerms.0.alias", "bottlerocket@1.44.0"))),
    ("density", Scene((node_class(kubelet={"maxPods": 110}),)), last(sets)),
    ("density", Scene((node_class(kubelet={"maxPods": 7}),), sandbox), last(sets)),
    ("density", Scene((node_class(kubelet={"maxPods": 9, "kubeReserved": {"cpu": "15"}}),), sandbox),
     last(puts("spec.kubelet.kubeReserved"))),
    ("user-data", Scene((node_class(userData="settings.kubernetes.max-pods = 110"),)),
     last(puts("spec.userData", "settings.kubernetes.registry-qps = 30"))),
    ("instance-metadata", Scene((node_class(metadataOptions={"httpTokens": "optional"}),)), last(sets)),
    ("instance-metadata", Scene((node_class(metadataOptions={"httpPutResponseHopLimit": 2}),)), last(sets)),
    ("window-phase", Scene((PHASED,), running),
     lambda scene, _fix: replace(scene, stack=lambda: in_phase(Phase.AFTER))),
    ("disruption-window", Scene((pool("spec.disruption.consolidateAfter", "0s"),)),
     last(named("spec.disruption.consolidateAfter", "to (.*)"))),
    ("disruption-window", Scene((pool("spec.template.spec.terminationGracePeriod", "1h"),)),
     last(puts("spec.template.spec.terminationGracePeriod"))),
    ("disruption-window", Scene((node_pool(),), running), last(
        lambda resource, fix: resource.with_input("spec.disruption.budgets", [{
            "nodes": "0",
            "schedule": re.findall(r'schedule: "(.*?)"', fix)[0],
            "duration": re.findall(r"duration: (\w+)", fix)[0],
        }]))),
    ("rotation-held", Scene((CRON_JOB,), running), last(puts("spec.suspend", True))),
    ("drift-while-live", Scene((NODES, replace(node_class(role="another"), parent=NODES))),
     last(puts("spec.role", "workshop-node"))),
    ("dns-records", Scene((record().with_input("ttl", 86400),)), last(lambda resource, fix: resource.with_input(
        "ttl", int(re.findall(r"\d+", fix)[0])))),
    ("dns-records", Scene((record(target="elsewhere.example.com"),), sandbox),
     last(named("content", "set content to (.*)"))),
    ("registry-settings", Scene((repository().with_input("imageTagMutability", "MUTABLE"),)),
     last(puts("imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"))),
    ("registry-settings", Scene((replication("us-west-2"),), sandbox), lambda scene, _fix: replace(
        scene, resources=(replication(),))),
    ("spend-ceiling", Scene((node_pool(),), config={"usdPerWorkshop": 1}), last(puts("spec.limits.cpu", "0"))),
    ("spend-estimate", Scene((node_pool(),)), lambda scene, _fix: replace(
        scene, stack=lambda: sandbox(20, ("workshop:spend_ceiling_usd", "9999")))),
    ("release-safety", Scene((replace(repository(), protect=False),)), last(protected(True))),
    ("release-safety", Scene((replace(node_pool(), protect=True),)), last(protected(False))),
    ("release-safety", Scene((patch_of(node_pool(), weight=1).with_input("metadata.annotations", FORCED),), sandbox),
     lambda scene, _fix: replace(scene, resources=())),
    ("credentials-in-clear", Scene((of("aws:rds/instance:Instance", password="hunter2"),)), last(puts("password"))),
    ("least-privilege", Scene((of("aws:iam/policy:Policy", policy={"Statement": [DOCUMENT]}),)),
     last(puts("policy.Statement.0.Action", "iam:GetUser"))),
    ("least-privilege", Scene((cluster_role(resources=["secrets"], verbs=["get"]),)),
     last(puts("rules.0.resourceNames", ["litellm"]))),
    ("keeper-rights", Scene(declared_by("KeeperRights")), lambda scene, _fix: replace(
        scene, resources=(*scene.resources, *declared_by("EventAdmission")))),
    ("registry-rights", Scene((of("aws:iam/policy:Policy", policy={"Statement": [PUSHES_ANYWHERE]}),)),
     last(puts("policy.Statement.0.Resource", "arn:aws:ecr:us-east-2:123456789012:repository/base-ws"))),
    ("door-rights", Scene((part("Door", "us-east-2-door").with_input(
        "spec.template.spec.automountServiceAccountToken", True),)),
     last(puts("spec.template.spec.automountServiceAccountToken", False))),
    ("queue-scaling", Scene((queue(BEHAVIOR, "static"),)), last(puts(BEHAVIOR, "currentReplicasIfHigher"))),
    ("saved-work", Scene((part("SavedWork", "-private").with_input("blockPublicAcls", False),)),
     last(puts("blockPublicAcls", True))),
    ("saved-work", Scene((part("SavedWork", "-expiry").with_input("rules.0.expiration.days", 1),),
     lambda: with_event(Phase.RUNNING)), last(sets)),
    ("workspace-bounds", Scene(bounds_everywhere()[2:], lambda: with_event(Phase.RUNNING)), lambda scene, _fix: replace(
        scene, resources=bounds_everywhere())),
    ("expected-resources", Scene((), config={"expects": {KIND("karpenter.sh/v1:NodePool"): 1}}),
     lambda scene, _fix: replace(scene, resources=(node_pool(),))),
    ("zone-spread", Scene((node_pool(),), sandbox), last(
        puts(f"{REQUIREMENTS}.3", one_of("topology.kubernetes.io/zone", "us-east-2b", "us-east-2c")))),
    ("judged-kinds", Scene((of("aws:iam/accessKey:AccessKey"),)), lambda scene, _fix: replace(
        scene, exemptions=(exemption(BY_ID["judged-kinds"], scene.resources[0]),))),
    ("exemptions", Scene((node_class(),), exemptions=(exemption(BY_ID["density"], "a"),)),
     lambda scene, _fix: replace(scene, exemptions=())),
    (
        "exemptions",
        Scene(
            (node_class(kubelet={"maxPods": 110}),),
            exemptions=(
                exemption(BY_ID["density"], node_class()).model_copy(update={"expires": TODAY + timedelta(days=400)}),
            ),
        ),
        lambda scene, _fix: replace(scene, exemptions=tuple(
            one.model_copy(update={"expires": TODAY}) for one in scene.exemptions)),
    ),
    ("exemptions-in-force",
     Scene((node_class(kubelet={"maxPods": 110}),), exemptions=(exemption(BY_ID["density"], node_class()),)),
     lambda scene, _fix: replace(scene, resources=(node_class(),), exemptions=())),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "scene", "applied"), CASES, ids=[f"{one[0]}-{n}" for n, one in enumerate(CASES)])
def test_gate_14_the_fix_makes_the_finding_go(policy: str, scene: Scene, applied: Applied) -> None:
    before = scene.said(policy)
    after = applied(scene, before[0].partition("; ")[2].partition(": ")[2]).said(policy)
    assert before[0] not in after
    assert set(after) <= set(before), "it brings no other"


def test_every_policy_has_a_fix_that_is_applied() -> None:
    assert {policy for policy, _, _ in CASES} == set(BY_ID)


def test_no_fix_says_only_that_something_is_wrong() -> None:
    for policy, scene, _ in CASES:
        for found in scene.said(policy):
            assert "with that type" not in found
