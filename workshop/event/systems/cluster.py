"""What an event asks of, and changes in, one cluster: its keeper's heartbeat, our node pool, what is on its nodes."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Self

from lightkube import ApiError, Client, KubeConfig, generic_resource
from lightkube.resources.core_v1 import ConfigMap, Node, Pod
from pydantic import ValidationError

from workshop.event.failure import EventFailure
from workshop.model.event.dead_man import HEARTBEAT, HEARTBEAT_KEY, Heartbeat
from workshop.model.names import FIELD_MANAGER, STOP_MANAGER, STOPPED_ANNOTATION
from workshop.model.workspace_pods import (
    NODE_POOL_LABEL,
    WORKSPACE_ID_LABEL,
    is_of_daemon_set,
    is_unfinished,
    is_warm_pod,
    labels_of,
)

Manifest = Mapping[str, Any]
_generic: Any = generic_resource


def _karpenter(kind: str, plural: str) -> Any:  # noqa: ANN401 -- lightkube makes the class
    known = _generic.get_generic_resource("karpenter.sh/v1", kind)
    return known or _generic.create_global_resource("karpenter.sh", "v1", kind, plural)


def _learn_kinds() -> None:
    """Has lightkube's decoders learn the kinds that are read here, in one thread.

    They learn a kind when they first meet it, and when two threads do that at once the process crashes (msgspec 0.22).
    """
    decoders: Any = import_module("lightkube.core.decoders")
    for kind in (ConfigMap, Node, Pod, _karpenter("NodePool", "nodepools"), _karpenter("NodeClaim", "nodeclaims")):
        decoders.decode_list(b'{"items": [], "metadata": {}}', kind)
    decoders.decode_status(b"{}")


_learn_kinds()


def _from_dict(kind: Any, manifest: Manifest) -> Any:  # noqa: ANN401 -- lightkube's classes are partly untyped
    return kind.from_dict(manifest)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A NodeClaim of a pool. node, instance: what it has become; None while that starts. is_leaving: it is deleted."""

    name: str
    node: str | None
    instance: str | None
    is_leaving: bool


class Cluster:
    """One cluster's API. Every method raises EventFailure."""

    def __init__(self, config: KubeConfig | None = None) -> None:
        """config: of the cluster; unset: the Pod's own credentials, else those of KUBECONFIG."""
        with self._named("its API"):
            self._client: Any = Client(config=config)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def heartbeat(self, namespace: str) -> Heartbeat | None:
        """What the keeper left here last; None where it left nothing that can be read."""
        try:
            with self._named(f"ConfigMap {namespace}/{HEARTBEAT}"):
                found: Manifest = self._client.get(ConfigMap, HEARTBEAT, namespace=namespace).to_dict()
        except _Absent:
            return None
        data: Mapping[str, str] = found.get("data") or {}
        try:
            return Heartbeat.model_validate_json(data.get(HEARTBEAT_KEY, ""))
        except ValidationError:
            return None

    def renew(self, namespace: str, heartbeat: Heartbeat) -> None:
        """Leaves a heartbeat."""
        metadata = {"name": HEARTBEAT, "namespace": namespace}
        beat = _from_dict(ConfigMap, {"metadata": metadata, "data": {HEARTBEAT_KEY: heartbeat.text()}})
        with self._named(f"ConfigMap {namespace}/{HEARTBEAT}"):
            self._client.apply(beat, field_manager=FIELD_MANAGER, force=True)

    def is_stopped(self, node_pool: str, event: str) -> bool:
        """Whether a pool was kept from starting nodes for this event."""
        return _is_stopped(self._pool(node_pool), event)

    def stop_pool(self, node_pool: str, event: str, now: datetime) -> bool:
        """Keeps a pool from starting nodes, and marks it stopped for this event; answers whether it was not before."""
        if _is_stopped(self._pool(node_pool), event):
            return False
        kind = _karpenter("NodePool", "nodepools")
        when = now.astimezone(UTC).isoformat(timespec="seconds")
        metadata = {"name": node_pool, "annotations": {STOPPED_ANNOTATION: f"{event} {when}"}}
        stopped = kind(metadata=metadata, spec={"limits": {"cpu": "0"}})
        with self._named(f"NodePool {node_pool}"):
            self._client.apply(stopped, field_manager=STOP_MANAGER, force=True)
        return True

    def claims(self, node_pool: str) -> list[Claim]:
        """The pool's NodeClaims, by name."""
        with self._named("NodeClaims"):
            found: list[Manifest] = [
                one.to_dict()
                for one in self._client.list(_karpenter("NodeClaim", "nodeclaims"), labels={NODE_POOL_LABEL: node_pool})
            ]
        return sorted(map(_claim, found), key=lambda claim: claim.name)

    def cordon(self, node: str) -> None:
        """Keeps new pods off a node; one that is gone is no failure."""
        cordoned = _from_dict(Node, {"metadata": {"name": node}, "spec": {"unschedulable": True}})
        try:
            with self._named(f"Node {node}"):
                self._client.get(Node, node)  # what is not there would be made
                self._client.apply(cordoned, field_manager=FIELD_MANAGER, force=True)
        except _Absent:
            return

    def pods(self) -> list[Manifest]:
        """Every pod that holds a node's resources: neither finished, nor a DaemonSet's, nor a node's mere holder."""
        with self._named("Pods"):
            found: list[Manifest] = [one.to_dict() for one in self._client.list(Pod, namespace="*")]
        others = (pod for pod in found if not is_of_daemon_set(pod) and not is_warm_pod(pod))
        return [pod for pod in others if is_unfinished(pod)]

    def delete_claim(self, claim: str) -> None:
        """Ends a node, in order: Karpenter drains it first. One that is gone is no failure."""
        try:
            with self._named(f"NodeClaim {claim}"):
                self._client.delete(_karpenter("NodeClaim", "nodeclaims"), claim)
        except _Absent:
            return

    def _pool(self, node_pool: str) -> Manifest:
        with self._named(f"NodePool {node_pool}"):
            return self._client.get(_karpenter("NodePool", "nodepools"), node_pool).to_dict()

    @contextmanager
    def _named(self, what: str) -> Generator[None]:
        """Names what failed; the API's message has verb and resource, never an object's contents."""
        try:
            yield
        except ApiError as error:
            if error.status.code == 404:
                raise _Absent(f"{what} not found") from None
            raise EventFailure(f"{what}: the API server answered {error.status.code}, {error.status.reason}") from None
        except EventFailure:
            raise
        except Exception as error:  # noqa: BLE001 -- its HTTP client's, and none of them may be shown whole
            raise EventFailure(f"{what}: the API server did not answer: {type(error).__name__}") from None


class _Absent(EventFailure):
    pass


def _is_stopped(pool: Manifest, event: str) -> bool:
    annotations: Mapping[str, str] = pool["metadata"].get("annotations") or {}
    limits: Mapping[str, Any] = pool["spec"].get("limits") or {}
    return annotations.get(STOPPED_ANNOTATION, "").startswith(f"{event} ") and str(limits.get("cpu")) == "0"


def _claim(manifest: Manifest) -> Claim:
    status: Mapping[str, str] = manifest.get("status") or {}
    return Claim(
        name=manifest["metadata"]["name"],
        node=status.get("nodeName"),
        instance=status.get("providerID", "").rpartition("/")[2] or None,
        is_leaving=bool(manifest["metadata"].get("deletionTimestamp")),
    )


def has_workspace(pod: Manifest, workspaces: frozenset[str]) -> bool:
    """Whether a pod is one of these workspaces', by its label, or by its name where the template sets none."""
    return workspace_on(pod, workspaces) is not None


def workspace_on(pod: Manifest, workspaces: frozenset[str]) -> str | None:
    """Which of these workspaces a pod is."""
    labelled = labels_of(pod).get(WORKSPACE_ID_LABEL)
    if labelled is not None:
        return labelled if labelled in workspaces else None
    return next((each for each in workspaces if each in pod["metadata"]["name"]), None)
