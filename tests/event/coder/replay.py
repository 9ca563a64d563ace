"""Plays back what a real Coder answered (records/, one call a file), to whoever asks as it was asked then.

Numbers below 900 are of 2.25.1, those below 1200 of 2.27, the others of 2.31 (docs/coder-client.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import httpx
from pydantic import BaseModel, Field, TypeAdapter

from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderError
from workshop.event.coder.workspaces import Workspace
from workshop.sandbox.json_values import Json, is_list, is_mapping

RECORDS = Path(__file__).parent / "records"
URL = "http://coder.example.com"
TOKEN = "0123456789-abcdefghijklmnopqrstuv"

OURS = {"include_deleted", "limit", "offset"}
"""What the client adds to a query that was recorded without it."""
THEIRS = {"autostart_schedule", "password", "user_status"}
"""What was sent then, and the client has no use for."""


class Record(BaseModel):
    """One call and its answer. Long lists are cut where they say "..."."""

    name: str
    method: str
    path: str
    request_body: Json = None
    status: int = 200
    response_headers: Mapping[str, str] = Field(default_factory=dict)
    response_body: Json = None

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def response(self) -> httpx.Response:
        """The answer."""
        content = b"" if self.status == HTTPStatus.NO_CONTENT else json.dumps(whole(self.response_body)).encode()
        return httpx.Response(self.status, headers=dict(self.response_headers), content=content)

    def check(self, request: httpx.Request) -> None:
        """Fail unless it is asked as it was then."""
        recorded = httpx.URL(f"{URL}{self.path}")
        assert (request.method, request.url.path) == (self.method, recorded.path)
        asked, then = dict(request.url.params), dict(recorded.params)
        assert {key: value for key, value in asked.items() if key in then or key not in OURS} == {
            key: asked.get(key) if key in OURS else value for key, value in then.items()
        }
        sent: Json = json.loads(request.content) if request.content else None
        if self.request_body is None:
            assert sent is None
        else:
            known = {key: value for key, value in self.request_body.items() if key not in THEIRS}
            assert known == {key: sent.get(key) for key in known}


def whole(value: Json) -> Json:
    """Without the marks of what was cut, and without counting it."""
    if is_list(value):
        return [one for one in value if one != "..."]
    if is_mapping(value) and "count" in value:
        return {**value, "count": sum(len(one) for one in value.values() if is_list(one))}
    return value


def record(name: str) -> Record:
    """By the name of its file."""
    return Record.model_validate_json((RECORDS / f"{name}.json").read_bytes())


def look(name: str, **changes: object) -> Record:
    """A look at the workspace that another record's answer is of. deadline: of its last build."""
    body = record(name).response_body
    if "deadline" in changes:
        body["latest_build"]["deadline"] = changes.pop("deadline")
    return Record(
        name=f"look at {name}", method="GET", path=f"/api/v2/workspaces/{body['id']}", response_body=body | changes
    )


@contextmanager
def replayed(*records: Record | str, asked: list[httpx.Request] | None = None) -> Generator[Coder]:
    """A client of a Coder that gives these answers, in this order, and all of them. asked: what it was asked for."""
    left = [record(one) if isinstance(one, str) else one for one in records]

    def answer(request: httpx.Request) -> httpx.Response:
        assert left, f"{request.method} {request.url} was not expected"
        expected = left.pop(0)
        expected.check(request)
        if asked is not None:
            asked.append(request)
        return expected.response

    with Coder(URL, TOKEN, transport=httpx.MockTransport(answer), sleep=lambda _: None) as coder:
        yield coder
    assert [one.name for one in left] == []


Case = str | tuple[Record | str, ...]
"""What is played: a record, or several one after the other."""


def steps(case: Case) -> tuple[Record | str, ...]:
    return (case,) if isinstance(case, str) else case


def name(case: Case) -> str:
    return " then ".join(one if isinstance(one, str) else one.name for one in steps(case))


def outcome(case: Case, call: Callable[[Coder], object]) -> object:
    """What the call gives or raises, as a snapshot has it: what is as it would be anyway is left out."""
    with replayed(*steps(case)) as coder:
        try:
            value = call(coder)
        except CoderError as error:
            return f"{type(error).__name__}: {error}"
    found = TypeAdapter(object).dump_python(value, mode="json", exclude_defaults=True)
    if isinstance(value, Workspace):
        return {"is_ready": value.is_ready, "failure": value.failure} | found
    return found
