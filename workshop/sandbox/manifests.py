"""A cluster as a folder of manifests: what the Kubernetes API would keep, one YAML file per object."""

from __future__ import annotations

import copy
import shutil
import uuid
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeAlias

from workshop.sandbox import quick_yaml
from workshop.sandbox.field_ownership import (
    FieldPath,
    conflict_message,
    field_paths,
    from_fields_v1,
    to_fields_v1,
    value_at,
    with_value,
    without,
)
from workshop.sandbox.files import locked, write_private
from workshop.sandbox.kinds import Kind, kind_in, with_defaults
from workshop.sandbox.wire import Json

Manifest: TypeAlias = dict[str, Json]

_SERVER_FIELDS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


class ClusterRefusal(Exception):
    """What an API server answers to a request that it refuses. reason: as in a Status object."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class ClusterSilence(ClusterRefusal):
    """It gave no answer, or failed while it worked: whether it did what was asked is not known."""


class ClusterStore(Protocol):
    """One cluster's objects. Every method may raise ClusterRefusal."""

    def get(self, kind: Kind, namespace: str | None, name: str) -> Manifest | None:
        """The object, or None."""
        ...

    def list(self, kind: Kind, namespace: str | None = None) -> list[Manifest]:
        """All objects of a kind, in one namespace or in all."""
        ...

    def create(self, manifest: Mapping[str, Json], manager: str, *, is_dry_run: bool = False) -> Manifest:
        """Creates it; refused with AlreadyExists where it exists."""
        ...

    def apply(self, manifest: Mapping[str, Json], manager: str, *, force: bool, is_dry_run: bool = False) -> Manifest:
        """Server-side apply: owns the fields given, gives up those no longer given; Conflict names other owners."""
        ...

    def delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Deletes it; one that is gone already is no error."""
        ...

    def set_status(self, manifest: Mapping[str, Json], manager: str) -> None:
        """Writes an object's status, as its controller would."""
        ...


class ManifestStore:
    """A ClusterStore in a folder. Safe between processes: changes hold a lock, files are whole or absent."""

    def __init__(self, folder: Path) -> None:
        """folder: clusters/<context> of the data folder."""
        self._folder = folder

    def get(self, kind: Kind, namespace: str | None, name: str) -> Manifest | None:
        """The object, or None."""
        try:
            return quick_yaml.load(self._path(kind, namespace, name).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None

    def list(self, kind: Kind, namespace: str | None = None) -> list[Manifest]:
        """All objects of a kind, in one namespace or in all, by namespace and name."""
        if namespace is not None and not _is_name(namespace):
            return []
        return list(self._read(sorted((self._folder / kind.folder / (namespace or "")).glob("**/*.yaml"))))

    def create(self, manifest: Mapping[str, Json], manager: str, *, is_dry_run: bool = False) -> Manifest:
        """Creates it; refused with AlreadyExists where it exists."""
        kind, namespace, name = identified = identify(manifest, self)
        with locked(self._folder / ".lock"):
            if self.get(kind, namespace, name) is not None:
                raise ClusterRefusal("AlreadyExists", f'{kind.folder} "{name}" already exists')
            made = _merge(identified, None, manifest, manager, "Update", force=True)
            return made if is_dry_run else self._write(made)

    def fill(self, owned: Iterable[tuple[str, Mapping[str, Json]]]) -> None:
        """Creates all of them, (manager, manifest), in a folder that nobody else looks at yet.

        Without locks and temporary files, which for thousands of objects are most of the time.
        """
        for version, (manager, manifest) in enumerate(owned, 1):
            kind, namespace, name = identified = identify(manifest, self)
            made = _merge(identified, None, manifest, manager, "Update", force=True)
            made["metadata"]["resourceVersion"] = str(version)
            path = self._path(kind, namespace, name)
            with _telling_what_cannot_be_written(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as file:
                    quick_yaml.dump(made, file)
                self._counter.write_text(str(version), encoding="utf-8")

    def apply(self, manifest: Mapping[str, Json], manager: str, *, force: bool, is_dry_run: bool = False) -> Manifest:
        """Server-side apply: owns the fields given, gives up those no longer given; Conflict names other owners."""
        kind, namespace, name = identified = identify(manifest, self)
        with locked(self._folder / ".lock"):
            present = self.get(kind, namespace, name)
            merged = _merge(identified, present, manifest, manager, "Apply", force=force)
            if is_dry_run or merged == present:
                return merged
            return self._write(merged)

    def delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Deletes it; one that is gone already is no error."""
        with locked(self._folder / ".lock"):
            self._path(kind, namespace, name).unlink(missing_ok=True)
            if kind.name == "CustomResourceDefinition":
                shutil.rmtree(self._folder / name, ignore_errors=True)  # called after what it defines

    def set_status(self, manifest: Mapping[str, Json], manager: str) -> None:  # noqa: ARG002 -- keeps no owner of it
        """Writes an object's status, as its controller would; of one that is gone, nothing."""
        kind, namespace, name = identify(manifest, self)
        with locked(self._folder / ".lock"):
            present = self.get(kind, namespace, name)
            if present is not None:
                self._write({**present, "status": dict(manifest["status"])})

    def _write(self, manifest: Manifest) -> Manifest:
        kind, namespace, name = identify(manifest, self)
        version = int(self._counter.read_text(encoding="utf-8")) + 1 if self._counter.exists() else 1
        manifest["metadata"]["resourceVersion"] = str(version)
        path = self._path(kind, namespace, name)
        with _telling_what_cannot_be_written(path):
            # As the sandbox's etcd, this survives a crash of the process, not of the machine.
            write_private(self._counter, str(version), is_synced=False)
            write_private(path, quick_yaml.dump(manifest), is_synced=False)
        return manifest

    @property
    def _counter(self) -> Path:
        """Holds the resource version that was given last."""
        return self._folder / ".resource-version"

    def _path(self, kind: Kind, namespace: str | None, name: str) -> Path:
        place = (namespace or "default", name) if kind.is_namespaced else (name,)
        for part in place:
            if not _is_name(part):
                raise ClusterRefusal("Invalid", f"{kind.folder} {name!r} in {namespace!r}: {part!r} is not a name")
        return self._folder.joinpath(kind.folder, *place[:-1], f"{name}.yaml")

    @staticmethod
    def _read(paths: list[Path]) -> Iterator[Manifest]:
        for path in paths:
            try:
                yield quick_yaml.load(path.read_text(encoding="utf-8"))
            except FileNotFoundError:  # deleted since it was listed
                continue


def _is_name(text: str) -> bool:
    """Whether it can be part of a path, by the rule of API servers, and of no other one: it starts with no dot."""
    return bool(text) and not text.startswith(".") and not set(text) & set("/%\\\0")


@contextmanager
def _telling_what_cannot_be_written(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ClusterRefusal("InternalError", f"{path}: can't be written: {error.strerror}") from error


Identity: TypeAlias = tuple[Kind, str | None, str]
"""Kind, namespace (None for cluster-scoped) and name."""


def identify(manifest: Mapping[str, Json], cluster: ClusterStore) -> Identity:
    """Which object it is. Raises ClusterRefusal for a kind that the cluster lacks."""
    kind = kind_in(cluster, manifest["apiVersion"], manifest["kind"])
    if kind is None:
        raise ClusterRefusal("NotFound", f'no matches for kind "{manifest["kind"]}" in "{manifest["apiVersion"]}"')
    metadata = manifest["metadata"]
    return kind, (metadata.get("namespace") or "default") if kind.is_namespaced else None, metadata["name"]


def managers_of(manifest: Mapping[str, Json]) -> dict[str, set[FieldPath]]:
    """Who owns which fields."""
    owned: dict[str, set[FieldPath]] = {}
    for entry in manifest["metadata"].get("managedFields", []):
        owned.setdefault(entry["manager"], set()).update(from_fields_v1(entry["fieldsV1"]))
    return owned


def _merge(
    identified: Identity,
    present: Manifest | None,
    manifest: Mapping[str, Json],
    manager: str,
    operation: str,
    *,
    force: bool,
) -> Manifest:
    kind, namespace, name = identified
    wanted = _as_applied(manifest)
    merges_lists = "." not in kind.group or kind.group.endswith("k8s.io")
    ordered = field_paths(wanted, merges_lists)
    fields = set(ordered)
    others = {owner: paths for owner, paths in managers_of(present or {"metadata": {}}).items() if owner != manager}
    conflicts = [
        (owner, path)
        for owner, paths in sorted(others.items())
        for path in sorted(paths & fields)
        if value_at(present, path) != value_at(wanted, path)
    ]
    if conflicts and not force:
        raise ClusterRefusal("Conflict", conflict_message(conflicts, kind.api_version))
    merged: Manifest = copy.deepcopy(present) if present else _new(kind, namespace, name, manifest)
    given_up = managers_of(merged).get(manager, set()) - fields
    for path in given_up:
        if not any(path in paths for paths in others.values()):
            without(merged, path)
    for path in ordered:
        with_value(merged, path, value_at(wanted, path))
    for owner, path in conflicts:
        others[owner].discard(path)
    merged["metadata"]["managedFields"] = _managed_fields(present, others, manager, operation, fields, kind)
    if present is None or {k: v for k, v in merged.items() if k not in ("metadata", "status")} != {
        k: v for k, v in present.items() if k not in ("metadata", "status")
    }:
        merged["metadata"]["generation"] = merged["metadata"].get("generation", 0) + 1
    return with_defaults(merged)


def _as_applied(manifest: Mapping[str, Json]) -> Manifest:
    """The fields that a manager has a say in: not the identity, nor what the server fills in."""
    metadata = {
        key: value for key, value in manifest["metadata"].items() if key not in (*_SERVER_FIELDS, "name", "namespace")
    }
    body = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind", "metadata", "status")}
    return {**({"metadata": metadata} if metadata else {}), **body}


def _new(kind: Kind, namespace: str | None, name: str, manifest: Mapping[str, Json]) -> Manifest:
    """An object without fields yet. A uid and a status are taken as given: seeds have them, programs don't."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata |= {"uid": manifest["metadata"].get("uid", str(uuid.uuid4())), "creationTimestamp": _now()}
    status = {"status": manifest["status"]} if "status" in manifest else {}
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **status}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _managed_fields(
    present: Manifest | None,
    others: Mapping[str, set[FieldPath]],
    manager: str,
    operation: str,
    fields: set[FieldPath],
    kind: Kind,
) -> list[Manifest]:
    before = {entry["manager"]: entry for entry in (present or {"metadata": {}})["metadata"].get("managedFields", [])}
    entries: list[Manifest] = []
    for owner, paths in {**others, manager: fields}.items():
        if not paths:
            continue
        entry = {
            "manager": owner,
            "operation": operation if owner == manager else before[owner]["operation"],
            "apiVersion": kind.api_version,
            "fieldsType": "FieldsV1",
            "fieldsV1": to_fields_v1(paths),
        }
        unchanged = {key: value for key, value in before.get(owner, {}).items() if key != "time"} == entry
        entries.append({**entry, "time": before[owner]["time"] if unchanged else _now()})
    return entries
