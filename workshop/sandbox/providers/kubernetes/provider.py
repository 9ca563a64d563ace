"""Stand-in for pulumi-kubernetes: any kind of object and patch, on a cluster store."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.manifests.kinds import Kind, kind_in, kinds_defined_by
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import ClusterSilence, ClusterStore
from workshop.sandbox.providers.comparison import auto_name, compare, like, with_ignored
from workshop.sandbox.providers.kubernetes.drift import drift
from workshop.sandbox.providers.kubernetes.jobs import run_to_completion, unready_and_replaced
from workshop.sandbox.providers.kubernetes.kubeconfig import SandboxCluster, open_cluster
from workshop.sandbox.providers.kubernetes.readiness import await_readiness
from workshop.sandbox.providers.kubernetes.scaling import keep_floor
from workshop.sandbox.providers.provider import (
    UNKNOWN,
    Checked,
    CheckFailure,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    NoAnswer,
    Properties,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
)

PATCH_FORCE: Final = "pulumi.com/patchForce"
PATCH_FIELD_MANAGER: Final = "pulumi.com/patchFieldManager"
_MANAGER: Final = "pulumi-kubernetes"
_IDENTITY: Final = ("apiVersion", "kind", "metadata.name", "metadata.namespace")
_IMMUTABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "Deployment": ("spec.selector",),
    "StatefulSet": ("spec.selector", "spec.serviceName"),
    "Job": ("spec.completions", "spec.parallelism", "spec.selector", "spec.template"),
    "RoleBinding": ("roleRef",),
    "ClusterRoleBinding": ("roleRef",),
    "Service": ("spec.clusterIP",),
    "StorageClass": ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"),
    "NodePool": ("spec.template.spec.nodeClassRef.group", "spec.template.spec.nodeClassRef.kind"),
}

_DATA: Final[Mapping[str, tuple[tuple[str, ...], str]]] = {
    "ConfigMap": (("data", "binaryData"), "enableConfigMapMutable"),
    "Secret": (("data", "stringData", "type"), "enableSecretMutable"),
}
"""What is replaced when it changes, and the provider's setting by which it is changed where it is."""


class KubernetesProvider:
    """One cluster. A patch is a resource whose type ends in Patch: it owns the fields that it sets, no more."""

    def __init__(self, configuration: Properties) -> None:
        self._namespace = configuration.get("namespace")
        self._configuration = configuration
        self._opened: SandboxCluster | None = None
        self._defined: dict[tuple[str, str], Kind] = {}  # by definitions of this run, which a preview does not make

    @property
    def _cluster(self) -> SandboxCluster:
        if self._opened is None:
            self._opened = open_cluster(self._configuration)
        return self._opened

    @property
    def _store(self) -> ClusterStore:
        return self._cluster.store

    def check(self, request: CheckRequest) -> Checked:
        """Fills in apiVersion, kind, namespace and name."""
        inputs: dict[str, Json] = {**request.inputs, **_type_of(request.kind, request.inputs)}
        given: Mapping[str, Json] = inputs.get("metadata") or {}
        metadata = dict(given)
        if "name" not in metadata and is_patch(request.kind):
            return Checked(
                inputs=inputs,
                failures=(CheckFailure(property="metadata.name", reason="a patch must name the object it patches"),),
            )
        found = self._kind(inputs) or self._defined.get((inputs["apiVersion"], inputs["kind"]))
        if found is None:
            reason = (
                f'no matches for kind "{inputs["kind"]}" in version "{inputs["apiVersion"]}": declare its '
                "CustomResourceDefinition before it, and name that in depends_on"
            )
            return Checked(inputs=inputs, failures=(CheckFailure(property="kind", reason=reason),))
        if found.is_namespaced:
            metadata.setdefault("namespace", self._namespace or "default")
        if "name" not in metadata:
            old_metadata: Mapping[str, Json] = (request.old_inputs or {}).get("metadata", {})
            metadata["name"] = old_metadata.get("name") or auto_name(request.urn, request.seed, digits=8)
        self._defined |= {(kind.api_version, kind.name): kind for kind in _defined_by(inputs)}
        return Checked(inputs={**inputs, "metadata": metadata})

    def diff(self, request: DiffRequest) -> Diff:
        """Replaces where identity or something immutable changes; a named object is deleted first then."""
        immutable = _IDENTITY if is_patch(request.kind) else (*_IDENTITY, *self._immutable(request.inputs))
        found = compare(request.old_inputs, request.inputs, replaces=immutable, ignore_changes=request.ignore_changes)
        same_object = _identity(request.old_inputs) == _identity(request.inputs)
        replaces = (*found.replaces, *unready_and_replaced(request.inputs, request.old_outputs))
        return Diff(
            changed=found.changed,
            replaces=replaces,
            is_delete_before_replace=bool(replaces) and same_object,
        )

    def create(self, request: CreateRequest) -> Resource:
        """Creates the object, or takes the patch's fields."""
        if request.is_preview and _has_unknown(request.inputs):
            return Resource(id="", outputs=request.inputs, inputs=request.inputs)
        if is_patch(request.kind):
            manifest = self._apply(request, request.inputs)
        elif request.is_preview:
            self._create_dry(request.inputs)
            return Resource(id="", outputs={**request.inputs, "status": UNKNOWN}, inputs=request.inputs)
        else:
            with _telling(object_id(request.inputs)):
                manifest = self._store.create(_plain(request.inputs), _MANAGER)
                keep_floor(self._cluster, manifest)
                manifest = run_to_completion(self._cluster, manifest, request)
                manifest = await_readiness(self._store, manifest, request)
        return Resource(id="" if request.is_preview else object_id(manifest), outputs=manifest, inputs=request.inputs)

    def read(self, request: ReadRequest) -> Resource | None:
        """A patch is gone when its object is; inputs show the fields' present values, whoever set them."""
        namespace, _, name = request.id.rpartition("/")
        found = self._kind(request.inputs if request.inputs.get("kind") else _type_of(request.kind, request.inputs))
        with _telling(request.id):
            manifest = self._store.get(found, namespace or None, name) if found else None
        if manifest is None:
            return None
        live = like(manifest, request.inputs) if request.inputs else _as_imported(manifest)
        found_changed = tuple(drift(request.inputs, live, manifest)) if request.inputs else ()
        return Resource(id=object_id(manifest), outputs=manifest, inputs=live, drift=found_changed)

    def update(self, request: UpdateRequest) -> Properties:
        """Server-side apply."""
        inputs = with_ignored(request.old_inputs, request.inputs, request.ignore_changes)
        if request.is_preview and _has_unknown(inputs):
            return {**request.old_outputs, **inputs}
        return self._apply(request, inputs)

    def delete(self, request: DeleteRequest) -> None:
        """Deletes the object; of a patch it gives up the fields, which fall back to the server's defaults."""
        namespace, _, name = request.id.rpartition("/")
        found = self._kind(request.inputs)
        if found is None:
            return  # gone with its definition
        with _telling(request.id):
            if not is_patch(request.kind):
                self._store.delete(found, namespace or None, name)
            elif self._store.get(found, namespace or None, name) is not None:
                empty = {"apiVersion": found.api_version, "kind": found.name, "metadata": _named(namespace, name)}
                self._store.apply(empty, field_manager(request.urn, request.kind, request.inputs), force=True)

    def find(self, urn: str, kind: str, inputs: Properties) -> str | None:
        """The id of the object under these inputs' name. None for a patch: it may be repeated."""
        _, namespace, name = _identity(inputs)
        found = self._kind(inputs)
        with _telling(name):
            manifest = None if is_patch(kind) or found is None else self._store.get(found, namespace, name)
        return object_id(manifest) if manifest else None

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The sandbox's clusters have no functions."""
        raise ProviderError(f"the sandbox does not know the function {token}")

    def _immutable(self, inputs: Properties) -> tuple[str, ...]:
        """Fields of an object that make another one of it (pkg/provider/diff.go)."""
        fields, setting = _DATA.get(inputs["kind"], ((), ""))
        is_mutable = self._configuration.get(setting) in (True, "true") and not inputs.get("immutable")
        return _IMMUTABLE.get(inputs["kind"], ()) if is_mutable else (*_IMMUTABLE.get(inputs["kind"], ()), *fields)

    def _kind(self, inputs: Properties) -> Kind | None:
        return kind_in(self._store, inputs["apiVersion"], inputs["kind"])

    def _create_dry(self, inputs: Properties) -> None:
        """Lets the cluster judge what is to be created; its namespace, kind or predecessor may still be in the way."""
        try:
            self._store.create(_plain(inputs), _MANAGER, is_dry_run=True)
        except ClusterRefusal as refusal:
            if refusal.reason not in ("NotFound", "AlreadyExists"):
                raise _error(object_id(inputs), refusal) from None

    def _apply(self, request: CreateRequest | UpdateRequest, inputs: Properties) -> Manifest:
        manager = field_manager(request.urn, request.kind, inputs)
        force = _annotations(inputs).get(PATCH_FORCE) == "true"
        with _telling(object_id(inputs)):
            manifest = self._store.apply(_plain(inputs), manager, force=force, is_dry_run=request.is_preview)
            if request.is_preview:
                return manifest
            keep_floor(self._cluster, manifest)
            return await_readiness(self._store, manifest, replace(request, inputs=inputs))


def is_patch(kind: str) -> bool:
    """Whether a type token is a patch's: kubernetes:apps/v1:DeploymentPatch."""
    return kind.endswith("Patch")


def field_manager(urn: str, kind: str, inputs: Properties) -> str:
    """Under which name a resource owns its fields."""
    if not is_patch(kind):
        return _MANAGER
    return _annotations(inputs).get(PATCH_FIELD_MANAGER) or f"{_MANAGER}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"


def object_id(manifest: Mapping[str, Json]) -> str:
    """namespace/name, or name."""
    metadata = manifest["metadata"]
    return f"{metadata['namespace']}/{metadata['name']}" if metadata.get("namespace") else metadata["name"]


def _type_of(kind: str, inputs: Properties) -> dict[str, str]:
    """apiVersion and kind of a token: kubernetes:core/v1:Pod, kubernetes:karpenter.sh/v1:NodePool."""
    _, api_version, name = kind.split(":")
    group = api_version.rpartition("/")[0]
    api_version = _GROUPS.get(group, group) + api_version[len(group) :] if group != "core" else api_version[5:]
    return {
        "apiVersion": inputs.get("apiVersion") or api_version,
        "kind": inputs.get("kind") or name.removesuffix("Patch"),
    }


_GROUPS: Final = {
    "networking": "networking.k8s.io",
    "rbac.authorization": "rbac.authorization.k8s.io",
    "storage": "storage.k8s.io",
    "scheduling": "scheduling.k8s.io",
    "admissionregistration": "admissionregistration.k8s.io",
    "apiextensions": "apiextensions.k8s.io",
}
"""The SDK's short names of groups, used where an object says no apiVersion."""


def _defined_by(inputs: Properties) -> list[Kind]:
    try:
        return kinds_defined_by(inputs) if inputs["kind"] == "CustomResourceDefinition" else []
    except (LookupError, TypeError):  # it lacks what the cluster will ask for, or that is not known yet
        return []


def _identity(inputs: Properties) -> tuple[str, str | None, str]:
    metadata = inputs["metadata"]
    return f"{inputs['apiVersion']}/{inputs['kind']}", metadata.get("namespace"), metadata["name"]


def _named(namespace: str, name: str) -> dict[str, str]:
    return {"name": name, **({"namespace": namespace} if namespace else {})}


def _annotations(inputs: Properties) -> Mapping[str, Json]:
    metadata: Mapping[str, Json] = inputs.get("metadata") or {}
    return metadata.get("annotations") or {}


def _plain(inputs: Properties) -> dict[str, Json]:
    """Without what is meant for Pulumi alone; whole numbers as integers, as an API server has them."""
    return _integers({key: value for key, value in inputs.items() if not key.startswith("__")})


def _integers(value: Json) -> Json:
    if is_mapping(value):
        return {key: _integers(item) for key, item in value.items() if item is not None}
    if is_list(value):
        return [_integers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _as_imported(manifest: Manifest) -> Manifest:
    """An object as a program would write it."""
    metadata = {k: v for k, v in manifest["metadata"].items() if k in ("name", "namespace", "labels", "annotations")}
    return {**{key: value for key, value in manifest.items() if key != "status"}, "metadata": metadata}


def _has_unknown(value: Json) -> bool:
    if is_mapping(value):
        return any(_has_unknown(item) for item in value.values())
    if is_list(value):
        return any(_has_unknown(item) for item in value)
    return value is UNKNOWN


@contextmanager
def _telling(name: str) -> Generator[None]:
    """Says of which object the cluster refused something, or about which it kept silent."""
    try:
        yield
    except ClusterRefusal as refusal:
        raise _error(name, refusal) from None


def _error(name: str, refusal: ClusterRefusal) -> ProviderError:
    if isinstance(refusal, ClusterSilence):
        return NoAnswer(f"{name}: {refusal}")
    if refusal.reason == "Conflict":
        return ProviderError(
            f"{name}: Server-Side Apply field conflict detected: {refusal}: take the field with the annotation "
            f'{PATCH_FORCE}: "true", or leave it to its owner'
        )
    return ProviderError(f"{name}: {refusal}")
