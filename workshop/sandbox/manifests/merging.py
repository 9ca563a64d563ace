"""Server-side apply on manifests: who owns which fields, what a change leaves, and who it conflicts with."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.field_ownership import (
    FieldPath,
    field_paths,
    from_fields_v1,
    readable,
    to_fields_v1,
    value_at,
    with_value,
    without,
)
from workshop.sandbox.manifests.kinds import Kind, with_defaults

Manifest: TypeAlias = dict[str, Json]

Identity: TypeAlias = tuple[Kind, str | None, str]
"""Kind, namespace (None for cluster-scoped) and name."""


_SERVER_FIELDS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink")


class ClusterRefusal(Exception):
    """What an API server answers to a request that it refuses. reason: as in a Status object."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def managers_of(manifest: Mapping[str, Json]) -> dict[str, set[FieldPath]]:
    """Who owns which fields."""
    owned: dict[str, set[FieldPath]] = {}
    for entry in manifest["metadata"].get("managedFields", []):
        owned.setdefault(entry["manager"], set()).update(from_fields_v1(entry["fieldsV1"]))
    return owned


def merge(
    identified: Identity,
    present: Manifest | None,
    manifest: Mapping[str, Json],
    manager: str,
    operation: str,
    *,
    force: bool,
) -> Manifest:
    """The object after a manager's change, None before for a new one. Raises ClusterRefusal: Conflict."""
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
        raise ClusterRefusal("Conflict", _conflict_message(conflicts, kind))
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


def _conflict_message(conflicts: list[tuple[str, FieldPath]], kind: Kind) -> str:
    """In the API server's words."""
    count = f"{len(conflicts)} conflict{'s' if len(conflicts) > 1 else ''}"
    named = [f'conflict with "{owner}" using {kind.api_version}: {readable(path)}' for owner, path in conflicts]
    return f"Apply failed with {count}: {'; '.join(named)}"
