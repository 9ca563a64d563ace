"""How the sandbox is reached: the token by which its server knows who may use it, and where browsers would go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from workshop.observe.project import in_project

if TYPE_CHECKING:
    from workshop.model.settings.stack import Settings

TOKEN_FILE: Final = "token"  # noqa: S105 -- the name of a file
"""In the sandbox's data folder, beside the kubeconfig."""

NO_TOKEN: Final = "0" * 40
"""Where there is none; no server takes it, and the Cloudflare provider asks for this length."""


def sandbox_token(settings: Settings) -> str:
    """What stands for credentials in the sandbox, of the data folder to which workshop:kubeconfig leads."""
    if settings.kubeconfig is None:
        return NO_TOKEN
    try:
        return in_project(settings.kubeconfig).with_name(TOKEN_FILE).read_text(encoding="utf-8")
    except OSError:
        return NO_TOKEN


def sandbox_door(settings: Settings) -> tuple[int, Path]:
    """The port where the sandbox's hosts answer by TLS, and the certificate that signs theirs. Raises OSError."""
    folder = in_project(settings.kubeconfig or "").with_name("tls")
    return int((folder / "port").read_text(encoding="utf-8")), folder / "ca.crt"
