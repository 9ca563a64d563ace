"""Where the sandbox keeps what it remembers, and on which port its server listens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from workshop.sandbox.problem import SandboxProblem

CHECKOUT = Path(__file__).resolve().parents[2]
DEFAULT_PORT = 47800


@dataclass(frozen=True, kw_only=True)
class SandboxPaths:
    """The data folder's layout (docs/architecture.md, "The sandbox").

    checkout: the project whose sandbox it is. folder: where the data is. port: of the server, on 127.0.0.1.
    """

    checkout: Path
    folder: Path
    port: int

    @classmethod
    def from_environment(cls) -> Self:
        """Reads WORKSHOP_SANDBOX_DIR and WORKSHOP_SANDBOX_PORT. Raises SandboxProblem where the port is none."""
        folder = os.environ.get("WORKSHOP_SANDBOX_DIR")
        return cls(
            checkout=CHECKOUT,
            folder=Path(folder).resolve() if folder else CHECKOUT / ".workshop",
            port=_port(os.environ.get("WORKSHOP_SANDBOX_PORT")),
        )

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
    def cloudflare_file(self) -> Path:
        """Zones and records."""
        return self.folder / "cloudflare.json"

    @property
    def clusters(self) -> Path:
        """One folder per cluster, named by its context."""
        return self.folder / "clusters"

    @property
    def kubeconfig(self) -> Path:
        """A context per cluster."""
        return self.folder / "kubeconfig"


def _port(value: str | None) -> int:
    if not value:
        return DEFAULT_PORT
    if not value.isdecimal() or not 1 <= int(value) <= 65535:
        raise SandboxProblem(
            f"WORKSHOP_SANDBOX_PORT is {value!r}: the sandbox needs a port from 1 to 65535: "
            "export WORKSHOP_SANDBOX_PORT=47801, or unset it"
        )
    return int(value)
