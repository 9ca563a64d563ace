"""How a proposed fix is applied to a resource, as somebody would who reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.framework.policy import StackConfig
from policies.pack.catalog import POLICIES, with_exemptions
from policies.pack.crossguard import ReadStack
from policies.pack.exemptions import Exemption, Ledger
from policies.pack.testing import TODAY, Resource, judge_pack
from tests.policies.declared import (
    ebs,
    node_class,
    node_pool,
)
from tests.policies.expecting import in_phase, sandbox
from workshop.model.names import PHASE_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.window.drift import class_fields
from workshop.model.window.phases import Phase

BY_ID = {policy.id: policy for policy in with_exemptions(Ledger((), TODAY))}
REQUIREMENTS = "spec.template.spec.requirements"
KIND = "kubernetes:{}".format


@dataclass(frozen=True)
class Scene:
    """Everything that policies are given in one run."""

    resources: tuple[Resource, ...]
    stack: ReadStack = lambda: None
    exemptions: tuple[Exemption, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def said(self, policy: str) -> list[str]:
        """What one policy says. With options, it is judged by them alone."""
        chosen = tuple(one for one in POLICIES if one.id == policy) or POLICIES
        chosen = tuple(
            replace(one, options={n: replace(o, default=self.config.get(n, o.default)) for n, o in one.options.items()})
            for one in chosen
        )
        found = judge_pack(chosen, *self.resources, stack=self.stack, exemptions=self.exemptions)
        return [text for by, text in found if by == policy]


Applied = Callable[[Scene, str], Scene]


def last(change: Callable[[Resource, str], Resource]) -> Applied:
    """Changes the last resource, which is the one that is wrong."""
    return lambda scene, fix: replace(scene, resources=(*scene.resources[:-1], change(scene.resources[-1], fix)))


def path_of(written: str) -> str:
    """As `with_input` takes it."""
    return re.sub(r"\[(\d+)\]", r".\1", written)


def sets(resource: Resource, fix: str) -> Resource:
    """Set PATH to VALUE [or more]."""
    match = re.search(r"set (\S+) to (\S+)", fix)
    assert match, fix
    value: object = match[2]
    return resource.with_input(path_of(match[1]), int(match[2]) if match[2].isdecimal() else value)


def removes(resource: Resource, fix: str) -> Resource:
    """Remove PATH."""
    match = re.search(r"remove ([\w.\[\]]+)", fix)
    assert match, fix
    return resource.without_input(path_of(match[1]))


def puts(path: str, *values: object) -> Callable[[Resource, str], Resource]:
    """A fix in words: with this value, or without the input."""
    return lambda resource, _fix: resource.with_input(path, values[0]) if values else resource.without_input(path)


def named(path: str, pattern: str) -> Callable[[Resource, str], Resource]:
    """A fix that names the value: with what the pattern finds in it."""

    def change(resource: Resource, fix: str) -> Resource:
        match = re.search(pattern, fix)
        assert match, fix
        return resource.with_input(path, match[1])

    return change


def protected(is_it: bool) -> Callable[[Resource, str], Resource]:
    return lambda resource, _fix: replace(resource, protect=is_it)


def of(kind: str, **inputs: object) -> Resource:
    return Resource(type=kind, inputs=inputs)


def pool(path: str, value: object) -> Resource:
    return node_pool().with_input(path, value)


def running() -> StackConfig:
    return in_phase(Phase.RUNNING)


CLUSTERS = {
    region.name: Resource(type="pulumi:providers:kubernetes", inputs={"context": region.cluster.context})
    for region in sandbox().settings.regions
}
CRON_JOB = Resource(
    type=KIND("batch/v1:CronJobPatch"),
    inputs={"metadata": {"name": "rotate-key", "namespace": "coder-ws"}, "spec": {"suspend": False}},
    provider=CLUSTERS["us-east-2"],
)
LIVE = {"is_in_use": True, "node_class": class_fields(node_class().inputs["spec"]), "node_pool": {}}
NODES = Resource(type="workshop:components:WorkspaceNodes", name="us-east-2", inputs={"live": LIVE})
PHASED = pool(
    "metadata.annotations",
    {PHASE_ANNOTATION: "after", WINDOW_ANNOTATION: "2026-11-30T17:00:00+00:00/2026-12-01T23:00:00+00:00"},
)
HPA = of(
    KIND("autoscaling/v2:HorizontalPodAutoscaler"),
    metadata={"name": "a", "namespace": "coder-ws"},
    spec={"scaleTargetRef": {"name": "coder-provisioner"}, "minReplicas": 1, "maxReplicas": 20},
)
PUSHES_ANYWHERE = {"Effect": "Allow", "Action": "ecr:PutImage", "Resource": "*"}
DOCUMENT = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "arn:aws:iam::123456789012:user/a"}
TAINT = {"key": "a", "effect": "NoExecute"}
SMALL = "50Gi"
SIZE = "spec.blockDeviceMappings.1.ebs.volumeSize"


def mappings(*volumes: tuple[str, str, dict[str, Any]]) -> Resource:
    return node_class(
        blockDeviceMappings=[{"deviceName": device, "ebs": ebs(size), **more} for device, size, more in volumes]
    )


def without_root(resource: Resource, _fix: str) -> Resource:
    return resource.without_input("spec.blockDeviceMappings.0.rootVolume")
