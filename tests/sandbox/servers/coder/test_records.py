"""What a real Coder 2.25.1 answered, asked again: the same requests, in their order, at the times of then.

One file a request. Ids of then are learned from answers: where the real one gave an id, ours gives its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.sandbox.servers.coder.server import Server
from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.servers.coder.answers.workspaces import version_id
from workshop.sandbox.servers.coder.state import id_of

NOT_PLAYED: Final = re.compile(r"490|801|110|12\d\d")
"""Dormancy; a path that isn't served, after 512 requests to it (test_rights.py has limits); what was done to builds
whose making wasn't recorded; and what 2.31 answers otherwise.
"""

RECORDS: Final = sorted(
    (
        file
        for folder in (Path(__file__).parent / "records", CHECKOUT / "tests" / "event" / "coder" / "records")
        for file in folder.glob("*.json")
        if not NOT_PLAYED.match(file.stem)
    ),
    key=lambda file: (int(file.stem.partition("-")[0]), file.stem),
)
"""Those that the event's client is held against, and the rest."""

MOMENTS: Final = {
    "000": "20:41:50",
    "402": "20:42:54",
    "417": "20:42:56",
    "420": "20:43:04",
    "421": "20:43:14",
    "504": "20:43:24",
    "507": "20:43:34",
    "509": "20:43:43",
    "511": "20:43:44",
    "512": "20:43:55",
    "518": "20:44:04",
    "521": "20:44:14",
    "530": "20:46:00",
}
"""When a request was made, and those after it, on 2026-11-29: builds take 8 seconds, agents 5 more."""

NEWER: Final = 900
"""From this one on it was a Coder 2.27.0."""

NEWER_MOMENTS: Final = {
    "900": "10:24:14.5",
    "943": "10:24:21",
    "959": "10:24:23.5",
    "968": "10:24:25",
    "983": "10:24:27",
}
"""The same for those, on 2026-11-30; builds take a second."""

PARAMETERS: Final = [
    {"name": "challenge", "options": ["web", "data"]},
    {"name": "cpu", "type": "number", "default": "2", "mutable": True, "minimum": 1, "maximum": 8},
    {"name": "reset", "type": "bool", "default": "false", "mutable": True, "ephemeral": True},
]
"""Of the templates of then."""

SHAPE: Final = {"vcpu": 4, "memory_gib": 8, "storage_gib": 5}
"""Small enough for the one node that there is."""

_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/keys/)\w{10}(?![\w/])")
"""Of most things a UUID; keys have ids of their own kind, in paths."""

NO_AGENT: Final = (".agents only now", ".metadata only now")
"""The newer one's template had none."""

OPTIONAL: Final = {"name", "autostart_schedule", "webpush_public_key", "region", "available_workers"}
"""Keys that Go leaves out where they are empty, or that show what only one of the two has: tags for regions, say."""

EXCERPTS: Final = re.compile(r"19[25]|42[6]|43[125]|44|53")
"""Records that hold only some of the keys of an answer."""

SUMMARIES: Final = re.compile(r"47[026]|481|522")
"""Records that hold a few values of an answer, and not where they stood."""

NEW_SESSIONS: Final = {"212-token-application-connect": "owner_apps", "1015-renew": "keeper"}
"""Who asks with the token that was made there."""

_PLACEHOLDER: Final = re.compile(r"\.\.\.|\d+ of them|absent")


def is_newer(file: Path) -> bool:
    """Whether it was recorded of the newer one."""
    return int(file.stem.partition("-")[0]) >= NEWER


class Played:
    """The server of now, what it answered to each record, and the ids of then by ours."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._ids = {
            "fd0df2fa-bfe0-45a6-ba1d-c8d0951fe574": id_of("template", "lab"),
            "c22e69c4-7177-4bc7-bf73-a3f4c75e9f85": version_id("lab", "lab-v2"),
            "7b73bb43-0a16-4ec9-bbde-1ed7f1038728": id_of("template", "web"),
            "8c54d57f-2071-4215-845c-313432a4fef2": version_id("web", "v1"),
            "e29f84cd-b298-49ae-88c4-24bd2aa88ee9": id_of("organization", "coder"),
        }
        self._sessions = {"owner": None, "nobody": ""}
        self.answers: dict[str, tuple[int, Json]] = {}

    def play(self, day: str, moments: Mapping[str, str], records: Iterable[Path]) -> None:
        """Asks again, at the times of then."""
        for file in records:
            record = json.loads(file.read_text("utf-8"))
            moment = moments.get(record["name"][:3])
            if moment is not None:
                self._server.set_clock(datetime.fromisoformat(f"{day}T{moment}").replace(tzinfo=UTC))
            self._ask(record)

    def sign_in(self, name: str, *site: str, roles: Iterable[str] = ()) -> None:
        """Gives a caller a session, and an account with these roles where it has none. roles: in the organization."""
        if self._server.ask(f"users/{name}")[0] != 200:
            body = {"username": name, "email": f"{name}@example.com", "login_type": "none", "user_status": "active"}
            organization = self._server.organization("coder")
            self._server.made("users", {**body, "organization_ids": [organization]})
            self._server.put(f"users/{name}/roles", {"roles": list(site)})
            self._server.put(f"organizations/{organization}/members/{name}/roles", {"roles": list(roles)})
        asked = {"lifetime": 10**15, "token_name": "first"}
        # Members have sessions, so that lists of tokens are as they were.
        keys = ("keys/tokens", asked) if roles else ("keys", None)
        self._sessions[name] = self._server.made(f"users/{name}/{keys[0]}", keys[1])["key"]

    def _ask(self, record: Json) -> None:
        caller = record["as"]
        if caller not in self._sessions:
            self.sign_in(caller)
        path = self.now(record["path"]).removeprefix("/api/v2/").replace("users/owner", "users/sandbox")
        body = json.loads(self.now(json.dumps(record.get("request_body"))))
        status, answer = self._server.ask(path, record["method"], body, self._sessions[caller])
        self.answers[record["name"]] = (status, answer)
        self._learn(record["response_body"], answer)
        if record["name"] in NEW_SESSIONS:
            self._sessions[NEW_SESSIONS[record["name"]]] = answer["key"]

    def now(self, text: str) -> str:
        """With ids of then replaced."""
        return _ID.sub(lambda match: self._ids.get(match[0], match[0]), text)

    def _learn(self, then: Json, now: Json) -> None:
        if is_mapping(then) and is_mapping(now):
            for key in then.keys() & now.keys():
                self._learn(then[key], now[key])
            if isinstance(then.get("id"), str) and "id" in now:
                self._ids.setdefault(then["id"], now["id"])
        elif is_list(then) and is_list(now):
            for one, other in zip(then, now, strict=False):
                self._learn(one, other)
        elif isinstance(then, str) and isinstance(now, str) and _ID.fullmatch(then) and _ID.fullmatch(now):
            self._ids.setdefault(then, now)


def play_older(played: Played, server: Server) -> None:
    """A Coder 2.25.1, asked by many."""
    template = {"organization": "coder", "region": "us-east-2", "default_ttl_ms": 28_800_000, **SHAPE}
    templates = {
        "web": {**template, "version": "v1", "parameters": PARAMETERS},
        "lab": {**template, "version": "lab-v2", "parameters": PARAMETERS},
    }
    server.keep(templates=templates, licence=None, build_seconds=8, agent_seconds=5)
    played.sign_in("uadm", "user-admin")
    played.sign_in("audi", "auditor")
    played.play("2026-11-29", MOMENTS, (file for file in RECORDS if not is_newer(file)))


def play_newer(played: Played, server: Server) -> None:
    """A Coder 2.27.0, asked by a keeper and by ada, who is banned from making workspaces."""
    template = {
        "organization": "coder",
        "region": "us-east-2",
        "default_ttl_ms": 0,
        "allow_user_cancel": False,
        **SHAPE,
    }
    server.keep(templates={"lab": template}, licence=None, build_seconds=1, agent_seconds=0)
    played.sign_in("keeper", "user-admin", roles=["organization-admin"])
    played.sign_in("ada")
    played.play("2026-11-30", NEWER_MOMENTS, filter(is_newer, RECORDS))


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, Json, Json]]:
    """By record: status and body of now, and the body of then with ids of now."""
    found: dict[str, tuple[int, Json, Json]] = {}
    for play in (play_older, play_newer):
        server = Server(sandbox_paths(tmp_path_factory.mktemp("coder")))
        played = Played(server)
        play(played, server)
        for file in RECORDS:
            if file.stem in played.answers:
                then = json.loads(played.now(json.dumps(json.loads(file.read_text("utf-8"))["response_body"])))
                found[file.stem] = (*played.answers[file.stem], then)
    return found


def differences(then: Json, now: Json, place: str = "") -> Iterator[str]:
    """Keys that only one of them has, and values of another type. Lists are of one kind: their first show it."""
    if then is None or now is None or (isinstance(then, str) and _PLACEHOLDER.fullmatch(then)):
        return
    if is_mapping(then) and is_mapping(now):
        for key in sorted((then.keys() ^ now.keys()) - OPTIONAL):
            yield f"{place}.{key} only {'then' if key in then else 'now'}"
        for key in sorted(then.keys() & now.keys()):
            yield from differences(then[key], now[key], f"{place}.{key}")
    elif is_list(then) and is_list(now):
        if then and now:
            yield from differences(then[0], now[0], f"{place}[]")
    elif _kind(then) != _kind(now):
        yield f"{place} was {type(then).__name__}, is {type(now).__name__}"


def _kind(value: Json) -> str:
    return "float" if type(value) is int else type(value).__name__


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_it_answers_as_the_real_one_did(answers: Mapping[str, tuple[int, Json, Json]], file: Path) -> None:
    record = json.loads(file.read_text("utf-8"))
    status, answer, then = answers[file.stem]
    assert status == record["status"], answer
    found = [] if SUMMARIES.match(file.stem) else list(differences(then, answer))
    if EXCERPTS.match(file.stem):
        found = [one for one in found if not one.endswith("only now")]
    if is_newer(file):  # 2.25 doesn't answer all of that yet
        found = [one for one in found if not one.endswith(("only then", *NO_AGENT))]
    assert found == []
    if status >= 400 and then is not None:
        assert (answer["message"], fields(answer)) == (then["message"], fields(then))
    if record["path"].endswith("/authcheck"):
        assert answer == then


def fields(answer: Json) -> list[str]:
    """What a refusal finds wrong."""
    return [one["field"] for one in answer.get("validations", [])]
