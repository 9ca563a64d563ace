"""IAM roles and secrets through their stand-ins: made, the same afterwards, changed in place, gone."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.providers.calls import Calls
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.aws.provider import AwsProvider

URN = "urn:pulumi:sandbox::workshop::aws:x/y:Y::thing"
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
SECRET = "aws:secretsmanager/secret:Secret"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ALLOW = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x"}],
    }
)


@pytest.fixture
def aws(sandbox: SandboxPaths) -> Calls:
    token = dict.fromkeys(("accessKey", "secretKey"), token_of(sandbox))
    endpoints = [dict.fromkeys(("iam", "secretsmanager"), sandbox.aws_endpoint)]
    return Calls(AwsProvider({"region": "us-east-2", "endpoints": json.dumps(endpoints), **token}))


def life(aws: Calls, kind: str, inputs: Json, change: Json) -> None:
    """From creation to deletion; a refresh never shows a change."""
    wanted = aws.check(URN, kind, None, inputs, b"seed").inputs
    made = aws.create(URN, kind, wanted, False)
    changed = aws.check(URN, kind, wanted, {**inputs, **change}, b"seed").inputs
    for now in (wanted, changed):
        if now is changed:
            aws.update(URN, kind, made.id, wanted, made.outputs, changed, (), False)
        found = aws.read(URN, kind, made.id, now, made.outputs)
        assert found is not None
        assert aws.diff(URN, kind, made.id, found.inputs, found.outputs, now, ()).changed == ()
    aws.delete(URN, kind, made.id, changed, made.outputs)
    assert aws.read(URN, kind, made.id, changed, made.outputs) is None
    aws.delete(URN, kind, made.id, changed, made.outputs)


def test_a_role_and_its_policy(aws: Calls) -> None:
    life(aws, ROLE, {"name": "r", "assumeRolePolicy": TRUST, "tags": {"a": "1"}}, {"tags": {"b": "2"}})
    role = aws.check(URN, ROLE, None, {"name": "holder", "assumeRolePolicy": TRUST}, b"seed").inputs
    aws.create(URN, ROLE, role, False)
    life(aws, POLICY, {"name": "p", "role": "holder", "policy": ALLOW}, {"policy": ALLOW.replace("Get", "Put")})


def test_a_secret_may_be_made_again_at_once_under_its_name(aws: Calls) -> None:
    inputs = {"name": "test/again", "recoveryWindowInDays": 0, "tags": {"a": "1"}}
    for _ in range(2):
        life(aws, SECRET, inputs, {"tags": {"a": "2"}, "description": "another"})


def test_a_name_that_changes_replaces(aws: Calls) -> None:
    old, new = ({"name": name, "region": "us-east-2"} for name in ("one", "two"))

    assert aws.diff(URN, SECRET, "arn", old, {}, new, ()).replaces == ("name",)
