from __future__ import annotations

import os
import tempfile
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


@pytest.mark.parametrize("content", ["", "0", "65536", "http", "9" * 5000, "\u0664"])
def test_a_damaged_memory_of_the_port_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str) -> None:
    monkeypatch.delenv("WORKSHOP_SANDBOX_PORT", raising=False)
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path))
    paths = SandboxPaths.from_environment()
    paths.port_file.write_text(content, encoding="utf-8")
    assert paths.port == DEFAULT_PORT
    paths.port_file.write_text("47901\n")
    assert paths.port == 47901
    assert not paths.is_default


class TestReadOnlyCheckout:
    """The data goes where the user keeps state; a folder in the checkout that can be written wins."""

    @pytest.fixture(autouse=True)
    def read_only(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever runs the tests may be allowed to write anything, so the question is answered here."""
        for name in ("WORKSHOP_SANDBOX_DIR", "XDG_STATE_HOME"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        (tmp_path / "checkout").mkdir()
        (tmp_path / "checkout" / "Pulumi.yaml").touch()
        monkeypatch.setenv("WORKSHOP_PROJECT", str(tmp_path / "checkout"))
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
        closed = [tmp_path / "checkout", tmp_path / "closed"]
        monkeypatch.setattr(os, "access", lambda path, mode: path not in closed)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]

    def test_home(self, tmp_path: Path) -> None:
        folder = SandboxPaths.from_environment().folder
        assert folder.parent == tmp_path / "home" / ".local" / "state" / "workshop"
        assert folder == SandboxPaths.from_environment().folder

    def test_the_users_own_choice(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        assert SandboxPaths.from_environment().folder.parent == tmp_path / "state" / "workshop"

    def test_no_home_that_can_be_written(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "closed").mkdir()
        monkeypatch.setenv("HOME", str(tmp_path / "closed"))
        folder = SandboxPaths.from_environment().folder
        assert folder.parent == tmp_path / "tmp" / f"workshop-{os.getuid()}" / "workshop"

    def test_a_folder_that_is_there_and_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "checkout" / ".workshop").mkdir()
        assert SandboxPaths.from_environment().folder == tmp_path / "checkout" / ".workshop"
