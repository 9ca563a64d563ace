"""Makes a sandbox stack known to the real Pulumi CLI, without touching the checkout."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from workshop.model.settings.commands import PROJECT
from workshop.sandbox.attach.environment import backend_folder, passphrase_file, settings_file
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem


def prepare_stack(paths: SandboxPaths, stack: str, environment: Mapping[str, str]) -> None:
    """Makes the stack where there is none, takes its settings anew where the tracked ones have changed, and leads
    them to the sandbox's server, which therefore runs already.

    Raises SandboxProblem where the CLI or the stack's settings are missing, or where the CLI refuses.
    """
    tracked, settings = _tracked_settings(paths, stack), settings_file(paths, stack)
    if not settings.exists():
        _make_stack(paths, stack, environment)
    document: dict[str, Any] = yaml.safe_load(settings.read_text(encoding="utf-8"))
    is_stale = "config" not in document or settings.stat().st_mtime < tracked.stat().st_mtime
    source: dict[str, Any] = yaml.safe_load(tracked.read_text(encoding="utf-8")) if is_stale else document
    config = source["config"] | {f"{PROJECT}:{key}": value for key, value in paths.settings.items()}
    if config != document.get("config"):
        write_private(settings, yaml.safe_dump({**document, "config": config}, sort_keys=False))


def _tracked_settings(paths: SandboxPaths, stack: str) -> Path:
    """The stack's own file, or that of the stack named sandbox for one that has none."""
    for name in (stack, "sandbox"):
        path = paths.checkout / f"Pulumi.{name}.yaml"
        if path.exists():
            return path
    raise SandboxProblem(f"{paths.checkout} has no Pulumi.sandbox.yaml: restore it: git checkout Pulumi.sandbox.yaml")


def _make_stack(paths: SandboxPaths, stack: str, environment: Mapping[str, str]) -> None:
    """Lets the CLI make it, in a folder beside its state, where it puts the stack's salt into the settings."""
    backend_folder(paths).mkdir(parents=True, exist_ok=True)
    if not passphrase_file(paths).exists():
        write_private(passphrase_file(paths), secrets.token_urlsafe(32))
    write_private(paths.pulumi / "Pulumi.yaml", yaml.safe_dump({"name": PROJECT, "runtime": "python"}))
    command = ["pulumi", "stack", "init", "--stack", stack, "--no-select", "--non-interactive"]
    try:
        made = subprocess.run(command, cwd=paths.pulumi, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise SandboxProblem(
            "the pulumi command is not on PATH: attaching serves the sandbox to it: install it "
            "(https://www.pulumi.com/docs/install/), or use workshop up, which needs none"
        ) from None
    if made.returncode != 0:
        raise SandboxProblem(f"the Pulumi CLI could not make the stack {stack}: {made.stderr.strip()}")
