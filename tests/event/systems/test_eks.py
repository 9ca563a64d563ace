"""Clusters of other regions are reached by EKS's tokens, which a program of ours prints."""

from __future__ import annotations

import base64
import json
from importlib import import_module
from typing import Any

import httpx2
import pytest
from lightkube.config import client_adapter

from workshop.event.systems.eks import credential, kubeconfig

EKS = {"endpoint": "https://one.example.com", "certificateAuthority": {"data": "YQ=="}}


class _Eks:
    def describe_cluster(self, name: str) -> dict[str, Any]:
        return {"cluster": {**EKS, "name": name}}


def _client(_service: str, region_name: str) -> _Eks:
    return _Eks()


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "example")
    monkeypatch.setattr(import_module("boto3"), "client", _client)


def test_lightkube_takes_the_program_and_what_it_prints() -> None:
    config: Any = kubeconfig("us-west-2", "coder-oregon").get()
    assert config.cluster.server == "https://one.example.com"
    auth: Any = client_adapter.user_auth(config.user)
    request = next(auth.sync_auth_flow(httpx2.Request("GET", config.cluster.server)))
    scheme, _, token = request.headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    url = base64.urlsafe_b64decode(token.removeprefix("k8s-aws-v1.") + "==").decode()
    assert url.startswith("https://sts.us-west-2.amazonaws.com/?Action=GetCallerIdentity")


def test_a_token_says_when_it_ends() -> None:
    found = json.loads(credential("coder-oregon", "us-west-2"))
    assert found["status"]["expirationTimestamp"].endswith("Z")
    assert found["apiVersion"] == "client.authentication.k8s.io/v1beta1"
