"""What the entry points ask of, and change in, the cluster in which they run."""

from __future__ import annotations

import base64
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final, Self

from lightkube import ApiError, Client, generic_resource

from workshop.model.names import FIELD_MANAGER
from workshop.model.rotation import Floor, KeyCopy, Target
from workshop.rotation.failure import RotationFailure

KEY_MANAGER: Final = f"{FIELD_MANAGER}-key"
"""Field manager of the copies of the key."""

FLOOR_MANAGER: Final = f"{FIELD_MANAGER}-floor"
"""Field manager of the floor of provisioners, once it was lowered."""

Manifest = Mapping[str, Any]
_generic: Any = generic_resource
_NAMESPACED: Final = {
    "v1/Secret": "secrets",
    "batch/v1/Job": "jobs",
    "batch/v1/CronJob": "cronjobs",
    "keda.sh/v1alpha1/ScaledObject": "scaledobjects",
}
_REFUSED: Final = 422
"""What a ValidatingAdmissionPolicy answers."""

_GLOBAL: Final = {"karpenter.sh/v1/NodePool": "nodepools"}


def _kind(api_version: str, kind: str) -> Any:  # noqa: ANN401 -- lightkube makes the class
    group, _, version = api_version.rpartition("/")
    name = f"{api_version}/{kind}"
    known = _generic.get_generic_resource(api_version, kind)
    if known is not None:
        return known
    if name in _GLOBAL:
        return _generic.create_global_resource(group, version, kind, _GLOBAL[name])
    return _generic.create_namespaced_resource(group, version, kind, _NAMESPACED[name])


class Cluster:
    """The cluster's API, as the Pod's ServiceAccount. Every method raises RotationFailure."""

    def __init__(self) -> None:
        """Takes the Pod's own credentials, else those of KUBECONFIG."""
        with self._named("its API"):
            self._client: Any = Client()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def key(self, copy: KeyCopy) -> str | None:
        """The key that a Secret holds; None where there is no such Secret or it holds none."""
        secret = self._get("v1", "Secret", copy.namespace, copy.secret_name) or {}
        data: Mapping[str, str] = secret.get("data") or {}
        held = data.get(copy.secret_key)
        if held is None:
            return None
        try:
            return base64.b64decode(held, validate=True).decode()
        except ValueError:
            return None

    def write_key(self, copy: KeyCopy, key: str) -> None:
        """Writes the key into a Secret, and nothing else of it."""
        data = {copy.secret_key: base64.b64encode(key.encode()).decode()}
        self._apply("v1", "Secret", copy.namespace, copy.secret_name, KEY_MANAGER, data=data)

    def is_suspended(self, namespace: str, cron_job: str) -> bool:
        """Whether a CronJob is suspended. Raises RotationFailure where there is none."""
        found = self._get("batch/v1", "CronJob", namespace, cron_job)
        if found is None:
            raise RotationFailure(f"CronJob {namespace}/{cron_job} not found")
        return bool(found["spec"].get("suspend"))

    def running_jobs(self, namespace: str, cron_job: str) -> list[str]:
        """Names of the Jobs that a CronJob has started and that have not ended."""
        with self._named(f"Jobs in {namespace}"):
            jobs: list[Manifest] = [
                job.to_dict() for job in self._client.list(_kind("batch/v1", "Job"), namespace=namespace)
            ]
        return [job["metadata"]["name"] for job in jobs if _is_owned(job, cron_job) and not ended(job)]

    def start(self, namespace: str, cron_job: str, name: str) -> None:
        """Runs a CronJob's Job now, under this name."""
        found = self._get("batch/v1", "CronJob", namespace, cron_job)
        if found is None:
            raise RotationFailure(f"CronJob {namespace}/{cron_job} not found")
        job = _kind("batch/v1", "Job")(
            metadata={"name": name, "namespace": namespace}, spec=found["spec"]["jobTemplate"]["spec"]
        )
        changed = f"the template of CronJob {namespace}/{cron_job} may have changed since the last up: run up again"
        with self._named(f"Job {namespace}/{name}", if_refused=changed):
            self._client.create(job)

    def job(self, namespace: str, name: str) -> Manifest | None:
        """A Job; None where there is none."""
        return self._get("batch/v1", "Job", namespace, name)

    def release(self, target: Target) -> Manifest:
        """Releases every field that a manager of ours owns of an object, which fall back to what they were without it.

        What somebody else has set since is theirs and stays. Answers the object as it is then.
        """
        return self._apply(target.api_version, target.kind, target.namespace, target.name, target.manager)

    def lower(self, floor: Floor) -> str:
        """Lowers what KEDA keeps at least to this number, and never raises it; says what it is then.

        A ScaledObject that is gone, with or without KEDA, holds nothing any more.
        """
        what = f"ScaledObject {floor.namespace}/{floor.name}"
        found = self._get("keda.sh/v1alpha1", "ScaledObject", floor.namespace, floor.name)
        if found is None:
            return f"{what} is gone"
        if found["spec"].get("minReplicaCount", 0) > floor.replicas:
            spec = {"minReplicaCount": floor.replicas}
            self._apply("keda.sh/v1alpha1", "ScaledObject", floor.namespace, floor.name, FLOOR_MANAGER, spec=spec)
        return f"{what} keeps {min(floor.replicas, found['spec'].get('minReplicaCount', 0))} pods"

    def _apply(
        self, api_version: str, kind: str, namespace: str | None, name: str, manager: str, **body: object
    ) -> Manifest:
        metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
        resource = _kind(api_version, kind)(apiVersion=api_version, kind=kind, metadata=metadata, **body)
        with self._named(f"{kind} {f'{namespace}/' if namespace else ''}{name}"):
            return self._client.apply(resource, field_manager=manager, force=True).to_dict()

    def _get(self, api_version: str, kind: str, namespace: str, name: str) -> Manifest | None:
        try:
            with self._named(f"{kind} {namespace}/{name}"):
                return self._client.get(_kind(api_version, kind), name, namespace=namespace).to_dict()
        except _Absent:
            return None

    @contextmanager
    def _named(self, what: str, *, if_refused: str = "") -> Generator[None]:
        """Names what the API refused; its message has verb and resource, never a Secret's data.

        if_refused: why admission may have refused it.
        """
        try:
            yield
        except ApiError as error:
            if error.status.code == 404:
                raise _Absent(f"{what} not found") from None
            why = f"; {if_refused}" if if_refused and error.status.code == _REFUSED else ""
            raise RotationFailure(
                f"{what}: the API server answered {error.status.code}, {error.status.reason}{why}"
            ) from None
        except RotationFailure:
            raise
        except Exception as error:  # noqa: BLE001 -- its HTTP client's, and none of them may be shown whole
            raise RotationFailure(f"{what}: the API server did not answer: {type(error).__name__}") from None


class _Absent(RotationFailure):
    pass


def ended(job: Manifest) -> str | None:
    """Complete or Failed, or None while a Job runs."""
    status: Manifest = job.get("status") or {}
    conditions: list[Mapping[str, str]] = status.get("conditions") or []
    return next(
        (each["type"] for each in conditions if each["status"] == "True" and each["type"] in ("Complete", "Failed")),
        None,
    )


def _is_owned(job: Manifest, cron_job: str) -> bool:
    owners: list[Mapping[str, Any]] = job["metadata"].get("ownerReferences") or []
    return any(owner["kind"] == "CronJob" and owner["name"] == cron_job for owner in owners)
