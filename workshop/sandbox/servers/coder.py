"""Coder's API as far as preflight asks it: version, proxies, provisioners, templates and workspaces.

Answers have the form of coder/coder, coderd/apidoc/swagger.json. Provisioners are as many as the clusters' Deployments
have replicas; all else is in coder.json, read anew at each request.
"""

from __future__ import annotations

import hmac
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from workshop.model.plan.workloads import PROVISIONER
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers import coder_answers as answers
from workshop.sandbox.servers.coder_contents import Contents, Workspace, first_contents, id_of
from workshop.sandbox.servers.stores import store_of
from workshop.sandbox.workspace_pods import remove_workspace, start_workspace


class Refusal(Exception):
    """Ends a request with a Response object of Coder's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Coder:
    """The WSGI application below /coder."""

    def __init__(self, paths: SandboxPaths, settings: Settings) -> None:
        self._paths = paths
        self._settings = settings
        self._token = token_of(paths)
        self._lock = threading.Lock()
        if not coder_file(paths).exists():
            self._keep(first_contents(settings))

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        path = request.path.removeprefix("/coder")
        if path == "/healthz":
            return Response("OK", content_type="text/plain")(environ, start_response)
        headers: dict[str, str] = {}
        try:
            with self._lock:
                answer, status = self._answer(request, path), 201 if path.endswith(_CREATING) else 200
                headers = {"X-Ratelimit-Limit": str(self.contents().rate_limit)}
        except Refusal as refusal:
            answer, status = {"message": str(refusal)}, refusal.status
        response = Response(json.dumps(answer), status=status, headers=headers, content_type="application/json")
        return response(environ, start_response)

    def contents(self) -> Contents:
        """What coder.json says now. Raises Refusal where it can't be read."""
        try:
            return Contents.model_validate_json(coder_file(self._paths).read_bytes())
        except (OSError, ValidationError) as error:
            raise Refusal(500, f"{coder_file(self._paths)} can't be read: {error}") from None

    def knows(self, request: Request) -> bool:
        """Whether its sender is signed in: the session's token is the data folder's."""
        return hmac.compare_digest(request.headers.get("Coder-Session-Token", "").encode(), self._token.encode())

    def build_info(self, region: Region) -> Json:
        """What a region's host answers of itself."""
        return answers.build_info(region, self._control_plane, self.contents())

    @property
    def _control_plane(self) -> Region:
        return next(region for region in self._settings.regions if region.role is Role.CONTROL_PLANE)

    def _answer(self, request: Request, path: str) -> Json:
        if path == "/api/v2/buildinfo":
            return self.build_info(self._control_plane)
        if not self.knows(request):
            raise Refusal(401, "You are signed out or your session has expired. Please sign in again to continue.")
        try:
            name, values = _ROUTES.bind("127.0.0.1").match(path, request.method)
        except HTTPException as error:
            raise Refusal(error.code or 404, f"Route {path}: {error.name}") from None
        handlers: Mapping[str, Callable[..., Json]] = {
            "organizations": self._organizations,
            "daemons": self._daemons,
            "jobs": self._jobs,
            "proxies": self._proxies,
            "templates": self._templates,
            "create": self._create,
            "workspace": self._workspace,
            "build": self._build,
            "workspaces": self._workspaces,
            "entitlements": self._entitlements,
            "authcheck": self._authcheck,
        }
        return handlers[name](request, **values)

    def _organizations(self, _request: Request) -> Json:
        return [answers.organization(one) for one in self._settings.organizations]

    def _organization_of_provisioners(self, given: str) -> str:
        """Hidden, as everything is from whoever may not read it."""
        if not self.contents().reads_provisioners:
            raise Refusal(404, _HIDDEN)
        return self._organization(given)

    def _organization(self, given: str) -> str:
        for one in self._settings.organizations:
            if id_of("organization", one.name) == given:
                return one.name
        raise Refusal(404, _HIDDEN)

    def _daemons(self, request: Request, organization: str) -> Json:
        name, contents = self._organization_of_provisioners(organization), self.contents()
        daemons = [
            answers.daemon(
                f"{PROVISIONER}-{region.name}-{number}",
                name,
                region.name,
                contents.version,
                is_busy=number < contents.busy.get(f"{name}/{region.name}", 0),
            )
            for region in self._settings.regions
            for number in range(self._replicas(region, name))
        ]
        return daemons[: request.args.get("limit", default=50, type=int)]

    def _replicas(self, region: Region, organization: str) -> int:
        namespace = next(one.namespace for one in self._settings.organizations if one.name == organization)
        found = self._store(region).get(kind_of("apps/v1", "Deployment"), namespace, PROVISIONER)
        return found["spec"]["replicas"] if found else 0

    def _jobs(self, request: Request, organization: str) -> Json:
        name = self._organization_of_provisioners(organization)
        waiting = self.contents().pending.get(name, 0) if request.args.get("status", "pending") == "pending" else 0
        return [answers.pending_job(name, number, waiting) for number in range(waiting)]

    def _proxies(self, _request: Request) -> Json:
        contents = self.contents()
        known = (one for one in self._settings.regions if contents.proxies[one.name].status != "unregistered")
        return {"regions": [answers.proxy(region, contents) for region in known]}

    def _templates(self, _request: Request) -> Json:
        return [answers.template(name, one) for name, one in self.contents().templates.items()]

    def _create(self, request: Request) -> Json:
        body, contents = _body(request), self.contents()
        name = next((name for name in contents.templates if id_of("template", name) == body.get("template_id")), None)
        if name is None:
            raise Refusal(400, f"Template {body.get('template_id')!r} doesn't exist.")
        template, workspace_id = contents.templates[name], str(uuid.uuid4())
        region = self._region(template.region)
        namespace = next(one.namespace for one in self._settings.organizations if one.name == template.organization)
        is_placed = start_workspace(self._store(region), region.name, namespace, workspace_id)
        status = "running" if is_placed else "pending"
        made = Workspace(name=str(body.get("name")), template=name, region=template.region, status=status)
        self._keep(contents.model_copy(update={"workspaces": {**contents.workspaces, workspace_id: made}}))
        return answers.workspace(workspace_id, made)

    def _workspace(self, _request: Request, workspace: str) -> Json:
        found = self.contents().workspaces.get(workspace)
        if found is None:
            raise Refusal(404, _HIDDEN)
        return answers.workspace(workspace, found)

    def _workspaces(self, _request: Request) -> Json:
        kept = {key: one for key, one in self.contents().workspaces.items() if one.status != "deleted"}
        return {"workspaces": [answers.workspace(key, one) for key, one in kept.items()], "count": len(kept)}

    def _entitlements(self, _request: Request) -> Json:
        licence = self.contents().licence
        if licence is None:
            raise Refusal(404, "Route not found.")
        return answers.entitlements(licence)

    def _authcheck(self, request: Request) -> Json:
        may_read = self.contents().reads_provisioners
        return dict.fromkeys(_body(request).get("checks", {}), may_read)

    def _build(self, request: Request, workspace: str) -> Json:
        contents, body = self.contents(), _body(request)
        found = contents.workspaces.get(workspace)
        if found is None or body.get("transition") != "delete":
            raise Refusal(400, "the sandbox's Coder only deletes workspaces that there are")
        remove_workspace(self._store(self._region(found.region)), workspace)
        gone = found.model_copy(update={"status": "deleted"})
        self._keep(contents.model_copy(update={"workspaces": {**contents.workspaces, workspace: gone}}))
        return answers.workspace(workspace, gone)["latest_build"]

    def _store(self, region: Region) -> ClusterStore:
        return store_of(self._paths, region.cluster.context or region.name)

    def _region(self, name: str) -> Region:
        return next(region for region in self._settings.regions if region.name == name)

    def _keep(self, contents: Contents) -> None:
        write_private(coder_file(self._paths), contents.model_dump_json(indent=1) + "\n")


def coder_file(paths: SandboxPaths) -> Path:
    """Where the sandbox's Coder keeps its state."""
    return paths.folder / "coder.json"


def _body(request: Request) -> Mapping[str, Json]:
    body = request.get_json(silent=True)
    if not is_mapping(body):
        raise Refusal(400, "Request body must be valid JSON.")
    return body


_CREATING: Final = ("/users/me/workspaces", "/builds")
_HIDDEN: Final = "Resource not found or you do not have access to this resource"

_ROUTES: Final = Map(
    [
        Rule("/api/v2/organizations", endpoint="organizations", methods=["GET"]),
        Rule("/api/v2/organizations/<organization>/provisionerdaemons", endpoint="daemons", methods=["GET"]),
        Rule("/api/v2/organizations/<organization>/provisionerjobs", endpoint="jobs", methods=["GET"]),
        Rule("/api/v2/workspaceproxies", endpoint="proxies", methods=["GET"]),
        Rule("/api/v2/templates", endpoint="templates", methods=["GET"]),
        Rule("/api/v2/users/me/workspaces", endpoint="create", methods=["POST"]),
        Rule("/api/v2/workspaces", endpoint="workspaces", methods=["GET"]),
        Rule("/api/v2/entitlements", endpoint="entitlements", methods=["GET"]),
        Rule("/api/v2/authcheck", endpoint="authcheck", methods=["POST"]),
        Rule("/api/v2/workspaces/<workspace>", endpoint="workspace", methods=["GET"]),
        Rule("/api/v2/workspaces/<workspace>/builds", endpoint="build", methods=["POST"]),
    ]
)
