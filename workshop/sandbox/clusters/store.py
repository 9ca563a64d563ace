"""A cluster store on a real API server, asked as the Kubernetes provider asks it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from workshop.sandbox.clusters.api import APPLY, JSON_PATCH, MERGE_PATCH, Api
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import Kind
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import identify

DELETE_SECONDS: Final = 60
"""Before a delete that something holds up is given up. The real provider waits for ten minutes."""

_POLL_SECONDS: Final = 0.05
_RACES: Final = 5
"""How often a write is tried again that lost to somebody else's."""


class ApiServerStore:
    """A ClusterStore (`workshop/sandbox/manifests/store.py`): validation, defaults, ownership and admission
    are the server's.

    Unknown fields are refused; the real provider lets the server drop them with a warning, and shows a change for ever.
    """

    def __init__(self, api: Api, delete_seconds: float = DELETE_SECONDS) -> None:
        self._api = api
        self._delete_seconds = delete_seconds

    def get(self, kind: Kind, namespace: str | None, name: str) -> Manifest | None:
        """The object, or None, also where the server doesn't know the kind."""
        try:
            return self._api.request("GET", path_of(kind, namespace, name))
        except ClusterRefusal as refusal:
            if refusal.reason == "NotFound":
                return None
            raise

    def list(self, kind: Kind, namespace: str | None = None) -> list[Manifest]:
        """All objects of a kind, in one namespace or in all."""
        items: list[Manifest] = self._api.request("GET", path_of(kind, namespace))["items"]
        return [{"apiVersion": kind.api_version, "kind": kind.name, **item} for item in items]

    def create(self, manifest: Mapping[str, Json], manager: str, *, is_dry_run: bool = False) -> Manifest:
        """Creates it, without its status; refused with AlreadyExists where it exists."""
        kind, namespace, _ = identify(manifest, self)
        query = {"fieldManager": manager, "fieldValidation": "Strict", **_dry_run(is_dry_run)}
        return self._api.request("POST", path_of(kind, namespace), dict(manifest), query=query)

    def apply(self, manifest: Mapping[str, Json], manager: str, *, force: bool, is_dry_run: bool = False) -> Manifest:
        """Server-side apply: owns the fields given, gives up those no longer given; Conflict names other owners."""
        kind, namespace, name = identify(manifest, self)
        path = path_of(kind, namespace, name)
        if self._created_by(manager, path, is_dry_run=is_dry_run):
            force = True  # a dry run can't hand its own fields over first
        query = {
            "fieldManager": manager,
            "force": str(force).lower(),
            "fieldValidation": "Strict",
            **_dry_run(is_dry_run),
        }
        return self._api.request("PATCH", path, dict(manifest), content_type=APPLY, query=query)

    def delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Deletes it and what depends on it, and waits until it is gone, finalizers and all."""
        present = self.get(kind, namespace, name)
        if present is None:
            return
        self.begin_delete(kind, namespace, name)
        deadline = time.monotonic() + self._delete_seconds
        while present is not None and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
            uid = present["metadata"]["uid"]
            present = self.get(kind, namespace, name)
            if present is not None and present["metadata"]["uid"] != uid:
                return  # somebody has made another one of this name
        if present is not None:
            holding = ", ".join(present["metadata"].get("finalizers", [])) or "nobody says what"
            raise ClusterRefusal(
                "Timeout",
                f"{kind.folder} {name} was deleted but is still there after {self._delete_seconds:g} s, held by its "
                f"finalizers ({holding}): see to what they wait for, then run this again",
            )

    def begin_delete(self, kind: Kind, namespace: str | None, name: str) -> None:
        """Deletes it and what depends on it, and does not wait."""
        try:
            self._api.request("DELETE", path_of(kind, namespace, name), {"propagationPolicy": "Foreground"})
        except ClusterRefusal as refusal:
            if refusal.reason != "NotFound":
                raise

    def set_status(self, manifest: Mapping[str, Json], manager: str) -> None:
        """Writes an object's status, as its controller would."""
        kind, namespace, name = identify(manifest, self)
        self._api.request(
            "PATCH",
            f"{path_of(kind, namespace, name)}/status",
            {"status": manifest["status"]},
            content_type=MERGE_PATCH,
            query={"fieldManager": manager},
        )

    def _created_by(self, manager: str, path: str, *, is_dry_run: bool) -> bool:
        """Whether this manager owns fields from having created the object, which the server takes for another owner.

        Outside a dry run it hands them to the manager's own apply, as the real provider does before its first one.
        """
        for attempt in range(_RACES):
            try:
                present = self._api.request("GET", path)
            except ClusterRefusal as refusal:
                if refusal.reason == "NotFound":
                    return False
                raise
            entries: list[Manifest] = present["metadata"].get("managedFields", [])
            created = [entry for entry in entries if _is_creation(entry, manager)]
            if not created or is_dry_run:
                return bool(created)
            handed_over = [
                {"op": "replace", "path": "/metadata/managedFields", "value": _merged(entries, created, manager)},
                {"op": "replace", "path": "/metadata/resourceVersion", "value": present["metadata"]["resourceVersion"]},
            ]
            try:
                self._api.request("PATCH", path, handed_over, content_type=JSON_PATCH, query={"fieldManager": manager})
            except ClusterRefusal as refusal:
                if refusal.reason != "Conflict" or attempt == _RACES - 1:
                    raise
            else:
                return False
        return False


def path_of(kind: Kind, namespace: str | None, name: str | None = None) -> str:
    """The object's path, or its kind's."""
    path = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.version}"
    if kind.is_namespaced and namespace:
        path += f"/namespaces/{namespace}"
    return f"{path}/{kind.resource}" + (f"/{name}" if name else "")


def _dry_run(is_dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if is_dry_run else {}


def _is_creation(entry: Manifest, manager: str) -> bool:
    return entry["manager"] == manager and entry["operation"] == "Update" and not entry.get("subresource")


def _merged(entries: list[Manifest], created: list[Manifest], manager: str) -> list[Manifest]:
    """All entries, with what was created by the manager among what it applies."""
    applied = next((e for e in entries if e["manager"] == manager and e["operation"] == "Apply"), None)
    fields: dict[str, Json] = {}
    for entry in (*([applied] if applied else []), *created):
        _add(fields, entry["fieldsV1"])
    others = [entry for entry in entries if entry is not applied and entry not in created]
    return [*others, {**(applied or created[0]), "operation": "Apply", "fieldsV1": fields}]


def _add(fields: dict[str, Json], more: Mapping[str, Json]) -> None:
    for element, below in more.items():
        _add(fields.setdefault(element, {}), below)
