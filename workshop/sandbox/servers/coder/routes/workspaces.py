"""Workspaces: made for somebody, found, used."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import workspaces as answers
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route, checked_id
from workshop.sandbox.servers.coder.parameters import GivenParameter, build_parameters
from workshop.sandbox.servers.coder.progress import new_build
from workshop.sandbox.servers.coder.refusals import Refusal, hidden, invalid, unknown_user
from workshop.sandbox.servers.coder.routes.deadlines import checked_ttl
from workshop.sandbox.servers.coder.searches import invalid_value, page, search_terms
from workshop.sandbox.servers.coder.state import User, Workspace, id_of, new_id

_NAME: Final = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_NAME_LENGTH: Final = 32
_NIL: Final = "00000000-0000-0000-0000-000000000000"
_STATUSES: Final = (
    "pending",
    "starting",
    "running",
    "stopping",
    "stopped",
    "failed",
    "canceling",
    "canceled",
    "deleting",
    "deleted",
)
_AGENT_STATUSES: Final = ("connecting", "connected", "disconnected", "timeout")
_TERMS: Final = {
    *("owner", "template", "name", "status", "has-agent", "dormant", "outdated"),
    *("last_used_after", "last_used_before", "param", "organization", "id"),
}
_BUMPED_BEFORE: Final = 0.95
"""Activity moves a deadline once this share of the bump, or less, is left (coder/coder, activitybump.sql)."""


class _NewWorkspace(Body):
    template_id: str = ""
    template_version_id: str = ""
    name: str = ""
    ttl_ms: int | None = None
    rich_parameter_values: tuple[GivenParameter, ...] = ()


def _create(call: Call, user: str, organization: str | None = None) -> Answer:
    owner = _owner(call, user)
    if organization is not None:
        call.organization(organization)
    asked = call.body(_NewWorkspace)
    if not (asked.template_id or asked.template_version_id):
        tag = "required_without"
        raise invalid(("template_id", tag, _NIL), ("template_version_id", tag, _NIL))
    if len(asked.name) > _NAME_LENGTH or not _NAME.fullmatch(asked.name):
        raise invalid(("name", "workspace_name", asked.name))
    name = _template(call, asked)
    template = call.contents.templates[name]
    if not call.caller.may("create", "workspace", template.organization, owner.id):
        raise Refusal(
            403,
            "Unauthorized to create workspace.",
            "You are unable to create a workspace in this organization. It is possible to have access to the template, "
            "but not be able to create a workspace. Please contact an administrator about your permissions if you feel "
            "this is an error.",
        )
    ttl_ms = checked_ttl(asked.ttl_ms, "Invalid Workspace Time to Shutdown.") or template.default_ttl_ms or None
    if _named(call, owner, asked.name):
        in_use = [("name", "This value is already in use and should be unique.")]
        raise Refusal(409, f'Workspace "{asked.name}" already exists.', validations=in_use)
    parameters = build_parameters(template, asked.rich_parameter_values)
    made = Workspace(
        id=new_id(),
        name=asked.name,
        owner_id=owner.id,
        template=name,
        region=parameters.get("region", template.region),
        ttl_ms=ttl_ms,
        created_at=call.now,
        last_used_at=call.now,
        builds=[],
    )
    new_build(made, "start", call.caller.user, parameters, template.version, call.now)
    call.contents.workspaces[made.id] = made
    answer = answers.workspace(made, call.contents, call.now)
    provisioners = call.clusters.provisioners(template.organization, made.region)
    build = answers.new_build(answer["latest_build"], provisioners)
    return Answer(status=201, body={**answer, "latest_build": build})


def _owner(call: Call, given: str) -> User:
    """By id, name or `me`. Raises Refusal where there is nobody, or nobody the caller may see in an organization."""
    if given == "me":
        return call.user(given)
    for user in call.contents.users.values():
        if given in (user.id, user.username) and not user.is_deleted:
            seen = (call.caller.may("read", "organization_member", one, user.id) for one in user.members)
            if user.id == call.caller.user.id or any(seen):
                return user
            raise hidden()
    raise unknown_user(given)


def _template(call: Call, asked: _NewWorkspace) -> str:
    for name, template in call.contents.templates.items():
        ids = (id_of("template", name), answers.version_id(name, template.version))
        is_meant = (asked.template_id or asked.template_version_id) in ids
        if is_meant and call.caller.may("use", "template", template.organization):
            return name
    wrong = [("template_id", "template not found")]
    raise Refusal(400, f'Template "{asked.template_id}" doesn\'t exist.', validations=wrong)


def _named(call: Call, owner: User, name: str, *, with_deleted: bool = False) -> Workspace | None:
    found = [
        one
        for one in call.contents.workspaces.values()
        if one.owner_id == owner.id and one.name.lower() == name.lower() and (with_deleted or not one.is_deleted)
    ]
    return max(found, key=lambda one: (not one.is_deleted, one.created_at), default=None)


def _get(call: Call, workspace: str) -> Json:
    with_deleted = call.query.get("include_deleted") == "true"
    return answers.workspace(call.workspace(workspace, with_deleted=with_deleted), call.contents, call.now)


def _by_name(call: Call, user: str, workspace: str) -> Json:
    with_deleted = call.query.get("include_deleted") == "true"
    found = _named(call, _owner(call, user), workspace, with_deleted=with_deleted)
    if found is None or not call.may("read", found):
        raise hidden()
    return answers.workspace(found, call.contents, call.now)


def _list(call: Call) -> Json:
    terms = search_terms(call.query.get("q", ""), "workspace", _TERMS)
    for name, values in (("status", _STATUSES), ("has-agent", _AGENT_STATUSES)):
        if terms.get(name, values[0]) not in values:
            raise invalid_value("workspace", name, terms[name])
    users = call.contents.users
    found = sorted(
        (
            one
            for one in call.contents.workspaces.values()
            if not one.is_deleted and call.may("read", one) and _matches(call, one, terms)
        ),
        key=lambda one: (answers.status(one.latest) != "running", users[one.owner_id].username.lower(), one.name),
    )
    chosen = page(found, call.query)
    return {"workspaces": [answers.workspace(one, call.contents, call.now) for one in chosen], "count": len(found)}


def _matches(call: Call, one: Workspace, terms: Mapping[str, str]) -> bool:
    owner, template = call.contents.users[one.owner_id].username.lower(), call.contents.templates[one.template]
    text_owner, slash, text = terms.get("", "").rpartition("/")
    parameter, _, value = terms.get("param", "").partition("=")
    wanted = terms.get("owner", owner)
    return (
        (wanted == owner or (wanted == "me" and one.owner_id == call.caller.user.id))
        and terms.get("template", one.template) == one.template
        and terms.get("name", "") in one.name.lower()
        and terms.get("status", answers.status(one.latest)) == answers.status(one.latest)
        and ("has-agent" not in terms or terms["has-agent"] == answers.agent_status(one.latest, call.now))
        and terms.get("dormant", "false") == "false"
        and ("outdated" not in terms or (terms["outdated"] == "true") == (one.latest.version != template.version))
        and terms.get("organization", template.organization)
        in (template.organization, id_of("organization", template.organization))
        and terms.get("id", one.id) == one.id
        and (not parameter or one.latest.parameters.get(parameter, "").lower() == value)
        and one.last_used_at <= _time(terms, "last_used_before", call.now)
        and one.last_used_at >= _time(terms, "last_used_after", one.last_used_at)
        and (not slash or text_owner == owner)
        and text in one.name.lower()
    )


def _time(terms: Mapping[str, str], name: str, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(terms[name].upper()) if name in terms else otherwise


def _agent(call: Call, agent: str) -> Json:
    checked_id(agent)
    for one in call.contents.workspaces.values():
        is_there = answers.agent_status(one.latest, call.now) and agent == id_of("agent", one.latest.id)
        if is_there and call.may("read", one):
            return answers.agent(one, one.latest, call.contents, call.now)
    raise hidden()


def _agent_logs(call: Call, agent: str) -> Json:
    found = _agent(call, agent)
    after = call.request.args.get("after", default=0, type=int)
    if not found["logs_length"] or after:
        return []
    line = {
        "id": 1,
        "created_at": found["started_at"],
        "output": answers.STARTUP_OUTPUT,
        "level": "info",
        "source_id": found["log_sources"][0]["id"],
    }
    return [line]


def _use(call: Call, workspace: str) -> Answer:
    """What an open terminal or editor tells Coder: it moves the deadline, and never back."""
    found = call.workspace(workspace)
    if not call.may("update", found):
        raise hidden()
    found.last_used_at = call.now
    build, bump = found.latest, timedelta(milliseconds=call.contents.templates[found.template].activity_bump_ms)
    is_due = build.deadline is not None and build.deadline - bump * _BUMPED_BEFORE < call.now
    if build.deadline is not None and is_due and answers.status(build) == "running":
        build.deadline = call.now + bump
    return Answer(status=204)


ROUTES: Final[tuple[Route, ...]] = (
    ("POST", "/users/<user>/workspaces", _create),
    ("POST", "/organizations/<organization>/members/<user>/workspaces", _create),
    ("GET", "/workspaces", _list),
    ("GET", "/workspaces/<workspace>", _get),
    ("GET", "/users/<user>/workspace/<workspace>", _by_name),
    ("POST", "/workspaces/<workspace>/usage", _use),
    ("GET", "/workspaceagents/<agent>", _agent),
    ("GET", "/workspaceagents/<agent>/logs", _agent_logs),
)
