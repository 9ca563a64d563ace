"""Credentials, endpoint and patience of boto3's clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from lightkube.core.exceptions import ConfigError

from tests.model.given import settings
from workshop.observe.aws_clients import aws_client
from workshop.observe.cluster import Cluster
from workshop.observe.sandbox_credentials import sandbox_token


def config_of(client: object) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    return cast("Any", client).meta.config


def test_it_gives_up_after_seconds() -> None:
    with aws_client(settings(), "ecr", "us-west-2") as client:
        config = config_of(client)
        assert (config.connect_timeout, config.read_timeout) == (3, 8)
        assert config.retries["total_max_attempts"] == 2
        assert client.meta.region_name == "us-west-2"


def test_in_the_sandbox_its_token_stands_for_credentials(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("of-the-sandbox")
    given = settings(
        endpoints={"aws": "http://127.0.0.1:9", "cloudflare": "http://127.0.0.1:9/client/v4"},
        kubeconfig=str(tmp_path / "kubeconfig"),
    )
    with aws_client(given, "ecr", "us-west-2") as client:
        credentials = client._request_signer._credentials
        assert client.meta.endpoint_url == "http://127.0.0.1:9"
        assert (credentials.access_key, credentials.secret_key) == ("of-the-sandbox", "of-the-sandbox")


def test_a_relative_kubeconfig_starts_in_the_project_s_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command is run."""
    (tmp_path / "Pulumi.yaml").write_text("name: workshop")
    (tmp_path / ".workshop").mkdir()
    (tmp_path / ".workshop" / "token").write_text("of-the-project")
    monkeypatch.setenv("WORKSHOP_PROJECT", str(tmp_path))
    monkeypatch.chdir("/")
    assert sandbox_token(settings(kubeconfig=".workshop/kubeconfig")) == "of-the-project"
    with pytest.raises(ConfigError, match=f"{tmp_path}/.workshop/kubeconfig"):
        Cluster(".workshop/kubeconfig", "coder-ohio")


def test_elsewhere_the_machines_own_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it keeps what it was made with
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-this-machine")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-this-machine")
    with aws_client(settings("workshop"), "ecr", "us-west-2") as client:
        assert client.meta.endpoint_url == "https://api.ecr.us-west-2.amazonaws.com"
        assert client._request_signer._credentials.access_key == "of-this-machine"
