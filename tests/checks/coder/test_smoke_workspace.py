"""What becomes of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answer, Answers, Clock, clusters, results, same, site, token
from workshop.checks.coder import smoke_workspace
from workshop.checks.coder.smoke_workspace import SmokeWorkspace

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
TEMPLATES = "Coder GET /api/v2/templates"
OURS, OLD = "workshop-workspaces", "coder-ws-all"
TEMPLATE = {"id": "t", "name": "smoke-us-west-2", "organization_name": "coder"}
WORKSPACE = "Coder GET /api/v2/workspaces/w?include_deleted=true"
BUILDS = "Coder POST /api/v2/workspaces/w/builds"
APPS = [
    {"slug": "path", "subdomain": False, "subdomain_name": "x"},
    {"slug": "new", "subdomain": True},
    {"slug": "code", "subdomain": True, "subdomain_name": "code--w"},
]


def state(status: str, agent: str = "connected", apps: Sequence[Mapping[str, Any]] = APPS) -> Answer:
    agents = [{"status": "connecting"}, {"status": agent, "apps": list(apps)}]
    return 200, {"id": "w", "latest_build": {"status": status, "resources": [{}, {"agents": agents}]}}


MADE = (201, {"id": "w", "latest_build": {"status": "pending"}})
COMMON: Answers = {
    TEMPLATES: (200, [{**TEMPLATE, "id": "other", "organization_name": "demo"}, TEMPLATE]),
    "Coder POST /api/v2/users/me/workspaces": MADE,
    BUILDS: (201, {"status": "deleting"}),
}
GONE = state("deleted")
WELL = [state("starting"), state("running", "connecting"), state("running"), state("deleting"), GONE]
SMOKE: Mapping[str, tuple[Answers, str, Answer]] = {
    "well": ({**COMMON, WORKSPACE: WELL}, OURS, (200, "")),
    "the app is broken": ({**COMMON, WORKSPACE: WELL}, OURS, (502, "")),
    "on the old pool": ({**COMMON, WORKSPACE: WELL}, OLD, (200, "")),
    "on no node": ({**COMMON, WORKSPACE: WELL}, "", (200, "")),
    "no app": (
        {**COMMON, WORKSPACE: [state("running", apps=APPS[:2]), state("running", apps=APPS[:2]), GONE]},
        OURS,
        (200, ""),
    ),
    "failed": ({**COMMON, WORKSPACE: [state("failed"), GONE]}, OURS, (200, "")),
    "canceled": ({**COMMON, WORKSPACE: [state("canceled"), GONE]}, OURS, (200, "")),
    "never running": ({**COMMON, WORKSPACE: state("starting")}, OURS, (200, "")),
    "never connected": ({**COMMON, WORKSPACE: state("running", "connecting")}, OURS, (200, "")),
    "never gone": ({**COMMON, WORKSPACE: state("running")}, OURS, (200, "")),
    "no template": ({**COMMON, TEMPLATES: (200, [])}, OURS, (200, "")),
}


@pytest.mark.parametrize("name", SMOKE)
def test_of_a_workspace(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    answers, pool_name, app = SMOKE[name]
    monkeypatch.setattr("secrets.token_hex", token(3))
    clock = Clock(monkeypatch, smoke_workspace)
    labels = {"karpenter.sh/nodepool": pool_name} if pool_name else {}
    objects = {
        "/api/v1/nodes/n": {"metadata": {"name": "n", "labels": labels}},
        "/api/v1/namespaces/coder-ws-demo/pods/p": {
            "metadata": {"name": "p", "labels": {"com.coder.workspace.id": "w"}},
            "spec": {"containers": [{"name": "dev"}], "nodeName": "n"},
        },
    }
    smoke = {"smoke_templates": {OREGON: "smoke-us-west-2"}}
    with clusters(tmp_path, objects) as kubeconfig:
        here = site(
            answers,
            hosts={"code--w.oregon-proxy.ai.coder.com/": app},
            kubeconfig=kubeconfig,
            preflight=smoke,
        )
        found = results(SmokeWorkspace(), here, OREGON)
    coder: Any = here.systems.coder
    sent = [[one.method, yaml.safe_load(one.content)] for one in coder.sent if one.content]
    same({"says": found, "sent": sent, "waited": clock.now - 1000}, snapshot)


def test_of_a_workspace_without_a_template(snapshot: SnapshotAssertion) -> None:
    same(results(SmokeWorkspace(), site(preflight={"smoke_templates": {}}), OHIO), snapshot)
