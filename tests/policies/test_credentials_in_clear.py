"""credentials-in-clear: no password, key or token stands in a resource's inputs."""

from __future__ import annotations

import pytest

from policies.credentials_in_clear import CREDENTIALS_IN_CLEAR
from policies.pack.testing import UNKNOWN, Resource, judge
from tests.policies.declared import DIGEST, node_class, node_pool, record, server
from tests.policies.expecting import exemption, refused

BY_NAME = "pass it by a Secret (valueFrom.secretKeyRef) or by AWS Secrets Manager"
BY_LOOKS = "remove it, revoke it, and pass a new one by a Secret or by AWS Secrets Manager"


def config_map(key: str, value: object) -> Resource:
    return Resource(type="kubernetes:core/v1:ConfigMap", inputs={"data": {key: value}})


def variable(name: str, **value: object) -> Resource:
    containers = [{"name": "coder", "env": [{"name": name, **value}]}]
    return Resource(type="kubernetes:core/v1:Pod", inputs={"spec": {"containers": containers}})


def named(path: str, name: str) -> str:
    return refused(CREDENTIALS_IN_CLEAR, f"{path} has a value, and '{name}' is a credential's name", BY_NAME)


def looks_like(path: str, kind: str) -> str:
    return refused(CREDENTIALS_IN_CLEAR, f"{path} holds what looks like {kind}", BY_LOOKS)


def test_pass_without_credentials() -> None:
    by_reference = variable("DB_PASSWORD", valueFrom={"secretKeyRef": {"name": "postgres", "key": "password"}})

    assert judge(CREDENTIALS_IN_CLEAR, node_pool(), node_class(), record(), server(), by_reference) == []


def test_pass_on_digests_and_on_settings_about_credentials() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("image", DIGEST)) == []
    for word in ("true", "false", "required", "Optional", "disabled", "enabled", "none", "null"):
        assert judge(CREDENTIALS_IN_CLEAR, config_map("httpToken", word)) == []


@pytest.mark.parametrize(
    "kind",
    [
        "kubernetes:core/v1:Secret",
        "kubernetes:core/v1:SecretPatch",
        "aws:ssm/parameter:Parameter",
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws-native:secretsmanager:Secret",
        "pulumi:providers:cloudflare",
    ],
)
def test_pass_on_kinds_that_exist_to_hold_secrets(kind: str) -> None:
    assert judge(CREDENTIALS_IN_CLEAR, Resource(type=kind, inputs={"apiToken": "s3cr3t"})) == []


@pytest.mark.parametrize(
    "name",
    ["password", "DB_PASSWORD", "apiKey", "api_key", "authToken", "clientSecret", "PSK", "private-key", "passwd"],
)
def test_fail_by_name(name: str) -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map(name, "s3cr3t")) == [named(f"data.{name}", name)]


def test_fail_on_a_variable_by_its_own_name() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, variable("LITELLM_TOKEN", value="s3cr3t")) == [
        named("spec.containers[0].env[0].value", "LITELLM_TOKEN")
    ]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("an AWS access key", "AKIA" + "IOSFODNN7EXAMPLE"),
        ("a GitHub token", "ghp_" + "a" * 36),
        ("a private key", "-----BEGIN RSA " + "PRIVATE KEY-----"),
        ("a JSON web token", "eyJhbGciOiJI.eyJzdWIiOiIx." + "c2lnbmF0dXJl"),
        ("an API key", "sk-" + "a" * 20),
        ("a Slack token", "xoxb-" + "1" * 10),
        ("a password in a URL", "postgres://coder:s3cr3t@db/coder"),
    ],
)
def test_fail_by_looks_and_the_value_is_not_repeated(kind: str, text: str) -> None:
    messages = judge(CREDENTIALS_IN_CLEAR, config_map("note", f"see {text}"))

    assert messages == [looks_like("data.note", kind)]
    assert text not in messages[0]


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ('{"db": {"password": "s3cr3t"}}', "data.app.db.password", "password"),
        ('[{"name": "API_KEY", "value": "s3cr3t"}]', "data.app[0].value", "API_KEY"),
        ("HOST=db\nexport DB_PASSWORD='s3cr3t'\n", "data.app", "DB_PASSWORD"),
        ("db:\n  user: coder\n  password: s3cr3t\n", "data.app", "password"),
        ("- token: s3cr3t", "data.app", "token"),
        ("--api-key=s3cr3t", "data.app", "api-key"),
        ('{"broken": 1\n"apiKey": "s3cr3t",', "data.app", "apiKey"),
    ],
)
def test_fail_by_name_in_a_text_that_is_a_document(text: str, path: str, name: str) -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("app", text)) == [named(path, name)]


@pytest.mark.parametrize(
    "text",
    [
        '{"password": ""}',
        '{"httpTokens": "required", "image": "a"}',
        "password: ${DB_PASSWORD}",
        "password: {{ .Values.password }}",
        "password: required",
        "password: |",
        "password:",
        "see the token: it is in the vault",
        "[" * 100_000,
    ],
)
def test_boundary_of_texts_that_hold_no_credential(text: str) -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("app", text)) == []


def test_fail_in_a_list() -> None:
    arguments = Resource(type="kubernetes:core/v1:Pod", inputs={"args": ["--dsn", "postgres://coder:s3cr3t@db/coder"]})

    assert judge(CREDENTIALS_IN_CLEAR, arguments) == [looks_like("args[1]", "a password in a URL")]


def test_boundary_of_names_and_of_patterns() -> None:
    harmless = {"tokens": "x", "secretName": "x", "tokenizer": "x", "compass": "x", "keyboard": "x"}

    assert judge(CREDENTIALS_IN_CLEAR, *(config_map(key, value) for key, value in harmless.items())) == []
    assert judge(CREDENTIALS_IN_CLEAR, config_map("note", "AKIA" + "IOSFODNN7EXAMPL")) == []
    assert judge(CREDENTIALS_IN_CLEAR, config_map("note", "https://coder@example.com/")) == []
    assert judge(CREDENTIALS_IN_CLEAR, config_map("token", "x"), config={"harmlessPaths": ["data.token"]}) == []


def test_unknown_value_under_a_credential_s_name() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("password", UNKNOWN)) == [named("data.password", "password")]


def test_missing_value_is_no_credential() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("password", None), variable("DB_PASSWORD")) == []


def test_wrong_type_a_number_may_be_a_password() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("password", 12345)) == [named("data.password", "password")]
    assert judge(CREDENTIALS_IN_CLEAR, config_map("password", True)) == []


def test_empty_value_is_no_credential() -> None:
    assert judge(CREDENTIALS_IN_CLEAR, config_map("password", "")) == []


def test_exempt() -> None:
    clear = config_map("password", "s3cr3t")

    assert judge(CREDENTIALS_IN_CLEAR, clear, exemptions=[exemption(CREDENTIALS_IN_CLEAR, clear)]) == []
