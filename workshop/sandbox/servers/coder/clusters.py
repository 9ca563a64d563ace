"""The regions' clusters, as far as Coder's provisioners and workspaces are concerned."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Set
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final

from workshop.model.plan.workloads import PROVISIONER
from workshop.model.settings.stack import Settings
from workshop.sandbox.clusters.api import Access, Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal
from workshop.sandbox.manifests.store import ClusterSilence, ClusterStore, ManifestStore, RememberingStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.workspaces import PODS, WorkspacePod, apply_deployment, deployment_name, workspace_of
from workshop.sandbox.servers.aws.instances import Instances
from workshop.sandbox.servers.coder.state import Contents, Workspace, id_of
from workshop.sandbox.servers.karpenter.reconcile import begin_deletion, mirror_instances, reconcile, release_pod

_DEPLOYMENTS: Final = kind_of("apps/v1", "Deployment")


_TIMEOUT_SECONDS: Final = 3.0
_SILENCE_SECONDS: Final = 5.0
"""While a cluster is asked, Coder answers nobody."""


class RegionClusters:
    """What workspaces run on. A change shows in a folder once its controllers have been played (`settle`)."""

    def __init__(self, paths: SandboxPaths, settings: Settings, instances: Instances | None) -> None:
        """instances: None plays no EC2 instances behind nodes."""
        self._paths = paths
        self._instances = instances
        self._contexts = {region.name: region.cluster.context or region.name for region in settings.regions}
        self._folders = {context: RememberingStore(paths.clusters / context) for context in self._contexts.values()}
        self._api_servers: dict[str, tuple[Access, ApiServerStore]] = {}
        self._silent_until: dict[str, float] = {}
        self._provisioners: dict[tuple[str, str], int] = {}
        self._namespaces = {one.name: one.namespace for one in settings.organizations}

    def provisioners(self, organization: str, region: str) -> int:
        """How many run there: as many as the Deployment has replicas, or had where its cluster is silent."""
        place = self._namespaces.get(organization, organization), region
        with suppress(ClusterRefusal), self._asking(region) as store:
            found = store.get(_DEPLOYMENTS, place[0], PROVISIONER)
            self._provisioners[place] = found["spec"]["replicas"] if found else 0
        return self._provisioners.get(place, 0)

    def start(self, workspace: Workspace, contents: Contents) -> None:
        """Makes its Deployment. Raises ClusterRefusal."""
        template = contents.templates[workspace.template]
        pod = WorkspacePod(
            workspace_id=workspace.id,
            workspace_name=workspace.name,
            owner_id=workspace.owner_id,
            owner_name=contents.users[workspace.owner_id].username,
            namespace=self._namespaces[template.organization],
            vcpu=template.vcpu,
            memory_gib=template.memory_gib,
            storage_gib=template.storage_gib,
            agent_token=id_of("agent token", workspace.latest.id),
        )
        with self._asking(workspace.region) as store:
            apply_deployment(store, pod)

    def stop(self, workspace: Workspace, contents: Contents) -> None:
        """Deletes its Deployment and pod; on an API server their end isn't waited for. Raises ClusterRefusal."""
        namespace = self._namespaces[contents.templates[workspace.template].organization]
        name = deployment_name(workspace.id)
        with self._asking(workspace.region) as store:
            if isinstance(store, ManifestStore):
                release_pod(store, namespace, name)
            else:
                begin_deletion(store, _DEPLOYMENTS, namespace, name)

    def running(self, region: str) -> Set[str] | None:
        """Ids of the workspaces whose pods run there; None where that can't be told."""
        try:
            with self._asking(region) as store:
                pods = store.list(PODS)
        except ClusterRefusal:
            return None
        return {workspace_of(pod) for pod in pods if pod.get("status", {}).get("phase") == "Running"}

    def settle(self, now: datetime) -> None:
        """Does what controllers would do by now. A cluster that can't be reached is left for the next time."""
        for region in self._contexts:
            try:
                with self._asking(region) as store:
                    if isinstance(store, ManifestStore):
                        reconcile(store, region, self._instances, now)
                    elif self._instances is not None:
                        mirror_instances(store, region, self._instances, now)
            except ClusterRefusal as refusal:
                sys.stderr.write(f"{region}: {refusal}\n")

    @contextmanager
    def _asking(self, region: str) -> Generator[ClusterStore]:
        """The region's cluster. One that gave no answer isn't asked for a while: others would wait for it, too."""
        context = self._contexts[region]
        if time.monotonic() < self._silent_until.get(context, 0):
            raise ClusterSilence("Timeout", f"{context} gave no answer a moment ago")
        try:
            yield self._store(context)
        except ClusterSilence:
            self._silent_until[context] = time.monotonic() + _SILENCE_SECONDS
            raise

    def _store(self, context: str) -> ClusterStore:
        access = api_servers(self._paths).get(context)
        if access is None:
            return self._folders[context]
        known = self._api_servers.get(context)
        if known is None or known[0] != access:
            api = Api(context, access, timeout_seconds=_TIMEOUT_SECONDS)
            self._api_servers[context] = known = access, ApiServerStore(api, delete_seconds=0)
        return known[1]
