"""EKS in the sandbox: access entries, kept over a restart, and nothing else."""

from __future__ import annotations

from collections.abc import Generator
from importlib import import_module

import httpx
import pytest

from tests.sandbox.servers.aws.test_application import closing
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.aws.eks import action_of

__all__ = ["closing"]

ROLE = "arn:aws:iam::123456789012:role/workshop/keeper"
ENTRY = {"clusterName": "coder-oregon", "principalArn": ROLE}
_boto3: Json = import_module("boto3")


@pytest.fixture
def eks(sandbox: SandboxPaths) -> Generator[Json]:
    token = token_of(sandbox)
    made = _boto3.client(
        "eks",
        region_name="us-west-2",
        endpoint_url=f"{sandbox.aws_endpoint}/eks",
        aws_access_key_id=token,
        aws_secret_access_key=token,
    )
    yield made
    made.close()


def test_an_entry_is_made_changed_kept_and_deleted(sandbox: SandboxPaths, eks: Json) -> None:
    made = eks.create_access_entry(**ENTRY, username="keeper", tags={"a": "1"})["accessEntry"]
    assert made["accessEntryArn"].startswith("arn:aws:eks:us-west-2:123456789012:access-entry/coder-oregon/role/")
    assert (made["username"], made["type"], made["kubernetesGroups"]) == ("keeper", "STANDARD", [])
    with pytest.raises(eks.exceptions.ResourceInUseException):
        eks.create_access_entry(**ENTRY)
    eks.update_access_entry(**ENTRY, kubernetesGroups=["a"])
    stop(sandbox)
    ensure_running(sandbox)
    found = eks.describe_access_entry(**ENTRY)["accessEntry"]
    assert (found["username"], found["kubernetesGroups"], found["tags"]) == ("keeper", ["a"], {"a": "1"})
    eks.delete_access_entry(**ENTRY)
    for ask in (eks.describe_access_entry, eks.update_access_entry, eks.delete_access_entry):
        with pytest.raises(eks.exceptions.ResourceNotFoundException):
            ask(**ENTRY)


def test_one_without_a_name_of_its_own_has_its_roles(eks: Json) -> None:
    assert eks.create_access_entry(**ENTRY)["accessEntry"]["username"] == ROLE
    eks.delete_access_entry(**ENTRY)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("GET", "/eks/clusters", ""),
        ("GET", "/eks/clusters/coder-oregon", ""),
        ("GET", "/eks/clusters/coder-oregon/access-entries", ""),
        ("GET", "/eks/clusters/coder-oregon/access-entries/keeper", ""),
        ("PUT", f"/eks/clusters/coder-oregon/access-entries/{ROLE}", ""),
        ("GET", f"/eks/clusters/coder-oregon/access-entries/{ROLE}", "a=1"),
        ("POST", "/clusters/coder-oregon/access-entries", ""),
    ],
)
def test_what_nobody_here_asks_for_has_no_action(method: str, path: str, query: str) -> None:
    assert action_of(method, path, query) == ""


@pytest.mark.parametrize("path", ["/eks/..%2Fclusters", "/eks/a%2F..%2Fb", "/v2/a%2Fb", "/eks/a%2f%5C"])
def test_a_slash_that_is_encoded_leads_nowhere_else(sandbox: SandboxPaths, path: str) -> None:
    headers = {"Authorization": f"Bearer {token_of(sandbox)}"}
    answer = httpx.get(f"{sandbox.aws_endpoint}{path}", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["message"]) == (404, "there is no such path")
