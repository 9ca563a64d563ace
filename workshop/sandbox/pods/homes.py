"""What pods of clusters in folders keep on their disk: a folder each, which a pod that takes its place doesn't get."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Final

from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.running import pods_of_deployments

_PRIVATE: Final = 0o700


def home_of(paths: SandboxPaths, context: str, pod: Manifest) -> Path:
    """The pod's home; made when it is first asked for, when those of pods that are gone go."""
    uid: str = pod["metadata"]["uid"]
    if not re.fullmatch(r"[\w-]+", uid):
        raise ValueError(f"pod {pod['metadata']['name']}: {uid!r} is no uid")
    homes = paths.homes / context
    if not (homes / uid).exists():
        _sweep(homes, ManifestStore(paths.clusters / context))
        (homes / uid).mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return homes / uid


def _sweep(homes: Path, store: ManifestStore) -> None:
    found = list(homes.glob("*"))
    if not found:
        return
    pods = [*store.list(kind_of("v1", "Pod")), *pods_of_deployments(store, None)]
    present = {pod["metadata"]["uid"] for pod in pods}
    for home in found:
        if home.name not in present:
            shutil.rmtree(home, ignore_errors=True)
