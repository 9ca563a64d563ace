"""LiteLLM's stand-in: what it answers fits the published models of version 1.72.6."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import httpx
import pytest
from werkzeug.test import Client

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.litellm.application import LiteLLM
from workshop.sandbox.servers.litellm.keys import master_key

_jsonschema: Json = import_module("jsonschema")
PUBLISHED = json.loads((Path(__file__).parent / "published-1.72.6.json").read_text("utf-8"))
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


class Proxy:
    """The application alone, on a file of its own, with a clock that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.paths = sandbox_paths(folder)
        self.now = NOW
        self.restart()

    def restart(self) -> None:
        self._client = Client(LiteLLM(self.paths, lambda: self.now))

    def ask(self, method: str, path: str, body: Json = None, key: str | None = None) -> tuple[int, Json]:
        key = master_key(token_of(self.paths)) if key is None else key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        response = self._client.open(f"/litellm{path}", method=method, json=body, headers=headers)
        return response.status_code, response.get_json(silent=True)

    def issue(self, **body: Json) -> str:
        status, answer = self.ask("POST", "/key/generate", body)
        assert status == 200
        return answer["key"]


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    return Proxy(tmp_path)


def fits(model: str, value: Json) -> None:
    _jsonschema.validate(value, PUBLISHED["schemas"][model])


def test_a_key_and_a_user_are_answered_as_published(proxy: Proxy) -> None:
    request = {"key_alias": "a", "duration": "8h", "user_id": "robot", "metadata": {"by": "test"}}
    fits("GenerateKeyRequest", request)
    fits("GenerateKeyResponse", proxy.ask("POST", "/key/generate", request)[1])
    fits("NewUserResponse", proxy.ask("POST", "/user/new", {"user_id": "robot"})[1])


def test_a_key_tells_of_itself_until_it_expires(proxy: Proxy) -> None:
    key = proxy.issue(key_alias="a", duration="8h")

    status, answer = proxy.ask("GET", "/key/info", key=key)
    assert (status, answer["info"]["key_alias"]) == (200, "a")
    assert datetime.fromisoformat(answer["info"]["expires"]) == NOW + timedelta(hours=8)
    assert key not in json.dumps(answer)

    proxy.now += timedelta(hours=8, seconds=1)
    status, answer = proxy.ask("GET", "/key/info", key=key)
    assert (status, answer["error"]["type"]) == (400, "expired_key")


def test_the_master_key_asks_about_any_key_and_others_only_about_their_own(proxy: Proxy) -> None:
    mine, yours = proxy.issue(key_alias="mine"), proxy.issue(key_alias="yours")

    assert proxy.ask("GET", f"/key/info?key={yours}")[1]["info"]["key_alias"] == "yours"
    assert proxy.ask("GET", f"/key/info?key={yours}", key=mine)[0] == 403
    assert proxy.ask("POST", "/key/generate", {}, key=mine)[0] == 401
    assert proxy.ask("GET", "/key/info?key=sk-nobody")[0] == 404


def test_an_alias_is_taken_until_its_key_is_deleted(proxy: Proxy) -> None:
    key = proxy.issue(key_alias="a")
    assert proxy.ask("POST", "/key/generate", {"key_alias": "a"})[0] == 400

    fits("KeyRequest", {"key_aliases": ["a"]})
    assert proxy.ask("POST", "/key/delete", {"key_aliases": ["a"]}) == (200, {"deleted_keys": ["a"]})
    assert proxy.ask("POST", "/key/delete", {"key_aliases": ["a"]})[0] == 404
    assert proxy.ask("POST", "/key/delete", {})[0] == 422
    assert proxy.ask("GET", "/key/info", key=key)[0] == 401
    proxy.issue(key_alias="a")


def test_a_soft_budget_is_told(proxy: Proxy) -> None:
    fits("GenerateKeyRequest", {"soft_budget": 780})
    key = proxy.issue(soft_budget=780)
    assert proxy.ask("GET", "/key/info", key=key)[1]["info"]["litellm_budget_table"] == {"soft_budget": 780}


def test_a_key_is_extended_from_now_on(proxy: Proxy) -> None:
    key = proxy.issue(key_alias="a", duration="1h")
    proxy.now += timedelta(minutes=30)

    fits("UpdateKeyRequest", {"key": key, "duration": "2h"})
    assert proxy.ask("POST", "/key/update", {"key": key, "duration": "2h"})[0] == 200
    expires = proxy.ask("GET", "/key/info", key=key)[1]["info"]["expires"]
    assert datetime.fromisoformat(expires) == NOW + timedelta(hours=2, minutes=30)
    assert proxy.ask("POST", "/key/update", {"key": key, "duration": "soon"})[0] == 500
    assert proxy.ask("POST", "/key/update", {"key": "sk-nobody"})[0] == 404


def test_keys_survive_a_restart_and_lie_nowhere_in_clear(proxy: Proxy) -> None:
    key = proxy.issue(key_alias="a")
    proxy.restart()

    assert proxy.ask("GET", "/key/info", key=key)[0] == 200
    assert key not in proxy.paths.litellm_file.read_text("utf-8")
    assert proxy.paths.litellm_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["", "sk-nobody"])
def test_nobody_is_let_in_without_a_key(proxy: Proxy, key: str) -> None:
    assert proxy.ask("GET", "/key/info", key=key)[0] == 401


def test_it_is_served_with_the_sandbox(sandbox: SandboxPaths) -> None:
    assert httpx.get(f"{sandbox.litellm_endpoint}/health/liveliness").json() == "I'm alive!"
