"""A sandbox cluster's objects, whether it is a folder of manifests or a real API server."""

from __future__ import annotations

from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.store import ClusterStore, ManifestStore
from workshop.sandbox.paths import SandboxPaths


def store_of(paths: SandboxPaths, context: str) -> ClusterStore:
    """The cluster of a context."""
    access = api_servers(paths).get(context)
    return ManifestStore(paths.clusters / context) if access is None else ApiServerStore(Api(context, access))
