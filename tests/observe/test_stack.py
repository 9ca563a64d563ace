"""Everything that is looked up before a stack is declared, by scope: __snapshots__ has every observation in full.

`pytest --snapshot-update tests/observe/test_stack.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.model.given import settings
from tests.model.test_rotation import WINDOW
from tests.observe.asking import Answers, observed
from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.model.names import MANAGED_BY_LABEL, MARK
from workshop.model.observations import Absent, Assumed, Found, Observations
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.stack import Settings
from workshop.observe import stack
from workshop.observe.stack import observe_stack
from workshop.program.providers import make_providers

DIGEST = f"sha256:{'ab' * 32}"
ANSWERS: Mapping[str, Any] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": "123456789012"},
    "aws:ecr/getImage:getImage": {"imageDigest": DIGEST},
    "aws:ecr/getRepository:getRepository": "RepositoryNotFoundException",
    "cloudflare:index/getZone:getZone": {"zoneId": "0123456789abcdef0123456789abcdef"},
    "cloudflare:index/getZones:getZones": {"results": []},
    "cloudflare:index/getDnsRecords:getDnsRecords": {"results": []},
}
CONTEXTS = ("coder-ohio", "coder-oregon", "coder-london")


def manifest(name: str, **content: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": f"uid-of-{name}", "labels": {}}, **content}


def deployment(name: str) -> dict[str, Any]:
    containers = [{"name": name, "image": f"{name}:1"}]
    return manifest(name, spec={"replicas": 2, "selector": {}, "template": {"spec": {"containers": containers}}})


def cron_job(**suspend: bool) -> dict[str, Any]:
    job: dict[str, Any] = {"spec": {"template": {"spec": {"containers": []}}}}
    return manifest("rotate-key", spec={"schedule": "* * * * *", "jobTemplate": job, **suspend})


POOLS, CLASSES = "/apis/karpenter.sh/v1/nodepools", "/apis/karpenter.k8s.aws/v1/ec2nodeclasses"
OURS = {"name": "workshop-workspaces", "labels": {MANAGED_BY_LABEL: MARK}, "annotations": {"a": "b"}}
OBJECTS: dict[str, Mapping[str, Any]] = {
    "/api/v1/namespaces/kube-system": manifest("kube-system"),
    "/apis/apps/v1/namespaces/coder/deployments/coder": deployment("coder"),
    "/apis/apps/v1/namespaces/litellm/deployments/litellm": deployment("litellm"),
    "/apis/batch/v1/namespaces/coder-ws/cronjobs/rotate-key": cron_job(suspend=True),
    "/apis/batch/v1/namespaces/litellm/cronjobs/rotate-key": cron_job(),
    f"{POOLS}/coder-ws-all": manifest("coder-ws-all", spec={}),
    f"{POOLS}/workshop-workspaces": {"metadata": OURS, "spec": {}, "status": {"resources": {"cpu": "32"}}},
    f"{CLASSES}/workshop-workspaces": {"metadata": OURS, "spec": {}},
    "/api/v1/nodes/old": {"metadata": {"name": "old", "labels": {"karpenter.sh/nodepool": "coder-ws-all"}}},
    "/api/v1/namespaces/coder-ws-demo/pods/a": {
        "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "coder-workspace"}},
        "spec": {"containers": [{"name": "dev"}], "nodeName": "old"},
        "status": {"phase": "Running"},
    },
}


def look(
    tmp_path: Path, aws: str, objects: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Any], **values: object
) -> tuple[Settings, Observations]:
    """What is observed of the sandbox's stack where clusters hold these objects and functions answer this."""
    with serving(objects) as url:
        given = settings(
            "sandbox",
            kubeconfig=kubeconfig(tmp_path / "config", url, *CONTEXTS),
            endpoints={"aws": aws, "cloudflare": "http://127.0.0.1:9/client/v4"},
            **cast("dict[str, Any]", values),
        )
        return given, observed(
            lambda: observe_stack(given, plan_of_event(given), make_providers(given)), Answers(answers)
        )


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """An observation as a reviewer reads it: without the moment."""
    if isinstance(value, Found):
        found = cast("Found[object]", value)
        return {"found": plain(found.value), "source": found.source}
    if isinstance(value, Absent):
        return {"absent, there are": list(value.known), "source": value.source}
    if isinstance(value, Assumed):
        return {"not looked up": value.reason, "source": value.source}
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, tuple):
        return [plain(item) for item in cast("tuple[object, ...]", value)]
    return value


@pytest.mark.parametrize("scope", ["all", "registry", "dns"])
def test_what_a_scope_needs_is_looked_up(tmp_path: Path, moto: str, scope: str, snapshot: SnapshotAssertion) -> None:
    _, found = look(tmp_path, moto, OBJECTS, ANSWERS, scope=scope)
    assert yaml.safe_dump(plain(found), width=1000) == snapshot


def test_with_a_window_the_rotations_cron_jobs_too(tmp_path: Path, moto: str, snapshot: SnapshotAssertion) -> None:
    _, found = look(tmp_path, moto, OBJECTS, ANSWERS, window=WINDOW)
    cron_jobs = {name: plain(region.cron_jobs) for name, region in found.regions.items()}
    assert yaml.safe_dump(cron_jobs, width=1000) == snapshot


def test_a_cluster_without_an_identity_is_asked_nothing_else(
    tmp_path: Path, moto: str, snapshot: SnapshotAssertion
) -> None:
    objects = {path: found for path, found in OBJECTS.items() if not path.endswith("kube-system")}
    _, found = look(tmp_path, moto, objects, ANSWERS)
    assert yaml.safe_dump(plain(found.regions["us-west-2"]), width=1000) == snapshot


def test_a_cluster_that_does_not_answer_is_asked_nothing_else(tmp_path: Path, moto: str) -> None:
    with serving(OBJECTS) as url:
        gone = url
    given = settings(
        kubeconfig=kubeconfig(tmp_path / "config", gone, *CONTEXTS),
        endpoints={"aws": moto, "cloudflare": "http://127.0.0.1:9/client/v4"},
    )
    found = observed(lambda: observe_stack(given, plan_of_event(given), make_providers(given)), Answers(ANSWERS))

    region = found.regions["us-west-2"]
    assert isinstance(region.cluster_uid, Assumed)
    assert isinstance(region.node_pool, Assumed)
    assert region.node_pool.reason == region.cluster_uid.reason
    assert region.node_pool.source == "cluster coder-oregon (us-west-2): NodePool workshop-workspaces"


@pytest.mark.parametrize(("is_required", "is_preview"), [(True, False), (True, True), (False, False)])
def test_preflights_record_is_looked_up_by_up_where_it_is_required(
    tmp_path: Path, moto: str, monkeypatch: pytest.MonkeyPatch, is_required: bool, is_preview: bool
) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: is_preview)
    monkeypatch.setattr(stack, "project_folder", lambda: tmp_path)
    _, found = look(tmp_path, moto, {}, ANSWERS, scope="dns", preflight={"required": is_required})

    if is_required and not is_preview:
        assert isinstance(found.preflight, Absent)
        assert found.preflight.source == str(tmp_path / "preflight" / "test.json")
    else:
        assert found.preflight is None
