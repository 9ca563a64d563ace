from __future__ import annotations

from pathlib import Path

import pytest

from workshop.sandbox.paths import CHECKOUT, DEFAULT_PORT, SandboxPaths
from workshop.sandbox.problem import SandboxProblem


def test_unset_variables_mean_the_checkouts_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKSHOP_SANDBOX_DIR", raising=False)
    monkeypatch.delenv("WORKSHOP_SANDBOX_PORT", raising=False)
    paths = SandboxPaths.from_environment()
    assert (paths.folder, paths.port) == (CHECKOUT / ".workshop", DEFAULT_PORT)
    assert paths.is_default
    assert (CHECKOUT / "Pulumi.sandbox.yaml").is_file()


def test_variables_move_folder_and_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path))
    monkeypatch.setenv("WORKSHOP_SANDBOX_PORT", "47901")
    paths = SandboxPaths.from_environment()
    assert paths.kubeconfig == tmp_path / "kubeconfig"
    assert paths.cloudflare_endpoint == "http://127.0.0.1:47901/client/v4"
    assert paths.cluster_endpoint("coder-ohio") == "http://127.0.0.1:47901/clusters/coder-ohio"
    assert not paths.is_default


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "4 7800"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("WORKSHOP_SANDBOX_PORT", port)
    with pytest.raises(SandboxProblem, match=f"^WORKSHOP_SANDBOX_PORT is '{port}': the sandbox needs a port from 1"):
        SandboxPaths.from_environment()
