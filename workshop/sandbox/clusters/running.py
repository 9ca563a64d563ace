"""Which clusters of a data folder have API servers, and how these are reached."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from workshop.sandbox.clusters.api import Access
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem


class _Running(BaseModel):
    """running.json. ports: of each API server on 127.0.0.1, by context."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ports: Mapping[str, int]


def folder_of(paths: SandboxPaths) -> Path:
    """Where the control planes keep credentials, process records, logs and etcd's data."""
    return paths.folder / "control-planes"


def record_ports(paths: SandboxPaths, ports: Mapping[str, int]) -> None:
    """From now on the sandbox's clusters are these."""
    write_private(_record(paths), _Running(ports=ports).model_dump_json(indent=2) + "\n")


def forget_ports(paths: SandboxPaths) -> bool:
    """From now on the sandbox's clusters are folders of manifests; answers whether they were not before."""
    had_api_servers = _record(paths).exists()
    _record(paths).unlink(missing_ok=True)
    return had_api_servers


def api_servers(paths: SandboxPaths) -> Mapping[str, Access]:
    """How to reach each API server, by context; empty where the clusters are folders of manifests.

    Whether they still run is not looked at: a cluster doesn't turn into another one when its server dies.
    """
    folder = folder_of(paths)
    try:
        running = _Running.model_validate_json(_record(paths).read_bytes())
        return {context: access_to(folder, port) for context, port in running.ports.items()}
    except FileNotFoundError:
        return {}
    except ValidationError:
        raise SandboxProblem(f"{_record(paths)} was damaged: workshop sandbox clusters start") from None


def access_to(folder: Path, port: int) -> Access:
    """How to reach the API server on this port as the user sandbox, who may do everything."""
    authority = (folder / "ca.crt").read_text(encoding="utf-8")
    return Access(server=f"https://127.0.0.1:{port}", authority=authority, token=token_of(folder, "sandbox"))


def token_of(folder: Path, user: str) -> str:
    """The token of one of the users (credentials.USERS); sandbox may do everything."""
    lines = (folder / "tokens.csv").read_text(encoding="utf-8").splitlines()
    return next(token for token, name, *_ in (line.split(",") for line in lines) if name == user)


def _record(paths: SandboxPaths) -> Path:
    return folder_of(paths) / "running.json"
