"""door-rights: what serves people's page from the internet has no right in any cluster, and one Secret."""

from __future__ import annotations

import pytest

from policies.door_rights import DOOR_RIGHTS
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.event_parts import declared_by, part
from tests.policies.expecting import empty, exemption, missing, refused, unknown, wrong_type
from workshop.sandbox.json_values import Json

DEPLOYMENT = part("Door", "us-east-2-door")
ACCOUNT = part("Door", "door-account")
BINDING = part("KeeperRights", "keeper-coder-ws-binding")
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers.0"
SHOWN = f"{POD}.containers[0].securityContext"
ENV: Json = DEPLOYMENT.inputs["spec"]["template"]["spec"]["containers"][0]["env"]
ELSE: Json = {"name": "MORE", "valueFrom": {"secretKeyRef": {"name": "keeper-coder", "key": "token"}}}


def test_pass_with_what_the_components_declare_and_with_what_is_not_the_door() -> None:
    assert judge(DOOR_RIGHTS, *declared_by("Door"), *declared_by("Keeper"), *declared_by("KeeperRights")) == []
    keeper = DEPLOYMENT.with_input("metadata.name", "another").with_input(f"{POD}.automountServiceAccountToken", True)
    assert judge(DOOR_RIGHTS, keeper) == []
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input("metadata.namespace", "b").with_input(POD, {})) == []


@pytest.mark.parametrize(
    ("path", "shown", "wanted"),
    [
        (f"{POD}.automountServiceAccountToken", f"{POD}.automountServiceAccountToken", False),
        (f"{POD}.securityContext.runAsNonRoot", f"{POD}.securityContext.runAsNonRoot", True),
        (f"{CONTAINER}.securityContext.allowPrivilegeEscalation", f"{SHOWN}.allowPrivilegeEscalation", False),
        (f"{CONTAINER}.securityContext.readOnlyRootFilesystem", f"{SHOWN}.readOnlyRootFilesystem", True),
    ],
    ids=["token", "root", "escalation", "filesystem"],
)
def test_fail_on_a_pod_with_rights(path: str, shown: str, wanted: bool) -> None:
    says = str(wanted).lower()
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(path, not wanted)) == [
        refused(DOOR_RIGHTS, f"{shown} must be {says}", f"set {shown} to {says}")
    ]
    assert judge(DOOR_RIGHTS, DEPLOYMENT.without_input(path)) == [missing(DOOR_RIGHTS, shown)]
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(path, UNKNOWN)) == [unknown(DOOR_RIGHTS, shown)]
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(path, "no")) == [
        wrong_type(DOOR_RIGHTS, shown, "the text 'no'", "true or false")
    ]


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        (
            f"{CONTAINER}.env",
            [*ENV, ELSE],
            "door-database, keeper-coder",
        ),
        (f"{CONTAINER}.envFrom", [{"secretRef": {"name": "a"}}], "door-database and more by volumes or envFrom"),
        (f"{POD}.volumes", [{"name": "a"}], "door-database and more by volumes or envFrom"),
    ],
    ids=["variable", "env-from", "volume"],
)
def test_fail_on_another_secret(path: str, value: object, read: str) -> None:
    fix = "give it the Secret of its database, as a variable, and nothing else"
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(path, value)) == [refused(DOOR_RIGHTS, f"it reads {read}", fix)]


@pytest.mark.parametrize(
    "subject",
    [
        {"kind": "ServiceAccount", "name": "ai-coder-workshop-door", "namespace": "ai-coder-workshop-event"},
        {"kind": "User", "name": "system:serviceaccount:ai-coder-workshop-event:ai-coder-workshop-door"},
        {"kind": "Group", "name": "system:serviceaccounts:ai-coder-workshop-event"},
        {"kind": "Group", "name": "system:serviceaccounts"},
    ],
    ids=["account", "user", "its-namespace", "all-accounts"],
)
def test_fail_on_a_role_for_its_account(subject: dict[str, str]) -> None:
    role = BINDING.inputs["roleRef"]["name"]
    assert judge(DOOR_RIGHTS, BINDING.with_input("subjects", [subject])) == [
        refused(DOOR_RIGHTS, f"it gives the door's account the role {role}", "remove this subject")
    ]
    other = {**subject, "name": "another"}
    assert judge(DOOR_RIGHTS, BINDING.with_input("subjects", [other])) == []


def test_fail_on_an_iam_role() -> None:
    annotations = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/a"}
    assert judge(DOOR_RIGHTS, ACCOUNT.with_input("metadata.annotations", annotations)) == [
        refused(DOOR_RIGHTS, "its account takes on an IAM role", "remove the annotation eks.amazonaws.com/role-arn")
    ]


def test_fail_on_a_patch() -> None:
    patch = Resource(type="kubernetes:apps/v1:DeploymentPatch", inputs={"metadata": DEPLOYMENT.inputs["metadata"]})
    assert judge(DOOR_RIGHTS, patch) == [
        refused(DOOR_RIGHTS, "a patch changes the door", "change the component Door instead")
    ]


def test_boundary_of_one_secret() -> None:
    """Another key of the same one is no other Secret."""
    key: Json = {"name": "USER", "valueFrom": {"secretKeyRef": {"name": "door-database", "key": "user"}}}
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(f"{CONTAINER}.env", [*ENV, key])) == []


def test_missing_pod() -> None:
    assert judge(DOOR_RIGHTS, DEPLOYMENT.without_input(POD)) == [missing(DOOR_RIGHTS, POD)]


def test_unknown_values() -> None:
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(f"{POD}.containers", UNKNOWN)) == [
        unknown(DOOR_RIGHTS, f"{POD}.containers")
    ]


def test_wrong_type_of_containers() -> None:
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(f"{POD}.containers", "one")) == [
        wrong_type(DOOR_RIGHTS, f"{POD}.containers", "the text 'one'", "a list")
    ]


def test_empty_containers() -> None:
    assert judge(DOOR_RIGHTS, DEPLOYMENT.with_input(f"{POD}.containers", [])) == [
        empty(DOOR_RIGHTS, f"{POD}.containers")
    ]


def test_exempt() -> None:
    changed = DEPLOYMENT.with_input(f"{POD}.automountServiceAccountToken", True)
    assert judge(DOOR_RIGHTS, changed, exemptions=[exemption(DOOR_RIGHTS, changed)]) == []
