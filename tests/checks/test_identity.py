"""Whether account, clusters and zones are those that are set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.checks.quick import Answers, aws, clusters, results, same, site
from tests.model.given import regions, structure
from workshop.checks.identity import Identity

OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")


def zone(identifier: str) -> Answers:
    return {"Cloudflare GET /zones?name=coder.com": (200, {"result": [{"id": identifier, "name": "coder.com"}]})}


ZONE_ID = structure("zone")["id"]


def namespaces(uid: str) -> Mapping[str, Mapping[str, Any]]:
    return {"/api/v1/namespaces/kube-system": {"metadata": {"name": "kube-system", "uid": uid}}}


OHIOS = "11111111-1111-4111-8111-111111111111"
IDENTITIES: Mapping[str, tuple[Answers, str, str, Mapping[str, Any]]] = {
    "all are": (zone(ZONE_ID), "123456789012", OHIOS, {}),
    "none is": (zone("f" * 32), "999999999999", "other", {}),
    "no zone": ({"Cloudflare GET /zones?name=coder.com": (200, {"result": []})}, "123456789012", OHIOS, {}),
    "not set": (
        zone(ZONE_ID),
        "123456789012",
        OHIOS,
        {
            "account": None,
            "zone": {"name": "coder.com"},
            "regions": regions({0: {"cluster": {"context": "coder-ohio"}}}),
        },
    ),
}


@pytest.mark.parametrize("name", IDENTITIES)
def test_of_identity(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    answers, account, uid, values = IDENTITIES[name]
    asked = aws(monkeypatch, {"sts get_caller_identity": {"Account": account}})
    with clusters(tmp_path, namespaces(uid)) as kubeconfig:
        same(results(Identity(), site(answers, kubeconfig=kubeconfig, **values), "", OHIO), snapshot)
    assert asked.asked == [("sts", OHIO, "get_caller_identity", {})]


def test_of_a_zone_file(snapshot: SnapshotAssertion) -> None:
    here = site(
        {"Cloudflare GET /zones?name=coderdemo.io": (200, {"result": [{"id": "a" * 32, "name": "coderdemo.io"}]})}
    )
    further = replace(here.plan.dns.records[0], zone="coderdemo.io", region=None)
    plan = replace(here.plan, dns=replace(here.plan.dns, records=(further,)))
    same(results(Identity(), replace(here, plan=plan), "")[1:], snapshot)


def test_aws_and_clusters_that_give_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs]

    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetCallerIdentity")
    for answer in (denied, KeyError()):
        aws(monkeypatch, {"sts get_caller_identity": answer})
        found = results(Identity(), site(zone(ZONE_ID), kubeconfig=str(tmp_path / "none")), "", OHIO)
        same(yaml.safe_dump(found).replace(str(tmp_path), "FOLDER"), snapshot)
    aws(monkeypatch, {"sts get_caller_identity": {"Account": "123456789012"}})
    unset = regions({0: {"cluster": {}}})
    found = results(Identity(), site(zone(ZONE_ID), kubeconfig=str(tmp_path / "none"), regions=unset), OHIO)
    same(yaml.safe_dump(found).replace(str(tmp_path), "FOLDER"), snapshot(name="no context"))
