"""LiteLLM's keys and health, as its version 1.72.6 answers (that of ai.coder.com); it calls no model."""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from werkzeug.wrappers import Request, Response

from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json, is_mapping
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.litellm.keys import Contents, Key, expiry, hashed, master_key, new_key

VERSION: Final = "1.72.6"
_LONGEST_PAGE: Final = 100


class _Refused(Exception):
    """Ends a request with an error in LiteLLM's form."""

    def __init__(self, status: int, kind: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": str(status)}}


class LiteLLM:
    """The WSGI application below /litellm."""

    def __init__(self, paths: SandboxPaths, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._master_key = master_key(token_of(paths))
        self._file = paths.litellm_file
        self._clock = clock
        self._lock = threading.Lock()
        text = self._file.read_text(encoding="utf-8") if self._file.exists() else "{}"
        self._contents = Contents.model_validate_json(text)

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        path = request.path.removeprefix("/litellm").rstrip("/")
        try:
            answer, status = self._answer(request, path), 200
        except _Refused as refused:
            answer, status = refused.body, refused.status
        return Response(json.dumps(answer), status=status, content_type="application/json")(environ, start_response)

    def _answer(self, request: Request, path: str) -> Json:
        if request.method == "GET" and path == "/health/liveliness":
            return "I'm alive!"
        if request.method == "GET" and path == "/health/readiness":
            return self._readiness()
        handler = self._handlers().get((request.method, path))
        if handler is None:
            raise _Refused(404, "not_found", "Not Found")
        with self._lock:
            caller = self._caller(request)
            return handler(request, caller)

    def _handlers(self) -> Mapping[tuple[str, str], Callable[[Request, str | None], Json]]:
        return {
            ("GET", "/key/info"): self._info,
            ("GET", "/key/list"): self._list,
            ("POST", "/key/generate"): self._generate,
            ("POST", "/key/update"): self._update,
            ("POST", "/key/delete"): self._delete,
            ("POST", "/user/new"): self._new_user,
        }

    def _readiness(self) -> Json:
        """The database's own status comes last and wins, as in LiteLLM."""
        return {
            "db": "connected",
            "cache": None,
            "litellm_version": VERSION,
            "success_callbacks": [],
            "use_aiohttp_transport": False,
            "status": "connected",
            "last_updated": self._clock().replace(tzinfo=None).isoformat(),
        }

    def _caller(self, request: Request) -> str | None:
        """The hash of the caller's key; None for the master key."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise _Refused(401, "auth_error", "Authentication Error, No api key passed in.", "None")
        if hmac.compare_digest(token.encode(), self._master_key.encode()):
            return None
        key = self._contents.keys.get(hashed(token))
        if key is None:
            raise _Refused(
                401,
                "token_not_found_in_db",
                "Authentication Error, Invalid proxy server token passed. Unable to find token in cache or "
                "`LiteLLM_VerificationTokenTable`",
                "key",
            )
        if key.expires is not None and key.expires < self._clock():
            message = (
                f"Authentication Error - Expired Key. Key Expiry time {key.expires} and current time {self._clock()}"
            )
            raise _Refused(400, "expired_key", message, hashed(token))
        return hashed(token)

    def _info(self, request: Request, caller: str | None) -> Json:
        """Of the key in the query, else of the caller's own."""
        given = request.args.get("key")
        name = given or caller
        wanted = hashed(given) if given and given.startswith("sk-") else name
        key = self._contents.keys.get(wanted or "")
        if key is None:
            raise _Refused(404, "not_found_error", "Key not found in database", "key")
        if caller not in (None, wanted):
            raise _Refused(403, "auth_error", "You are not allowed to access this key's info. Your role=None")
        return {"key": name, "info": key.as_info()}

    def _list(self, request: Request, caller: str | None) -> Json:
        _admin_only(caller)
        page, size = (request.args.get(name, default, int) for name, default in (("page", 1), ("size", 10)))
        if not 1 <= size <= _LONGEST_PAGE:
            raise _Refused(422, "validation_error", "size must be 1 to 100")
        is_whole = request.args.get("return_full_object", "false").lower() == "true"
        keys = [{**key.as_info(), "token": name} if is_whole else name for name, key in self._contents.keys.items()]
        return {
            "keys": keys[(page - 1) * size : page * size],
            "total_count": len(keys),
            "current_page": page,
            "total_pages": -(-len(keys) // size),
        }

    def _generate(self, request: Request, caller: str | None) -> Json:
        _admin_only(caller)
        body = _body(request)
        alias = body.get("key_alias")
        if alias is not None and any(key.key_alias == alias for key in self._contents.keys.values()):
            message = f"Key with alias '{alias}' already exists. Unique key aliases across all keys are required."
            raise _Refused(400, "bad_request_error", message, "key_alias")
        with _duration_told():
            token, key = new_key(body, self._clock())
        self._keep({**self._contents.keys, hashed(token): key})
        return {**key.as_info(), "key": token, "token": hashed(token), "token_id": hashed(token)}

    def _update(self, request: Request, caller: str | None) -> Json:
        _admin_only(caller)
        body = _body(request)
        token = str(body.get("key", ""))
        name = hashed(token) if token.startswith("sk-") else token
        key = self._contents.keys.get(name)
        if key is None:
            raise _Refused(404, "not_found_error", f"Team not found, passed team_id={body.get('team_id')}", "key")
        changed = {field: body[field] for field in ("key_alias", "user_id", "metadata") if field in body}
        if "duration" in body:
            with _duration_told():
                changed["expires"] = expiry(body["duration"], self._clock())
        updated = key.model_copy(update=changed)
        self._keep({**self._contents.keys, name: updated})
        return {"key": token, **updated.as_info()}

    def _delete(self, request: Request, caller: str | None) -> Json:
        _admin_only(caller)
        body = _body(request)
        names: list[str] = body.get("keys") or []
        aliases: list[str] = body.get("key_aliases") or []
        if not names and not aliases:
            raise _Refused(422, "validation_error", "At least one of 'keys' or 'key_aliases' must be provided.")
        wanted = {hashed(name) if name.startswith("sk-") else name for name in names}
        left = {
            name: key
            for name, key in self._contents.keys.items()
            if name not in wanted and (names or key.key_alias not in aliases)
        }
        if len(left) == len(self._contents.keys):
            raise _Refused(404, "not_found_error", "{'error': 'No keys found'}")
        self._keep(left)
        return {"deleted_keys": names or aliases}

    def _new_user(self, request: Request, caller: str | None) -> Json:
        _admin_only(caller)
        body = _body(request)
        user = str(body.get("user_id") or f"user-{len(self._contents.users) + 1}")
        with _duration_told():
            token, key = new_key({**body, "user_id": user, "key_alias": None}, self._clock())
        keys = {**self._contents.keys, hashed(token): key}
        self._keep(keys, users=tuple(dict.fromkeys((*self._contents.users, user))))
        return {**key.as_info(), "key": token, "user_id": user, "user_email": body.get("user_email")}

    def _keep(self, keys: Mapping[str, Key], users: tuple[str, ...] | None = None) -> None:
        contents = Contents(keys=keys, users=self._contents.users if users is None else users)
        write_private(self._file, contents.model_dump_json(indent=1))
        self._contents = contents


class _duration_told:  # noqa: N801 -- used like a function, with `with`
    """A duration that can't be read is LiteLLM's own failure, not the caller's."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, ValueError):
            raise _Refused(500, "internal_server_error", f"Internal Server Error, {error}", "None") from None


def _admin_only(caller: str | None) -> None:
    if caller is not None:
        raise _Refused(
            401, "auth_error", "Authentication Error, Only proxy admin can be used to generate, delete, update info"
        )


def _body(request: Request) -> Mapping[str, Json]:
    body = request.get_json(silent=True)
    if not is_mapping(body):
        raise _Refused(422, "validation_error", "Input should be a valid dictionary")
    return body
