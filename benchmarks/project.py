"""A copy of the project with more resources, and a sandbox of its own beside it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import yaml

from benchmarks.timing import CommandFailed, Run, timed

ROOT: Final = Path(__file__).resolve().parents[1]
USERS: Final = "20"
_ZONE: Final = Path("zones", "coderdemo.io.yaml")
_SETTINGS: Final = "Pulumi.sandbox.yaml"
_MOST_RECORDS: Final = 320
"""Cloudflare, and so the sandbox's, takes 1,200 requests in five minutes; an `up` needs up to three a record."""

_NOT_COPIED: Final = shutil.ignore_patterns(".git", ".venv", ".workshop", "tests", "__pycache__", ".*_cache")


@dataclass(frozen=True)
class Project:
    """folder: the copy. environment: in which its commands run."""

    folder: Path
    environment: dict[str, str]

    def workshop(self, *arguments: str) -> Run:
        """Times one of our commands. Raises CommandFailed."""
        return timed(["scripts/workshop", *arguments], cwd=self.folder, environment=self.environment)

    def pulumi(self, *arguments: str, runs: int = 1) -> list[Run]:
        """Times the real CLI on the stand-ins, attaching not included. Raises CommandFailed."""
        python = str(ROOT / ".venv/bin/python")
        timer = [python, "-m", "benchmarks.timing", str(runs), "pulumi", *arguments]
        return [Run(**run) for run in json.loads(self._said(["scripts/workshop", "sandbox", "attach", "--", *timer]))]

    def count(self) -> int:
        """Resources that a preview would create, adopt, change or keep."""
        command = ["scripts/workshop", "preview", "--users", USERS, "--json"]
        return sum(json.loads(self._said(command))["changes"].values())

    def _said(self, command: Sequence[str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CommandFailed(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"[-2000:]
            )
        return done.stdout


@contextmanager
def project(more: int = 0) -> Generator[Project]:
    """A copy with so many resources more, or a few less, its sandbox up and never used before.

    A tenth are made-up DNS records, as far as Cloudflare takes them, the rest comes of made-up organizations, each of
    which is a resource in every region: the same mixture at every size, since the two don't cost the same. The program
    is unmodified.
    """
    with TemporaryDirectory(prefix="workshop-bench-") as temporary:
        folder = Path(temporary, "project")
        shutil.copytree(ROOT, folder, ignore=_NOT_COPIED)
        environment = {
            **os.environ,
            "PYTHONPATH": str(folder),
            "WORKSHOP_VENV": str(ROOT / ".venv"),
            "WORKSHOP_SANDBOX_DIR": str(Path(temporary, "sandbox")),
            "WORKSHOP_SANDBOX_PORT": str(_free_port()),
            "PULUMI_HOME": str(Path(temporary, "pulumi")),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        (folder / ".venv").symlink_to(ROOT / ".venv")  # where Pulumi.yaml has the CLI look for Python
        copy = Project(folder, environment)
        if more:
            records = min(more // 10, _MOST_RECORDS)
            _add_organizations(folder / _SETTINGS, more - records)
            _add_records(folder / _ZONE, records)
            copy.workshop("dns", "lock")
        copy.workshop("preview", "--users", USERS)  # starts the server, compiles what is not compiled yet
        try:
            yield copy
        finally:
            copy.workshop("sandbox", "stop")


def _add_records(file: Path, count: int) -> None:
    zone = yaml.safe_load(file.read_text(encoding="utf-8"))
    made_up = [{"host": f"bench-{number}.{zone['zone']}", "region": "us-east-2"} for number in range(count)]
    file.write_text(yaml.safe_dump({**zone, "records": [*(zone["records"] or []), *made_up]}), encoding="utf-8")


def _add_organizations(file: Path, resources: int) -> None:
    stack = yaml.safe_load(file.read_text(encoding="utf-8"))
    organizations, regions = stack["config"]["workshop:organizations"], stack["config"]["workshop:regions"]
    organizations += [
        {"name": f"bench-{number}", "namespace": f"coder-ws-bench-{number}", "minimum_provisioners": 2}
        for number in range(resources // len(regions))
    ]
    file.write_text(yaml.safe_dump(stack), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
