"""Which of the sandbox's clusters a Kubernetes provider's configuration leads to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.store import ClusterStore, ManifestStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.provider import Properties, ProviderError


@dataclass(frozen=True, kw_only=True)
class SandboxCluster:
    """One of the sandbox's clusters, under the name of its context."""

    paths: SandboxPaths
    context: str
    store: ClusterStore


def open_cluster(configuration: Properties) -> SandboxCluster:
    """The cluster that a provider's kubeconfig, a path, and context lead to.

    Raises ProviderError, which never has anything of a file that isn't the sandbox's kubeconfig: none is opened.
    """
    file = configuration.get("kubeconfig")
    if not file:
        raise ProviderError("the Kubernetes provider has no kubeconfig: the sandbox uses no ambient one")
    paths = SandboxPaths.from_environment()
    if not isinstance(file, str) or not _is_same(file, paths.kubeconfig):
        raise ProviderError(
            f"the Kubernetes provider's kubeconfig is not the sandbox's: it has to be {paths.kubeconfig}"
        )
    try:
        text = paths.kubeconfig.read_text(encoding="utf-8")
    except OSError as error:
        raise ProviderError(f"kubeconfig {paths.kubeconfig} can't be read: {error.strerror}") from None
    kubeconfig: dict[str, Json] = yaml.safe_load(text)
    context: str | None = configuration.get("context") or kubeconfig.get("current-context")
    clusters: dict[str, dict[str, str]] = {entry["name"]: entry["cluster"] for entry in kubeconfig.get("clusters", [])}
    contexts: dict[str, str] = {c["name"]: c["context"]["cluster"] for c in kubeconfig.get("contexts", [])}
    if context is None or contexts.get(context) not in clusters:
        raise ProviderError(f"the kubeconfig has no context {context!r}: it has {', '.join(sorted(contexts))}")
    server = clusters[contexts[context]]["server"]
    access = api_servers(paths).get(context)
    if access is not None and access.server == server:
        return SandboxCluster(paths=paths, context=context, store=ApiServerStore(Api(context, access)))
    address = urlsplit(server)
    name = address.path.removeprefix("/clusters/")
    if address.hostname != "127.0.0.1" or address.port != paths.port or not (paths.clusters / name).is_dir():
        raise ProviderError(
            f"context {context} leads to {address.geturl()}, which is not one of the sandbox's clusters"
        )
    return SandboxCluster(paths=paths, context=name, store=ManifestStore(paths.clusters / name))


def _is_same(given: str, file: Path) -> bool:
    """Whether a path leads to this file; nothing is read."""
    try:
        return Path(given).expanduser().samefile(file)
    except (OSError, ValueError, RuntimeError):
        return False
