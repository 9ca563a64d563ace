"""A sandbox for the entry points, imported by those tests only that need one: others are run once a mutant."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.rotation.world import World
    from workshop.sandbox.paths import SandboxPaths


@pytest.fixture(scope="package")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    from tests.sandbox.servers_for_tests import running

    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def world(
    sandbox: SandboxPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Generator[World]:
    """The sandbox with a secret of the test's own, and the environment that a Pod has."""
    import yaml

    from tests.rotation.world import CONTEXT, NAMESPACES, World, secrets_manager
    from workshop.model.rotation import StoredKey
    from workshop.sandbox.data_folder import token_of
    from workshop.sandbox.files import write_whole
    from workshop.sandbox.manifests.store import ManifestStore
    from workshop.sandbox.pods.kubelet import folder_token

    kubeconfig = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": sandbox.cluster_endpoint(CONTEXT)}}],
        "users": [{"name": "u", "user": {"token": folder_token(sandbox)}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    write_whole(tmp_path / "kubeconfig", yaml.safe_dump(kubeconfig))
    for name, value in {
        "KUBECONFIG": str(tmp_path / "kubeconfig"),
        "AWS_ENDPOINT_URL": sandbox.aws_endpoint,
        "AWS_ACCESS_KEY_ID": token_of(sandbox),
        "AWS_SECRET_ACCESS_KEY": token_of(sandbox),
        "NO_PROXY": "*",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it keeps the credentials that it was made with
    name = f"test/{request.node.name.translate(str.maketrans('[]', '--'))}"
    secrets_manager().create_secret(Name=name)
    made = World(
        paths=sandbox,
        stored=StoredKey(name=name, region="us-east-2"),
        manifests=ManifestStore(sandbox.clusters / CONTEXT),
    )
    yield made
    made.fix()
    for namespace in NAMESPACES:
        made.suspend(namespace, is_suspended=False, manager="HashiCorp")
        made.write_secret(namespace, "sk-rotated")
