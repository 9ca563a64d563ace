"""event-template and event-provisioners: what Coder makes of the event's settings, before there is a seat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.checks.coder.test_coder import LONDON, OHIO, OREGON, ORGANIZATIONS, daemon
from tests.checks.coder.test_coder_kinds import HIDDEN, ROLE, said
from tests.checks.quick import Answer, Answers
from tests.event.coder.replay import record
from tests.model.given import regions
from workshop.checks.coder.event import EventProvisioners, EventTemplate
from workshop.model.settings.event import Event

if TYPE_CHECKING:
    from tests.checks.world import World

EVENT: Mapping[str, object] = {"name": "october", "template": "coder/web", "latest_end": "4h", "budget_usd": 900}
REGIONS = {"name": "region", "type": "string", "mutable": False, "required": True}
ASKED: Sequence[Mapping[str, Any]] = record("311-rich-parameters").response_body
"""challenge, which must be one of two; cpu, which is 1 to 8 and may change; reset, for one start only."""
LOOSE = "whoever has a seat may change cpu at a restart"


def answers(*more: Mapping[str, Any], asked: Sequence[Mapping[str, Any]] = ASKED, **template: object) -> Answers:
    found: Mapping[str, Any] = record("323-template-by-name").response_body
    version = f"Coder GET /api/v2/templateversions/{found['active_version_id']}"
    return {
        "Coder GET /api/v2/organizations": ORGANIZATIONS,
        "Coder GET /api/v2/organizations/id-coder/templates/web": (200, {**found, **template}),
        version: (200, {"job": {"tags": {"scope": "organization", "owner": ""}}}),
        f"{version}/rich-parameters": (200, [*asked, *more]),
    }


def template(given: Answers, settings: Mapping[str, object] | None = None, **event: object) -> tuple[str, str, str]:
    whole = {**EVENT, "parameters": {"challenge": "web"}, **event}
    return said(EventTemplate(), given, event=whole, **settings or {})


def test_without_an_event_nothing_is_asked() -> None:
    for check in (EventTemplate(), EventProvisioners()):
        assert said(check, {}) == ("go", "no event is set", "")


def test_a_template_that_takes_what_the_event_gives() -> None:
    fixed = [{**one, "mutable": False} for one in ASKED]
    assert template(answers(asked=fixed)) == ("go", "coder/web, 3 parameters", "")


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({}, "the parameter challenge is required"),
        ({"challenge": "web", "gpu": "1"}, "the template has no parameter gpu"),
        ({"challenge": "ml"}, "the parameter challenge is ml; it can be web, data"),
        (
            {"challenge": "web", "cpu": "16"},
            "the parameter cpu is 16; it can be a whole number, at least 1 and at most 8",
        ),
    ],
)
def test_parameters_that_coder_would_drop_or_refuse(parameters: Mapping[str, str], problem: str) -> None:
    verdict, found, fix = template(answers(), parameters=parameters)
    assert (verdict, found) == ("no-go", f"coder/web: {problem}")
    assert "event.parameters" in fix


def test_a_region_parameter_must_take_each_region_that_has_seats() -> None:
    def offers(*values: str) -> Mapping[str, Any]:
        return {**REGIONS, "options": [{"name": one, "value": one} for one in values]}

    def found(*more: Mapping[str, Any]) -> tuple[str, str]:
        return template(answers(*more), region_parameter="region")[:2]

    assert found(offers(OHIO, OREGON, LONDON))[0] == "warning"
    problem = f"the parameter region is {LONDON}; it can be {OHIO}, {OREGON}"
    assert found(offers(OHIO, OREGON)) == ("no-go", f"coder/web: {problem}")
    without_london = regions({0: {"share": 60}, 1: {"share": 40}, 2: {"share": 0}})
    two = template(answers(offers(OHIO, OREGON)), region_parameter="region", settings={"regions": without_london})
    assert two[:2] == ("warning", f"coder/web, 4 parameters; {LOOSE}")
    assert found() == ("no-go", "coder/web: the template has no parameter region")
    assert template(answers(offers(OHIO)))[:2] == ("no-go", "coder/web: the parameter region is required")


def test_a_deprecated_template_is_no_go() -> None:
    found = "coder/web: it is deprecated, so that no workspace can be made of it"
    assert template(answers(deprecated=True))[:2] == ("no-go", found)


def test_what_people_may_do_to_their_seats_is_a_warning() -> None:
    verdict, found, fix = template(answers({"name": "Disk_type", "type": "string", "mutable": True}))
    assert (verdict, found) == (
        "warning",
        "coder/web, 4 parameters; whoever has a seat may change cpu, Disk_type at a restart",
    )
    assert fix.startswith("mutable = false in the template; coder templates edit web")
    cancels = template(answers(allow_user_cancel_workspace_jobs=True))
    assert cancels[1].endswith(f"{LOOSE} and cancel its builds, the one that stops it too")


@pytest.mark.parametrize("bad", [(500, "down"), (401, "no"), (200, {}), (200, "<html>")])
def test_preflight_7_answers_that_say_nothing_are_inconclusive(bad: Answer) -> None:
    for broken in answers():
        given = {key: bad if key == broken else answer for key, answer in answers().items()}
        check = EventProvisioners() if broken.split("/")[-2] == "templateversions" else EventTemplate()
        assert said(check, given, event={**EVENT, "parameters": {"challenge": "web"}})[0] == "inconclusive", broken


class TestATemplateThatIsNotThere:
    path = "Coder GET /api/v2/organizations/id-coder/templates/web"
    listed = "Coder GET /api/v2/templates"

    def test_among_others_that_can_be_seen(self) -> None:
        others = (200, [{"id": "1", "name": "docker", "organization_name": "coder"}])
        verdict, found, fix = template({**answers(), self.path: HIDDEN, self.listed: others})
        assert (verdict, found) == ("no-go", "Coder has no template coder/web")
        assert fix == "pulumi config set --path workshop:event.template ORGANIZATION/TEMPLATE"

    def test_preflight_7_among_none_that_can_be_seen(self) -> None:
        others = (200, [{"id": "1", "name": "web", "organization_name": "demo"}])
        given = {**answers(), self.path: HIDDEN, self.listed: others}
        for check in (EventTemplate(), EventProvisioners()):
            verdict, found, fix = said(check, given, event=EVENT)
            assert (verdict, fix) == ("inconclusive", f"{ROLE} each organization")
            assert found == "Coder lists no template of coder: there is none, or this token may not read it"

    def test_in_an_organization_that_is_not_there(self) -> None:
        verdict, found, _ = template(answers(), template="lab/web")
        assert (verdict, found) == ("inconclusive", "Coder has no organization lab; it has coder, demo, experiment")


class TestProvisioners:
    def look(self, *found: Mapping[str, Any], tags: Mapping[str, str] | None = None) -> tuple[str, str, str]:
        given = dict(answers())
        version = next(key for key in given if "templateversions" in key and not key.endswith("parameters"))
        if tags is not None:
            given[version] = (200, {"job": {"tags": tags}})
        path = "Coder GET /api/v2/organizations/id-coder/provisionerdaemons?limit=1000"
        return said(EventProvisioners(), {**given, path: (200, list(found))}, event=EVENT)

    def test_one_that_is_idle_is_enough(self) -> None:
        busy = daemon(OHIO, status="busy")
        assert self.look(busy, daemon(OHIO)) == ("go", "1 of 2 idle", "")
        assert self.look(busy)[:2] == ("no-go", "0 of 1 idle")

    def test_preflight_7_only_those_with_the_template_s_tags_count(self) -> None:
        tags = {"scope": "organization", "owner": "", "region": OREGON}
        verdict, found, fix = self.look(daemon(OHIO), tags=tags)
        assert (verdict, found) == (
            "no-go",
            f"no provisioner of coder takes builds tagged region={OREGON}, scope=organization",
        )
        assert "--provisioner-tag" in fix
        assert self.look(daemon(OREGON), tags=tags)[0] == "go"


@pytest.mark.slow
def test_the_sandbox_s_template_as_its_coder_has_it(world: World) -> None:
    from workshop.sandbox.servers.coder.state_file import editing  # others here need no sandbox

    settings, event = world.settings, {**EVENT, "template": "coder/docker"}
    try:
        world.settings = settings.model_copy(update={"event": Event.model_validate(event)})
        assert [one.verdict for one in world.look(EventTemplate, EventProvisioners)] == ["warning", "go"]
        unknown = Event.model_validate({**event, "parameters": {"gpu": "1"}})
        world.settings = settings.model_copy(update={"event": unknown})
        (found,) = world.look(EventTemplate)
        assert (found.verdict, found.found) == ("no-go", "coder/docker: the template has no parameter gpu")
        with editing(world.paths) as kept:
            templates = kept.templates
            kept.templates = {name: one for name, one in templates.items() if name != "docker"}
        assert [one.found for one in world.look(EventTemplate)] == ["Coder has no template coder/docker"]
        with editing(world.paths) as kept:
            kept.templates = templates
    finally:
        world.settings = settings
