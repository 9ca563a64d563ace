"""What a running server says about itself."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

STATUS_PATH: Final = "/sandbox/status"
REALM: Final = "workshop sandbox"


class Identity(BaseModel):
    """Also the content of server.json. code: fingerprint of the source it runs."""

    model_config = ConfigDict(frozen=True)

    folder: Path
    pid: int
    port: int
    started_at: datetime
    code: str


def realm(folder: Path) -> str:
    """By which this folder's commands know its server when the token is gone; it doesn't show where the folder is."""
    return f"{REALM} {hashlib.sha256(bytes(folder)).hexdigest()}"


def code_fingerprint() -> str:
    """Changes when the sandbox's source does, so that a server that is out of date is told and replaced."""
    folder = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted((*folder.glob("*.py"), *folder.glob("servers/*.py"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
