"""What Coder publishes of its API, by version, has all that the client asks and reads (docs/coder-client.md)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel

from tests.event.coder import test_newer_records as newer
from tests.event.coder.replay import RECORDS, URL, Record, record, replayed, steps
from tests.event.coder.test_records import CASES, NOT_ASKED
from workshop.event import coder as package
from workshop.event.coder.answers import Answer, Listed
from workshop.event.coder.errors import CoderError
from workshop.event.coder.organizations import NEEDED
from workshop.sandbox.paths import CHECKOUT


class Route(BaseModel):
    query: frozenset[str]
    body: frozenset[str]


class Version(BaseModel):
    """names: of the fields of what the API calls so."""

    routes: Mapping[str, Route]
    fields: Mapping[str, frozenset[str]]
    resources: frozenset[str]
    actions: frozenset[str]

    def route_of(self, request: httpx.Request) -> str:
        """Raises StopIteration for a route that this version has not."""
        asked = f"{request.method} {request.url.path.removeprefix('/api/v2')}"
        return next(route for route in self.routes if shape(route).fullmatch(asked))


PUBLISHED = json.loads(Path(__file__).with_name("published.json").read_text("utf-8"))
VERSIONS = {version: Version.model_validate(PUBLISHED[version]) for version in ("2.25", "2.27", "2.31")}
SOURCES = Path(next(iter(package.__path__)))


NUMBERS = (range(900), range(900, 1200), range(1200, 1300))
"""Records of these versions."""


def shape(route: str) -> re.Pattern[str]:
    """Paths of this route. What a route calls its values is its own affair."""
    return re.compile(re.sub(r"{\w+}", "[^/]+", route))


def requests() -> Iterator[httpx.Request]:
    """Everything that the client asks."""
    asked: list[httpx.Request] = []
    for case, call in (CASES | newer.CASES).items():
        with replayed(*steps(case), asked=asked) as coder, suppress(CoderError):
            call(coder)
    check = record("184-authcheck").model_copy(update={"request_body": {}})
    with replayed(check, asked=asked) as coder:
        coder.missing_rights("one")
    return iter(asked)


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_what_is_asked_is_published(version: Version) -> None:
    used: set[str] = set()
    for request in requests():
        name = version.route_of(request)
        route = version.routes[name]
        assert set(request.url.params) <= route.query, name
        assert set(json.loads(request.content) if request.content else {}) <= route.body, name
        used.add(name)
    assert used == set(version.routes)


def test_no_route_is_asked_that_is_not_played() -> None:
    """Routes are written out in the client, one text each."""
    texts = {
        node.value
        for file in SOURCES.glob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"/[a-z].*", node.value)
    }
    known = [shape(route.split(" ")[1]) for route in VERSIONS["2.25"].routes]
    assert {text for text in texts if not any(one.fullmatch(text) for one in known)} == {"/api/v2"}


NAMES = {
    "Agent": "WorkspaceAgent",
    "AgentLogLine": "WorkspaceAgentLog",
    "App": "WorkspaceApp",
    "Build": "WorkspaceBuild",
    "Daemon": "ProvisionerDaemon",
    "Health": "WorkspaceAgentHealth",
    "Job": "ProvisionerJob",
    "LogSource": "WorkspaceAgentLogSource",
    "LogLine": "ProvisionerJobLog",
    "Member": "OrganizationMemberWithUserData",
    "Option": "TemplateVersionParameterOption",
    "Resource": "WorkspaceResource",
    "RichParameter": "TemplateVersionParameter",
    "Role": "SlimRole",
    "Token": "APIKey",
    "_Entitlements": "Entitlements",
    "_Feature": "Feature",
    "_Problem": "Response",
    "_Regions": "RegionsResponse",
    "_Roles": "OrganizationMember",
    "_Validation": "ValidationError",
}
"""What the API calls what the client reads, where it calls it otherwise."""


def forms(kind: type[BaseModel] = Answer) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from forms(one)


FORMS = sorted({one for one in forms() if "Page" not in one.__name__ and one is not Listed}, key=str)


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_what_is_read_is_published(form: type[BaseModel], version: Version) -> None:
    assert set(form.model_fields) <= version.fields[NAMES.get(form.__name__, form.__name__)]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_lists_and_a_workspaces_health_are_published(version: Version) -> None:
    assert version.fields["GetUsersResponse"] == {"users", "count"}
    assert version.fields["WorkspacesResponse"] == {"workspaces", "count"}
    assert "healthy" in version.fields["WorkspaceHealth"]


@pytest.mark.parametrize("version", VERSIONS.values(), ids=VERSIONS)
def test_rights_are_of_kinds_and_actions_that_are_published(version: Version) -> None:
    assert {kind for kind, _ in NEEDED.values()} <= version.resources
    assert {action for _, action in NEEDED.values()} <= version.actions


def test_the_page_lists_routes_and_records() -> None:
    """Its failure prints what belongs there."""
    records = [record(file.stem) for file in RECORDS.iterdir() if file.stem not in NOT_ASKED]
    rows: list[str] = []
    for route in VERSIONS["2.25"].routes:
        numbers = sorted(int(one.name.split("-")[0]) for one in records if is_of(one, route))
        by_version = (", ".join(f"{each:03}" for each in numbers if each in of) for of in NUMBERS)
        rows.append(f"| `{route}` | {' | '.join(by_version)} |")
    page = (CHECKOUT / "docs" / "coder-client.md").read_text("utf-8")
    assert page.endswith("|---|---|---|---|\n" + "\n".join(rows) + "\n"), "\n".join(rows)


def is_of(one: Record, route: str) -> bool:
    return VERSIONS["2.25"].route_of(httpx.Request(one.method, f"{URL}{one.path}")) == route
