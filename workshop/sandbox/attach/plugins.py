"""Which of Pulumi's real provider plugins are installed on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def installed_plugins(
    packages: Iterable[str], environment: Mapping[str, str], *, has_api_servers: bool
) -> Mapping[str, Path]:
    """The real providers that the Pulumi CLI would find, by package; the rest is left to stand-ins.

    So is Kubernetes where the clusters have no API servers: a folder of manifests answers less than its provider asks.
    """
    found = {
        package: _plugin(package, environment) for package in packages if package != "kubernetes" or has_api_servers
    }
    return {package: path for package, path in found.items() if path is not None}


def _plugin(package: str, environment: Mapping[str, str]) -> Path | None:
    """Where the CLI looks: on PATH, then in its own folder for the version that the SDK asks for."""
    name = f"pulumi-resource-{package}"
    on_path = shutil.which(name, path=environment.get("PATH", ""))
    if on_path is not None:
        return Path(on_path)
    home = Path(environment.get("PULUMI_HOME") or Path(environment.get("HOME", "")) / ".pulumi")
    path = home / "plugins" / f"resource-{package}-v{sdk_version(package)}" / name
    return path if path.is_file() else None


def sdk_version(package: str) -> str:
    """The version of the package's Python SDK, which is that of the provider it asks for; "" for one without SDK."""
    try:
        return version(f"pulumi-{package}")
    except PackageNotFoundError:
        return ""
