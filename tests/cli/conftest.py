from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.model.given import ROOT
from workshop.cli.backends import backend
from workshop.cli.main import app
from workshop.cli.runs import Run as LastRun
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.model.images.history import Release
from workshop.model.outcome import Outcome

Run = Callable[..., Result]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the stacks' files that a command may read, and a data folder of its own."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, folder)
    monkeypatch.setenv("WORKSHOP_PROJECT", str(folder))
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WORKSHOP_SANDBOX_PORT", "1")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return folder


@pytest.fixture
def run(checkout: Path) -> Run:
    """Runs one command line; `typed` is what a person types."""

    def command(*arguments: str, typed: str = "") -> Result:
        return CliRunner(env={"COLUMNS": "80"}).invoke(app, arguments, input=typed, prog_name="workshop")

    return command


@dataclass
class FakeBackend:
    """Answers what it is told to and notes what it was asked."""

    asks: bool = False
    outcome: Outcome = field(default_factory=Outcome)
    previewed: Outcome = field(default_factory=Outcome)
    exported: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: tuple[Mapping[str, Any], ...] = ()
    last: LastRun | None = None
    released: tuple[Release, ...] = ()
    asked: list[str] = field(default_factory=list[str])

    def preview(self) -> Outcome:
        self.asked.append("preview")
        return self.previewed

    def up(self) -> Outcome:
        self.asked.append("up")
        return self.outcome

    def preview_destroy(self) -> Outcome:
        self.asked.append("preview_destroy")
        return self.previewed

    def destroy(self) -> Outcome:
        self.asked.append("destroy")
        return self.outcome

    def resources(self) -> Sequence[Mapping[str, Any]]:
        return self.state

    def last_run(self) -> LastRun | None:
        return self.last

    def releases(self) -> Sequence[Release]:
        return self.released

    def outputs(self) -> Mapping[str, Any]:
        return self.exported


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """Takes the place of the sandbox and of the Pulumi CLI."""
    fake = FakeBackend()

    def open_backend(stack: Stack, screen: Screen) -> FakeBackend:
        return fake

    monkeypatch.setattr(backend, "open_backend", open_backend)
    return fake
