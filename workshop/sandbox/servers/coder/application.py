"""Coder's API: limits, sessions, routes. What is kept is in coder.json, read anew where it was changed.

Provisioners are as many as the clusters' Deployments have replicas, workspaces are Deployments in these clusters, and
time is the sandbox's (workshop/sandbox/clock.py). Answers have the form of Coder 2.25.1's.
"""

from __future__ import annotations

import hmac
import json
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from workshop.model.settings.regions import Region, Role
from workshop.model.settings.stack import Settings
from workshop.sandbox.clock import sandbox_now
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.aws.instances import Instances
from workshop.sandbox.servers.coder.answers import site as answers
from workshop.sandbox.servers.coder.answers.workspaces import AGENT, SMOKE_APP, status
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Handler, Route
from workshop.sandbox.servers.coder.clusters import RegionClusters
from workshop.sandbox.servers.coder.keys import find_key, hashed, new_key
from workshop.sandbox.servers.coder.limits import FILES_LIMIT, RateLimits
from workshop.sandbox.servers.coder.progress import advance, connect_agents
from workshop.sandbox.servers.coder.refusals import Refusal, invalid_json, route_not_found, signed_out
from workshop.sandbox.servers.coder.rights import Caller
from workshop.sandbox.servers.coder.routes import builds, deadlines, members, site, templates, tokens, users, workspaces
from workshop.sandbox.servers.coder.state import ENGINEER, Contents, User, first_contents, id_of
from workshop.sandbox.servers.coder.state_file import StateFile

_API: Final = "/api/v2"
_LOGIN: Final = f"{_API}/users/login"
OPEN_PATHS: Final = ("/coder/healthz", f"/coder{_API}/buildinfo")
"""What the real one answers to anybody."""

_SESSION: Final = timedelta(hours=24)
_NOTHING_SHOWN: Final = 'Cookie "coder_session_token" or query parameter must be provided.'

_SUBJECTS: Final[tuple[tuple[Route, ...], ...]] = (
    site.ROUTES,
    users.ROUTES,
    members.ROUTES,
    tokens.ROUTES,
    templates.ROUTES,
    workspaces.ROUTES,
    builds.ROUTES,
    deadlines.ROUTES,
)
_HANDLERS: Final[dict[str, Handler]] = {
    f"{method} {path}": handler for routes in _SUBJECTS for method, path, handler in routes
}
_MAP: Final = Map(
    [
        Rule(f"{_API}{path}", endpoint=f"{method} {path}", methods=[method])
        for routes in _SUBJECTS
        for method, path, _ in routes
    ],
    strict_slashes=False,
)


class _Login(Body):
    email: str = ""
    password: str = ""


class Coder:
    """The WSGI application below /coder."""

    def __init__(self, paths: SandboxPaths, settings: Settings, instances: Instances | None = None) -> None:
        """instances: what EC2 shows behind the nodes of workspaces; None: nothing."""
        self._paths = paths
        self._settings = settings
        self._token = token_of(paths)
        self._clusters = RegionClusters(paths, settings, instances)
        self._limits = RateLimits()
        self._lock = threading.Lock()
        self._file = StateFile(paths)
        if not self._file.is_there:
            self._file.keep(first_contents(settings, sandbox_now(paths)))

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        path = request.path.removeprefix("/coder")
        if path == "/healthz":
            return Response("OK", content_type="text/plain")(environ, start_response)
        with self._lock:
            answer, headers = self._limited(request, path)
        has_body = answer.body is not None or answer.status == HTTPStatus.OK
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode() if has_body else b""
        response = Response(body, status=answer.status, headers=headers, content_type=answer.content_type)
        return response(environ, start_response)

    def contents(self) -> Contents:
        """What coder.json says now, for reading. Raises Refusal where it can't be read."""
        with self._lock, self._file.held() as contents:
            return contents

    def look(self) -> None:
        """Lets time pass: builds, deadlines, agents, and what the clusters' controllers do about it."""
        try:
            with self._lock, self._file.held() as contents:
                if contents.workspaces:
                    self._advance(contents, is_thorough=True)
        except Refusal as refusal:
            sys.stderr.write(f"{refusal}\n")

    def knows(self, request: Request) -> bool:
        """Whether its sender is signed in."""
        try:
            with self._lock, self._file.held() as contents:
                self._caller(request, contents, self._now())
        except Refusal:
            return False
        return True

    def runs_app(self, app: str) -> bool:
        """Whether a workspace that runs has an app under this name of a host."""
        contents = self.contents()
        owners = contents.users
        return any(
            app == f"{SMOKE_APP}--{AGENT}--{one.name}--{owners[one.owner_id].username}"
            for one in contents.workspaces.values()
            if status(one.latest) == "running"
        )

    def build_info(self, region: Region) -> Json:
        """What a region's host answers of itself."""
        return answers.build_info(region, self._control_plane, self.contents())

    @property
    def _control_plane(self) -> Region:
        return next(region for region in self._settings.regions if region.role is Role.CONTROL_PLANE)

    def _limited(self, request: Request, path: str) -> tuple[Answer, dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            with self._file.held() as contents:
                headers["X-Coder-Build-Version"] = contents.version.partition("+")[0]
                limit = contents.login_limit if path == _LOGIN else contents.rate_limit
                limit = FILES_LIMIT if path.startswith(f"{_API}/files/") else limit
                now = self._now()
                headers |= self._limits.count(request.remote_addr or "", path, limit, now.timestamp())
                before = contents.model_dump_json() if request.method != "GET" else ""
                self._advance(contents)
                try:
                    answer = self._answer(request, path, contents, now)
                finally:
                    if before and contents.model_dump_json() != before:
                        self._file.keep(contents)
        except Refusal as refusal:
            return Answer(status=refusal.status, body=refusal.body), {**headers, **refusal.headers}
        return answer, headers

    def _answer(self, request: Request, path: str, contents: Contents, now: datetime) -> Answer:
        if path == f"{_API}/buildinfo" and request.method == "GET":
            return Answer(status=200, body=answers.build_info(self._control_plane, self._control_plane, contents))
        if path == _LOGIN and request.method == "POST":
            return Answer(status=201, body={"session_token": _log_in(request, contents, now)})
        caller = self._caller(request, contents, now)
        try:
            endpoint, values = _MAP.bind("127.0.0.1").match(path, request.method)
        except MethodNotAllowed:
            raise Refusal(405, None) from None
        except HTTPException:
            raise route_not_found() from None
        call = Call(
            request=request,
            caller=caller,
            contents=contents,
            now=now,
            settings=self._settings,
            clusters=self._clusters,
        )
        answer = _HANDLERS[endpoint](call, **values)
        return answer if isinstance(answer, Answer) else Answer(status=200, body=answer)

    def _caller(self, request: Request, contents: Contents, now: datetime) -> Caller:
        shown = _shown(request)
        if not shown:
            raise signed_out(_NOTHING_SHOWN)
        if hmac.compare_digest(shown.encode(), self._token.encode()):
            engineer = contents.users[id_of("user", ENGINEER)]
            if contents.reads_provisioners:
                return Caller(user=engineer)
            return Caller(user=engineer.model_copy(update={"roles": []}))
        key = find_key(contents, shown, now)
        user = contents.users[key.user_id]
        if user.status == "suspended":
            reason = 'User is not active (status = "suspended"). Contact an admin to reactivate your account.'
            raise Refusal(401, reason)
        if user.status == "dormant":
            user.status = "active"
        key.last_used = user.last_seen_at = now
        return Caller(user=user, key_id=key.id, is_for_apps=key.scope == "application_connect")

    def _now(self) -> datetime:
        try:
            return sandbox_now(self._paths)
        except SandboxProblem as problem:
            raise Refusal(500, str(problem)) from None

    def _advance(self, contents: Contents, *, is_thorough: bool = False) -> None:
        now = self._now()
        has_changed = advance(contents, now, self._clusters)
        if has_changed or is_thorough:
            self._clusters.settle(now)
        has_changed |= connect_agents(contents, now, self._clusters, is_thorough=is_thorough)
        if has_changed:
            self._file.keep(contents)


def _shown(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get("Coder-Session-Token", "") or (token.strip() if scheme == "Bearer" else "")


def _log_in(request: Request, contents: Contents, now: datetime) -> str:
    try:
        asked = _Login.model_validate_json(request.get_data())
    except ValidationError as error:
        raise invalid_json(str(error.errors()[0]["msg"])) from None
    user = _with_password(contents, asked)
    if user is None:
        raise Refusal(401, "Incorrect email or password.")
    if user.status == "suspended":
        raise Refusal(401, "Your account is suspended. Contact an admin to reactivate your account.")
    user.status = "active"
    return new_key(contents, user, now, _SESSION, is_token=False)


def _with_password(contents: Contents, asked: _Login) -> User | None:
    for user in contents.users.values():
        if user.email == asked.email.lower() and user.password and not user.is_deleted:
            return user if hmac.compare_digest(user.password, hashed(asked.password)) else None
    return None
