"""A cluster as a folder of manifests: what the Kubernetes API would keep, one YAML file per object."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import yaml

from workshop.sandbox.files import locked, write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.field_ownership import FieldPath, without
from workshop.sandbox.manifests.kinds import Kind, kind_in
from workshop.sandbox.manifests.merging import ClusterRefusal, Identity, Manifest, merge


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
            return _load(self._path(kind, namespace, name).read_text(encoding="utf-8"))
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
            made = merge(identified, None, manifest, manager, "Update", force=True)
            return made if is_dry_run else self._write(made)

    def fill(self, owned: Iterable[tuple[str, Mapping[str, Json]]]) -> None:
        """Creates all of them, (manager, manifest), in a folder that nobody else looks at yet.

        Without locks and temporary files, which for thousands of objects are most of the time.
        """
        for version, (manager, manifest) in enumerate(owned, 1):
            kind, namespace, name = identified = identify(manifest, self)
            made = merge(identified, None, manifest, manager, "Update", force=True)
            made["metadata"]["resourceVersion"] = str(version)
            path = self._path(kind, namespace, name)
            with _telling_what_cannot_be_written(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8") as file:
                    yaml.dump(made, file, Dumper=_DUMPER, sort_keys=False)
                self._counter.write_text(str(version), encoding="utf-8")

    def apply(self, manifest: Mapping[str, Json], manager: str, *, force: bool, is_dry_run: bool = False) -> Manifest:
        """Server-side apply: owns the fields given, gives up those no longer given; Conflict names other owners."""
        kind, namespace, name = identified = identify(manifest, self)
        with locked(self._folder / ".lock"):
            present = self.get(kind, namespace, name)
            merged = merge(identified, present, manifest, manager, "Apply", force=force)
            if is_dry_run or merged == present:
                return merged
            return self._write(merged)

    def take_out(self, manifest: Mapping[str, Json], path: FieldPath) -> Manifest:
        """Removes a field, whoever owns it, as a merge patch with null does."""
        kind, namespace, name = identify(manifest, self)
        with locked(self._folder / ".lock"):
            present = self.get(kind, namespace, name)
            if present is None:
                raise ClusterRefusal("NotFound", f'{kind.folder} "{name}" not found')
            without(present, path)
            return self._write(present)

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
            write_private(path, yaml.dump(manifest, Dumper=_DUMPER, sort_keys=False), is_synced=False)
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

    def _read(self, paths: list[Path]) -> Iterator[Manifest]:
        for path in paths:
            try:
                yield self._read_one(path)
            except FileNotFoundError:  # deleted since it was listed
                continue

    def _read_one(self, path: Path) -> Manifest:
        return _load(path.read_text(encoding="utf-8"))


class RememberingStore(ManifestStore):
    """One for whoever looks every second: it parses a file again only where it was replaced.

    What it lists is shared, and must not be changed.
    """

    def __init__(self, folder: Path) -> None:
        """folder: clusters/<context> of the data folder."""
        super().__init__(folder)
        self._known: dict[Path, tuple[tuple[int, int], Manifest]] = {}

    def _read_one(self, path: Path) -> Manifest:
        found = path.stat()
        version = (found.st_ino, found.st_mtime_ns)
        known = self._known.get(path)
        if known is None or known[0] != version:
            self._known[path] = known = version, super()._read_one(path)
        return known[1]


def _is_name(text: str) -> bool:
    """Whether it can be part of a path, by the rule of API servers, and of no other one: it starts with no dot."""
    return bool(text) and not text.startswith(".") and not set(text) & set("/%\\\0")


@contextmanager
def _telling_what_cannot_be_written(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ClusterRefusal("InternalError", f"{path}: can't be written: {error.strerror}") from error


def identify(manifest: Mapping[str, Json], cluster: ClusterStore) -> Identity:
    """Which object it is. Raises ClusterRefusal for a kind that the cluster lacks."""
    kind = kind_in(cluster, manifest["apiVersion"], manifest["kind"])
    if kind is None:
        raise ClusterRefusal("NotFound", f'no matches for kind "{manifest["kind"]}" in "{manifest["apiVersion"]}"')
    metadata = manifest["metadata"]
    return kind, (metadata.get("namespace") or "default") if kind.is_namespaced else None, metadata["name"]


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _load(text: str) -> Manifest:
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 -- a safe loader, the C one where there is one
