"""The clusters' Kubernetes API, to be read: discovery, objects and lists.

Only the processes that stand for Jobs may write (workshop/sandbox/pods/kubelet.py): they create, delete, and apply on
the server's side. Whoever else writes is told why not. There is no RBAC in a folder.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import yaml
from werkzeug.wrappers import Request, Response

from workshop.sandbox.clusters.api import APPLY
from workshop.sandbox.clusters.store import path_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import KINDS, Kind, find_resource, kind_of
from workshop.sandbox.manifests.merging import ClusterRefusal, Manifest
from workshop.sandbox.manifests.store import ManifestStore, identify
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.homes import home_of
from workshop.sandbox.pods.kubelet import folder_token
from workshop.sandbox.pods.running import pods_of_deployments
from workshop.sandbox.servers.kubernetes.pod_exec import PROTOCOL, SESSIONS, Command, serve
from workshop.sandbox.servers.kubernetes.selectors import SelectorError, field_selector, label_selector
from workshop.sandbox.servers.listener import TAKE_OVER

VERSION: Final = {"major": "1", "minor": "35", "gitVersion": "v1.35.4", "platform": "linux/amd64"}

_OBJECTS = re.compile(
    r"/(?:api/(?P<core>v1)|apis/(?P<group>[^/]+)/(?P<version>[^/]+))"
    r"(?:/namespaces/(?P<namespace>[^/]+)(?=/[^/]+))?/(?P<resource>[^/]+)(?:/(?P<name>[^/]+))?(?:/(?P<sub>status|scale))?"
)

_EXEC = re.compile(r"/clusters/([^/]+)/api/v1/namespaces/([^/]+)/pods/([^/]+)/exec")


class _Answered(Exception):
    """Ends a request with a Status object."""

    def __init__(self, code: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class Clusters:
    """The WSGI application below /clusters: the first part of the path is the cluster's context."""

    def __init__(self, paths: SandboxPaths) -> None:
        self._paths = paths

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        try:
            exec_in = _EXEC.fullmatch(request.path)
            if exec_in:
                self._exec(request, *exec_in.groups())
                return ()
            body, code = self._answer(request), 200
        except _Answered as end:
            body, code = _status(end), end.code
        response = Response(json.dumps(body), status=code, content_type="application/json")
        if code == 405:
            response.headers["Allow"] = "GET"
        return response(environ, start_response)

    def _answer(self, request: Request) -> Json:
        context, _, rest = request.path.removeprefix("/clusters/").partition("/")
        store = self._store(context)
        path = f"/{rest.rstrip('/')}"
        if request.method == "PATCH" and path.endswith("/scale") and self._is_from_a_job(request):
            return _scale(store, path, request)
        if request.method == "PATCH" and "/pods/" in path and self._is_from_a_job(request):
            return _open_pod(store, path, request)
        if request.method in ("POST", "PATCH") and self._is_from_a_job(request):
            return _write(store, path, request)
        if request.method == "DELETE" and self._is_from_a_job(request):
            return _delete(store, path)
        if request.method != "GET":
            raise _Answered(
                405,
                "MethodNotAllowed",
                "the sandbox's clusters are read-only over HTTP: change them with `workshop up`, "
                f"or edit the manifests in {self._paths.clusters / context}",
            )
        fixed = _DISCOVERY.get(path)
        if fixed is not None:
            return fixed()
        return _objects(store, path, request.args)

    def _store(self, context: str) -> ManifestStore:
        if not re.fullmatch(r"\w[\w.-]*", context) or not (self._paths.clusters / context).is_dir():
            known = sorted(folder.name for folder in self._paths.clusters.glob("*") if folder.is_dir())
            raise _Answered(404, "NotFound", f"the sandbox has no cluster {context!r}, only {', '.join(known)}")
        return ManifestStore(self._paths.clusters / context)

    def _exec(self, request: Request, context: str, namespace: str, name: str) -> None:
        """Runs a command in a pod. Its connection is then no longer one of HTTP."""
        pod = _pod(self._store(context), namespace, name)
        words, streams, key = request.args.getlist("command"), request.args, request.headers.get("Sec-WebSocket-Key")
        offered = re.split(r",\s*", request.headers.get("Sec-WebSocket-Protocol", ""))
        if request.method != "GET" or not key or PROTOCOL not in offered:
            raise _Answered(400, "BadRequest", f"the sandbox takes exec as a websocket of {PROTOCOL} only")
        if not words or not words[0] or streams.get("tty") == "true":
            raise _Answered(400, "BadRequest", "the sandbox runs a command, and has no terminals (kubectl's -t)")
        command = Command(
            words=words,
            home=home_of(self._paths, context, pod),
            variables=_variables(pod, streams.get("container")),
            has_stdin=streams.get("stdin") == "true",
        )
        if not serve(request.environ[TAKE_OVER], key, command):
            raise _Answered(429, "TooManyRequests", f"the sandbox runs up to {SESSIONS} commands at a time")

    def _is_from_a_job(self, request: Request) -> bool:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {folder_token(self._paths)}".encode())


def _write(store: ManifestStore, path: str, request: Request) -> Json:
    """Creates an object, or applies one."""
    manager = request.args.get("fieldManager") or "unknown"
    try:
        manifest: Manifest = yaml.safe_load(request.get_data())
        kind, namespace, name = identify(manifest, store)
        if request.method == "POST":
            if path != path_of(kind, namespace):
                raise _Answered(400, "BadRequest", f"{path} is not where {kind.folder} are created")
            return store.create(manifest, manager)
        if path != path_of(kind, namespace, name) or request.mimetype != APPLY:
            raise _Answered(400, "BadRequest", f"{path} is not {kind.folder} {name}, or this is no server-side apply")
        return store.apply(manifest, manager, force=request.args.get("force") == "true")
    except ClusterRefusal as refusal:
        code = {"AlreadyExists": 409, "Conflict": 409, "NotFound": 404}.get(refusal.reason, 422)
        raise _Answered(code, refusal.reason, str(refusal)) from None


def _scale(store: ManifestStore, path: str, request: Request) -> Json:
    """Gives something that has replicas another number of them, by a merge patch of its scale."""
    found = _objects(store, path, {})
    if "replicas" not in found.get("spec", {}):
        raise _Answered(404, "NotFound", f"{path} is no scale")
    try:
        replicas = json.loads(request.get_data())["spec"]["replicas"]
    except (ValueError, KeyError, TypeError):
        replicas = None
    if not isinstance(replicas, int) or replicas < 0:
        raise _Answered(422, "Invalid", "spec.replicas must be a number that is not below 0")
    identity = {key: found["metadata"][key] for key in ("name", "namespace")}
    changed = {"apiVersion": found["apiVersion"], "kind": found["kind"], "metadata": identity}
    manager = request.args.get("fieldManager") or "unknown"
    return store.apply({**changed, "spec": {"replicas": replicas}}, manager, force=True)


def _open_pod(store: ManifestStore, path: str, request: Request) -> Json:
    """Takes the scheduling gates from a pod, by a merge patch: all that is changed of pods here."""
    if json.loads(request.get_data()) != {"spec": {"schedulingGates": None}}:
        raise _Answered(422, "Invalid", "of a pod, the sandbox's clusters change spec.schedulingGates to null only")
    return store.take_out(_objects(store, path, {}), ("f:spec", "f:schedulingGates"))


def _delete(store: ManifestStore, path: str) -> Json:
    """Deletes one object, at once: a folder has no finalizers."""
    found = _objects(store, path, {})
    if "items" in found:
        raise _Answered(405, "MethodNotAllowed", "the sandbox's clusters delete one object at a time")
    kind, namespace, name = identify(found, store)
    store.delete(kind, namespace, name)
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


def _objects(store: ManifestStore, path: str, query: Mapping[str, str]) -> Json:
    match = _OBJECTS.fullmatch(path)
    kind = find_resource(match["group"] or "", match["core"] or match["version"], match["resource"]) if match else None
    if match is None or kind is None:
        raise _Answered(404, "NotFound", "the server could not find the requested resource")
    namespace, name = match["namespace"], match["name"]
    if namespace and not kind.is_namespaced:
        raise _Answered(404, "NotFound", "the server could not find the requested resource")
    if name is None:
        return _list(store, kind, namespace, query)
    if kind.is_namespaced and namespace is None:
        raise _Answered(404, "NotFound", "the server could not find the requested resource")
    try:
        found = store.get(kind, namespace, name)
    except ClusterRefusal:  # it is no name
        found = None
    if found is None:
        raise _Answered(404, "NotFound", f'{kind.folder} "{name}" not found')
    return found


def _pod(store: ManifestStore, namespace: str, name: str) -> Manifest:
    """One that runs."""
    pods = [*store.list(kind_of("v1", "Pod"), namespace), *pods_of_deployments(store, namespace)]
    found = next((pod for pod in pods if pod["metadata"]["name"] == name), None)
    if found is None:
        raise _Answered(404, "NotFound", f'pods "{name}" not found')
    if found.get("status", {}).get("phase") != "Running":
        raise _Answered(400, "BadRequest", f"pod {name} does not run")
    return found


def _variables(pod: Manifest, name: str | None) -> dict[str, str]:
    """What a container sets itself, as far as it is written out; name: None for the first."""
    containers: list[Manifest] = pod["spec"]["containers"]
    found = next((one for one in containers if name in (None, one["name"])), None)
    if found is None:
        raise _Answered(400, "BadRequest", f"container {name} is not valid for pod {pod['metadata']['name']}")
    return {one["name"]: one["value"] for one in found.get("env", []) if "value" in one}


def _list(store: ManifestStore, kind: Kind, namespace: str | None, query: Mapping[str, str]) -> Json:
    if query.get("watch") in ("true", "1"):
        raise _Answered(405, "MethodNotAllowed", "the sandbox's clusters can't be watched: list again instead")
    try:
        chosen = label_selector(query.get("labelSelector", "")), field_selector(query.get("fieldSelector", ""))
    except SelectorError as error:
        raise _Answered(400, "BadRequest", str(error)) from None
    present = store.list(kind, namespace)
    if kind.folder == "pods":
        present = [*present, *pods_of_deployments(store, namespace)]
    items = [item for item in present if all(matches(item) for matches in chosen)]
    newest = max((int(item["metadata"]["resourceVersion"]) for item in items), default=0)
    return {
        "kind": f"{kind.name}List",
        "apiVersion": kind.api_version,
        "metadata": {"resourceVersion": str(newest)},
        "items": items,
    }


def _status(end: _Answered) -> Manifest:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": str(end),
        "reason": end.reason,
        "code": end.code,
    }


def _group_versions() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for kind in KINDS:
        if kind.group and kind.version not in groups.setdefault(kind.group, []):
            groups[kind.group].append(kind.version)
    return groups


def _group_list() -> Manifest:
    def versions(group: str, names: list[str]) -> list[dict[str, str]]:
        return [{"groupVersion": f"{group}/{name}", "version": name} for name in names]

    groups = [
        {"name": group, "versions": (named := versions(group, names)), "preferredVersion": named[0]}
        for group, names in _group_versions().items()
    ]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}


def _resource_list(api_version: str) -> Callable[[], Manifest]:
    return lambda: {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": [
            {
                "name": kind.resource,
                "singularName": kind.name.lower(),
                "namespaced": kind.is_namespaced,
                "kind": kind.name,
                "verbs": ["get", "list"],
            }
            for kind in KINDS
            if kind.api_version == api_version
        ],
    }


_DISCOVERY: Final[Mapping[str, Callable[[], Json]]] = {
    "/version": lambda: VERSION,
    "/api": lambda: {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": _group_list,
    **{f"/{'apis' if kind.group else 'api'}/{kind.api_version}": _resource_list(kind.api_version) for kind in KINDS},
    **dict.fromkeys(("/healthz", "/readyz", "/livez"), lambda: "ok"),
}
