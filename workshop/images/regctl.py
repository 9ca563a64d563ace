"""regctl, which copies images between registries as they are: every platform, attestations and signatures.

Where REGCTL_CONFIG names its configuration, as in the sandbox, that is what it starts from: logins, and where
registries really are. Ours adds ECR's passwords, in a file that only we read and that goes with the process.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from pydantic import BaseModel, ValidationError

from workshop.images.failure import ImagesFailure, NotThere

CONFIG: Final = "REGCTL_CONFIG"
_LOOPBACK: Final = "127.0.0.1:"
_NOT_FOUND: Final = re.compile(r"not found|status 404|\[http 404\]", re.IGNORECASE)
_REFUSED: Final = re.compile(r"\[http 40[13]\]|status 40[13]|challenge header")


class _Config(BaseModel):
    hosts: dict[str, dict[str, Any]] | None = None


class Regctl:
    """The program with a configuration of its own. passwords: of AWS's user, by the host of a registry."""

    def __init__(self, program: Path, passwords: Mapping[str, str]) -> None:
        self._program = program
        self._hosts = _hosts()
        self._is_sandbox = any(str(one.get("hostname", "")).startswith(_LOOPBACK) for one in self._hosts.values())
        for host, password in passwords.items():
            self._hosts[host] = {**self._hosts.get(host, {}), "user": "AWS", "pass": password}
        self._folder = tempfile.TemporaryDirectory(prefix="workshop-regctl-")

    def __enter__(self) -> Self:
        file = Path(self._folder.name) / "config.json"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as stream:
            json.dump({"hosts": self._hosts}, stream)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def digest(self, image: str) -> str | None:
        """The digest of the index behind a tag; None where there is none. Raises ImagesFailure."""
        done = self._run("image", "digest", image)
        if done.returncode != 0 and _NOT_FOUND.search(done.stderr):
            return None
        return self._said(done, image).strip()

    def copy(self, source: str, target: str) -> None:
        """Copies what is missing of an image, its signatures and attestations. Raises ImagesFailure.

        NotThere where the source has none, or the target no such repository.
        """
        self._said(self._run("image", "copy", "--referrers", "--digest-tags", source, target), source)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        self._refuse_strangers(arguments)
        environment = {**os.environ, CONFIG: str(Path(self._folder.name) / "config.json")}
        command = [str(self._program), *arguments]
        return subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )

    def _refuse_strangers(self, arguments: tuple[str, ...]) -> None:
        """In the sandbox nothing leaves the machine."""
        for image in arguments if self._is_sandbox else ():
            host, slash, _ = image.partition("/")
            if slash and host not in self._hosts:
                raise ImagesFailure(f"the sandbox has no registry {host}: it has {', '.join(self._hosts)}")

    @staticmethod
    def _said(done: subprocess.CompletedProcess[str], image: str) -> str:
        if done.returncode == 0:
            return done.stdout
        lines = done.stderr.strip().splitlines() or [f"regctl ended with {done.returncode}"]
        failure = NotThere if _NOT_FOUND.search(done.stderr) else ImagesFailure
        fix = "run it again, what is there is not sent again"
        if _REFUSED.search(done.stderr):
            fix = f"regctl registry login {image.partition('/')[0]}, or correct the image's name"
        raise failure(f"{lines[-1].strip(': ')}: {fix}")


def _hosts() -> dict[str, dict[str, Any]]:
    """Of the configuration that is there."""
    named = os.environ.get(CONFIG)
    file = Path(named or os.path.expanduser("~/.regctl/config.json"))  # noqa: PTH111 -- in a Pod nobody has a home
    try:
        return _Config.model_validate_json(file.read_bytes()).hosts or {}
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError):
        fix = "correct it, or move it away and log in again (regctl registry login)"
        raise ImagesFailure(f"{file}, regctl's configuration, can't be read: {fix}") from None
