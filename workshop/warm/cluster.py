"""What making nodes ready asks of, and changes in, the cluster in which it runs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Self

from lightkube import ApiError, Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import Node, Pod
from lightkube.types import PatchType

from workshop.model.names import FIELD_MANAGER
from workshop.model.workspace_pods import NODE_POOL_LABEL
from workshop.warm.failure import WarmFailure

Manifest = Mapping[str, Any]


class Cluster:
    """The cluster's API, as the Pod's ServiceAccount. Every method raises WarmFailure."""

    def __init__(self) -> None:
        """Takes the Pod's own credentials, else those of KUBECONFIG."""
        with _named("its API"):
            self._client: Any = Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def nodes(self, pool: str) -> list[Manifest]:
        """Nodes of a pool."""
        with _named("nodes"):
            return [node.to_dict() for node in self._client.list(Node, labels={NODE_POOL_LABEL: pool})]

    def pods(self, namespace: str) -> list[Manifest]:
        """Pods of a namespace."""
        with _named(f"pods in {namespace}"):
            return [pod.to_dict() for pod in self._client.list(Pod, namespace=namespace)]

    def scale(self, name: str, replicas: int) -> None:
        """Gives a Deployment, which is in a namespace of its own name, so many pods, where it has another number."""
        with _named(f"Deployment {name}/{name}"):
            found: Manifest = self._client.get(Deployment.Scale, name, namespace=name).to_dict()
            if found["spec"].get("replicas", 0) == replicas:
                return
            self._client.patch(
                Deployment.Scale,
                name,
                {"spec": {"replicas": replicas}},
                namespace=name,
                patch_type=PatchType.MERGE,
                field_manager=f"{FIELD_MANAGER}-warm",
            )

    def let_through(self, namespace: str, name: str) -> None:
        """Takes the gate from before a pod; one that is gone needs none."""
        with _named(f"Pod {namespace}/{name}"):
            try:
                self._client.patch(
                    Pod,
                    name,
                    {"spec": {"schedulingGates": None}},
                    namespace=namespace,
                    patch_type=PatchType.MERGE,
                    field_manager=f"{FIELD_MANAGER}-warm",
                )
            except ApiError as error:
                if error.status.code != HTTPStatus.NOT_FOUND:
                    raise


@contextmanager
def _named(what: str) -> Generator[None]:
    """Names what the API refused."""
    try:
        yield
    except ApiError as error:
        answer = f"the API server answered {error.status.code}, {error.status.reason}"
        raise WarmFailure(f"{what}: {answer}: tried again at the next run") from None
    except Exception as error:  # noqa: BLE001 -- its HTTP client's, of many kinds
        answer = f"the API server did not answer: {type(error).__name__}"
        raise WarmFailure(f"{what}: {answer}: tried again at the next run") from None
