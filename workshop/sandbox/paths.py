"""Where the sandbox keeps what it remembers, and on which port its server listens."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from workshop.observe.project import project_folder
from workshop.observe.sandbox_credentials import TOKEN_FILE
from workshop.sandbox.problem import SandboxProblem

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 47800


@dataclass(frozen=True, kw_only=True)
class SandboxPaths:
    """The data folder's layout (docs/architecture.md, "The sandbox").

    checkout: the project whose sandbox it is. folder: where the data is. given_port: the only one that the server may
    listen on; None: it takes another where the one it had is taken.
    """

    checkout: Path
    folder: Path
    given_port: int | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Reads WORKSHOP_SANDBOX_DIR and WORKSHOP_SANDBOX_PORT. Raises SandboxProblem for a wrong port."""
        folder, project = os.environ.get("WORKSHOP_SANDBOX_DIR"), project_folder()
        return cls(
            checkout=project,
            folder=Path(folder).resolve() if folder else _default_folder(project),
            given_port=_port(os.environ.get("WORKSHOP_SANDBOX_PORT")),
        )

    @property
    def port(self) -> int:
        """Of the server, on 127.0.0.1. Read anew each time: a server that starts may take another (lifecycle.py)."""
        if self.given_port is not None:
            return self.given_port
        try:
            remembered = self.port_file.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return DEFAULT_PORT
        return int(remembered) if _is_port(remembered) else DEFAULT_PORT

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a stack that lead here, for where those in its file lead elsewhere."""
        return {
            "endpoints": {
                "aws": self.aws_endpoint,
                "cloudflare": self.cloudflare_endpoint,
                "litellm": self.litellm_endpoint,
            },
            "kubeconfig": str(self.kubeconfig),
        }

    @property
    def is_default(self) -> bool:
        """Whether Pulumi.sandbox.yaml's endpoints and kubeconfig are the right ones as committed."""
        return self.folder == self.checkout / ".workshop" and self.port == DEFAULT_PORT

    @property
    def aws_endpoint(self) -> str:
        """For every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def cloudflare_endpoint(self) -> str:
        """The Cloudflare provider's and client's base URL."""
        return f"{self.aws_endpoint}/client/v4"

    def cluster_endpoint(self, context: str) -> str:
        """The Kubernetes API of one cluster."""
        return f"{self.aws_endpoint}/clusters/{context}"

    @property
    def overrides(self) -> Path:
        """Settings that the sandbox remembers."""
        return self.folder / "overrides.json"

    @property
    def stacks(self) -> Path:
        """State files, one per stack."""
        return self.folder / "stacks"

    @property
    def pulumi(self) -> Path:
        """Backend, passphrase and settings of the real Pulumi CLI while it is attached."""
        return self.folder / "pulumi"

    @property
    def port_file(self) -> Path:
        """The port that the server took because the default was taken."""
        return self.folder / "port"

    @property
    def server_file(self) -> Path:
        """Process id, port and start time of the server."""
        return self.folder / "server.json"

    @property
    def server_lock(self) -> Path:
        """Held by the server for as long as it lives."""
        return self.folder / "server.lock"

    @property
    def start_lock(self) -> Path:
        """Held by whoever starts or stops the server."""
        return self.folder / "start.lock"

    @property
    def server_log(self) -> Path:
        """What the server printed."""
        return self.folder / "server.log"

    @property
    def aws_record(self) -> Path:
        """Every AWS request that changed something."""
        return self.folder / "aws.jsonl"

    @property
    def objects(self) -> Path:
        """What is in S3's buckets: a folder a bucket, a file an object."""
        return self.folder / "objects"

    @property
    def cloudflare_file(self) -> Path:
        """Zones and records."""
        return self.folder / "cloudflare.json"

    @property
    def litellm_endpoint(self) -> str:
        """LiteLLM's base URL."""
        return f"{self.aws_endpoint}/litellm"

    @property
    def litellm_file(self) -> Path:
        """Keys that LiteLLM has issued, by hash."""
        return self.folder / "litellm.json"

    @property
    def clusters(self) -> Path:
        """One folder per cluster, named by its context."""
        return self.folder / "clusters"

    @property
    def homes(self) -> Path:
        """What pods of clusters in folders keep on their disk: a folder each, by context and uid."""
        return self.folder / "homes"

    @property
    def token_file(self) -> Path:
        """What every request to the server has to show; beside the kubeconfig, by which programs find it."""
        return self.folder / TOKEN_FILE

    @property
    def cluster_token(self) -> Path:
        """What a Job's process shows to write to a cluster that is a folder."""
        return self.folder / "cluster-token"

    @property
    def regctl_config(self) -> Path:
        """Where regctl finds the registries."""
        return self.folder / "regctl.json"

    @property
    def kubeconfig(self) -> Path:
        """A context per cluster."""
        return self.folder / "kubeconfig"


def _default_folder(project: Path) -> Path:
    """In the project, or where that can't be written among the user's own state (XDG base directories)."""
    own = project / ".workshop"
    if _is_writable(own):
        return own
    homes = (os.environ.get("XDG_STATE_HOME", ""), os.path.expanduser("~/.local/state"))  # noqa: PTH111 -- never raises
    temporary = Path(tempfile.gettempdir()) / f"workshop-{os.getuid()}"
    home = next((Path(home) for home in homes if home.startswith("/") and _is_writable(Path(home))), temporary)
    return home / "workshop" / f"sandbox-{hashlib.sha256(bytes(project)).hexdigest()[:12]}"


def _is_writable(folder: Path) -> bool:
    """Whether it can be written, or made where it isn't there."""
    nearest = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110 -- never raises
    return os.access(nearest, os.W_OK | os.X_OK)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len("65535") and 1 <= int(text) <= 65535


def _port(value: str | None) -> int | None:
    if not value:
        return None
    if not _is_port(value):
        raise SandboxProblem(
            f"WORKSHOP_SANDBOX_PORT is {value!r}: the sandbox needs a port from 1 to 65535: "
            "export WORKSHOP_SANDBOX_PORT=47801, or unset it"
        )
    return int(value)
