"""The regions' clusters, as far as Coder's provisioners and workspaces are concerned."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Final

from workshop.model.plan.workloads import PROVISIONER
from workshop.model.settings.stack import Settings
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal
from workshop.sandbox.manifests.store import ClusterStore, ManifestStore, RememberingStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder.state import Contents, Workspace, id_of
from workshop.sandbox.servers.instances import Instances
from workshop.sandbox.servers.karpenter.reconcile import begin_deletion, mirror_instances, reconcile, release_pod
from workshop.sandbox.workspace_deployments import PODS, WorkspacePod, apply_deployment, deployment_name, workspace_of

_DEPLOYMENTS: Final = kind_of("apps/v1", "Deployment")


class RegionClusters:
    """What workspaces run on. A change shows in a folder once its controllers have been played (`settle`)."""

    def __init__(self, paths: SandboxPaths, settings: Settings, instances: Instances | None) -> None:
        """instances: None plays no EC2 instances behind nodes."""
        self._paths = paths
        self._instances = instances
        self._contexts = {region.name: region.cluster.context or region.name for region in settings.regions}
        self._folders = {context: RememberingStore(paths.clusters / context) for context in self._contexts.values()}
        self._namespaces = {one.name: one.namespace for one in settings.organizations}

    def provisioners(self, organization: str, region: str) -> int:
        """How many run there: as many as the Deployment has replicas."""
        namespace = self._namespaces.get(organization, organization)
        found = self._store(region).get(_DEPLOYMENTS, namespace, PROVISIONER)
        return found["spec"]["replicas"] if found else 0

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
        apply_deployment(self._store(workspace.region), pod)

    def stop(self, workspace: Workspace, contents: Contents) -> None:
        """Deletes its Deployment and pod; on an API server their end isn't waited for. Raises ClusterRefusal."""
        namespace = self._namespaces[contents.templates[workspace.template].organization]
        store, name = self._store(workspace.region), deployment_name(workspace.id)
        if isinstance(store, ManifestStore):
            release_pod(store, namespace, name)
            return
        begin_deletion(store, _DEPLOYMENTS, namespace, name)

    def is_running(self, workspace: Workspace, contents: Contents) -> bool:
        """Whether its pod runs on a node, or on whatever runs pods there."""
        namespace = self._namespaces[contents.templates[workspace.template].organization]
        store = self._store(workspace.region)
        if isinstance(store, ManifestStore):
            found = store.get(PODS, namespace, f"{deployment_name(workspace.id)}-0")
            return found is not None and found["status"]["phase"] == "Running"
        return any(
            workspace_of(pod) == workspace.id and pod.get("status", {}).get("phase") == "Running"
            for pod in store.list(PODS, namespace)
        )

    def settle(self, now: datetime) -> None:
        """Does what controllers would do by now. A cluster that can't be reached is left for the next time."""
        for region in self._contexts:
            try:
                store = self._store(region)
                if isinstance(store, ManifestStore):
                    reconcile(store, region, self._instances, now)
                elif self._instances is not None:
                    mirror_instances(store, region, self._instances, now)
            except ClusterRefusal as refusal:
                sys.stderr.write(f"{region}: {refusal}\n")

    def _store(self, region: str) -> ClusterStore:
        context = self._contexts[region]
        access = api_servers(self._paths).get(context)
        if access is None:
            return self._folders[context]
        return ApiServerStore(Api(context, access), delete_seconds=0)
