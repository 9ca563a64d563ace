"""Coder's application alone, on clusters as they are seeded, with a clock that tests move."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from werkzeug.test import Client

from workshop.sandbox.clock import sandbox_now, set_clock
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.seed.systems import platform_settings, seed_clusters
from workshop.sandbox.servers.coder.application import Coder
from workshop.sandbox.servers.coder.state import Contents
from workshop.sandbox.servers.coder.state_file import coder_file, editing


class Server:
    """What a client of Coder's and an editor of coder.json can do."""

    def __init__(self, paths: SandboxPaths) -> None:
        self.paths = paths
        self.settings = platform_settings(paths)
        seed_clusters(paths, self.settings)
        self.coder = Coder(paths, self.settings)
        self._client = Client(self.coder)

    def ask(
        self, path: str, method: str = "GET", body: Json = None, token: str | None = None, address: str = "192.0.2.1"
    ) -> tuple[int, Json]:
        """Status and body. token: the engineer's where None."""
        headers = {"Coder-Session-Token": token_of(self.paths) if token is None else token}
        where = {"REMOTE_ADDR": address}
        url = f"/coder/api/v2/{path}"
        response = self._client.open(url, method=method, json=body, headers=headers, environ_overrides=where)
        return response.status_code, response.get_json(silent=True)

    def got(self, path: str, token: str | None = None) -> Json:
        """The body of what must succeed."""
        status, answer = self.ask(path, token=token)
        assert status == 200, answer
        return answer

    def made(self, path: str, body: Json, token: str | None = None) -> Json:
        """The body of what must be created."""
        status, answer = self.ask(path, "POST", body, token)
        assert status == 201, answer
        return answer

    def put(self, path: str, body: Json, token: str | None = None) -> Json:
        """The body of a change that must succeed."""
        status, answer = self.ask(path, "PUT", body, token)
        assert status in (200, 204), answer
        return answer

    def kept(self) -> Json:
        """What coder.json says."""
        return json.loads(coder_file(self.paths).read_text("utf-8"))

    def keep(self, **changes: Json) -> None:
        """Edits coder.json."""
        changed = Contents.model_validate({**self.kept(), **changes})
        with editing(self.paths) as kept:
            for name in changes:
                setattr(kept, name, getattr(changed, name))

    def set_clock(self, moment: datetime) -> None:
        """From now on it is this late."""
        set_clock(self.paths, moment)

    def wait(self, **time: float) -> None:
        """Lets time pass: seconds=1, hours=2."""
        set_clock(self.paths, sandbox_now(self.paths) + timedelta(**time))

    def user(self, name: str, *roles: str, **fields: Json) -> str:
        """Makes an account with roles in the default organization, and answers a token of its own."""
        organization = self.organization("coder")
        body = {"username": name, "email": f"{name}@example.com", "login_type": "none", "user_status": "active"}
        self.made("users", {**body, "organization_ids": [organization], **fields})
        if roles:
            self.put(f"organizations/{organization}/members/{name}/roles", {"roles": list(roles)})
        return self.made(f"users/{name}/keys/tokens", {"lifetime": 10**15, "token_name": "test"})["key"]

    def organization(self, name: str) -> str:
        """Its id."""
        return next(one["id"] for one in self.got("organizations") if one["name"] == name)

    def template(self, name: str) -> str:
        """Its id."""
        return next(one["id"] for one in self.got("templates") if one["name"] == name)

    def workspace(self, owner: str, name: str = "lab", token: str | None = None, **fields: Json) -> Json:
        """Makes one of the event's template."""
        body = {"template_id": self.template("docker"), "name": name, **fields}
        return self.made(f"users/{owner}/workspaces", body, token)
