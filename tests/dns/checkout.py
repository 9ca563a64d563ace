"""A checkout of one's own that may be edited, with a sandbox of its own, and the command run in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.model.given import ROOT
from tests.sandbox.servers_for_tests import free_port

_PARTS = ("__main__.py", "workshop", "components", "policies", "zones")
_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """folder: where it is; port: of its sandbox, whose data is beside it unless another folder is named."""

    folder: Path
    port: int
    data: Path | None = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "workshop", *arguments],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "WORKSHOP_SANDBOX_DIR": str(self.data or self.folder / ".workshop"),
                "WORKSHOP_SANDBOX_PORT": str(self.port),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def said(self, *arguments: str, exit_code: int = 0) -> str:
        done = self.run(*arguments)
        assert done.returncode == exit_code, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    def edit(self, path: str, old: str, new: str) -> None:
        file = self.folder / path
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new), "utf-8")

    def cloudflare(self) -> httpx.Client:
        url = f"http://127.0.0.1:{self.port}/client/v4"
        token = (self.folder / ".workshop" / "token").read_text("utf-8")
        return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


@contextmanager
def checkout(folder: Path) -> Generator[Checkout]:
    folder.mkdir()
    for name in (*_PARTS, *(file.name for file in ROOT.glob("Pulumi*.yaml"))):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    one = Checkout(folder=folder, port=free_port())
    try:
        yield one
    finally:
        one.run("sandbox", "stop")
