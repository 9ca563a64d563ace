"""Builds: started, looked at, canceled."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import workspaces as answers
from workshop.sandbox.servers.coder.answers.users import time
from workshop.sandbox.servers.coder.call import Answer, Body, Call, Route
from workshop.sandbox.servers.coder.parameters import GivenParameter, build_parameters
from workshop.sandbox.servers.coder.progress import new_build
from workshop.sandbox.servers.coder.refusals import Refusal, hidden, invalid
from workshop.sandbox.servers.coder.searches import page
from workshop.sandbox.servers.coder.state import Build, Workspace

_TRANSITIONS: Final = ("start", "stop", "delete")
_FORBIDDEN: Final = (
    "You don't have permission to view this content. If you believe this is a mistake, please contact your "
    "administrator or try signing in with different credentials."
)


class _NewBuild(Body):
    transition: str = ""
    template_version_id: str = ""
    rich_parameter_values: tuple[GivenParameter, ...] = ()
    orphan: bool = False


def _create(call: Call, workspace: str) -> Answer:
    found, asked = call.workspace(workspace, with_deleted=True), call.body(_NewBuild)
    transition = _transition(asked.transition)
    template = call.contents.templates[found.template]
    action = "delete" if transition == "delete" else "update"
    if not call.may(action, found):
        raise Refusal(403, f"You do not have permission to {action} this workspace.", _FORBIDDEN)
    if asked.orphan and not call.caller.may("update", "template", template.organization):
        message = "Only template managers may provide custom state"
        raise Refusal(403, message, message)
    before = found.latest
    if before.is_active:
        message = "A workspace build is already active."
        raise Refusal(409, message, message)
    given = asked.template_version_id
    if given and given not in (answers.version_id(found.template, one) for one in (template.version, before.version)):
        raise Refusal(400, "Template version not found.")
    version = template.version if given == answers.version_id(found.template, template.version) else before.version
    parameters = before.parameters
    if transition == "start":
        parameters = build_parameters(template, asked.rich_parameter_values, before.parameters)
    made = new_build(found, transition, call.caller.user, parameters, version, call.now)
    answer = answers.build(found, made, call.contents, call.now)
    provisioners = call.clusters.provisioners(template.organization, found.region)
    return Answer(status=201, body=answers.new_build(answer, provisioners))


def _transition(given: str) -> Literal["start", "stop", "delete"]:
    for known in _TRANSITIONS:
        if given == known:
            return known
    raise invalid(("transition", "oneof" if given else "required", given))


def _list(call: Call, workspace: str) -> Json:
    found = call.workspace(workspace, with_deleted=True)
    builds = page(list(reversed(found.builds)), call.query)
    return [answers.build(found, one, call.contents, call.now) for one in builds]


def _by_number(call: Call, user: str, workspace: str, number: int) -> Json:
    users = call.contents.users
    for found in call.contents.workspaces.values():
        is_meant = user in (found.owner_id, users[found.owner_id].username) and found.name == workspace
        if is_meant and not found.is_deleted and call.may("read", found) and number <= len(found.builds):
            return answers.build(found, found.builds[number - 1], call.contents, call.now)
    raise hidden()


def _get(call: Call, build: str) -> Json:
    found, one = call.build(build)
    return answers.build(found, one, call.contents, call.now)


def _parameters(call: Call, build: str) -> Json:
    _, one = call.build(build)
    return [{"name": name, "value": value} for name, value in one.parameters.items()]


def _logs(call: Call, build: str) -> Json:
    found, one = call.build(build)
    after = call.request.args.get("after", default=0, type=int)
    lines = _lines(found, one)
    return [
        {
            "id": number,
            "created_at": time(at),
            "log_source": "provisioner_daemon" if stage == "Setting up" else "provisioner",
            "log_level": level,
            "stage": stage,
            "output": output,
        }
        for number, (at, level, stage, output) in enumerate(lines, 1)
        if number > after
    ]


def _lines(of: Workspace, build: Build) -> list[tuple[datetime, str, str, str]]:
    if build.started_at is None:
        return []
    stage = {"start": "Starting workspace", "stop": "Stopping workspace", "delete": "Deleting workspace"}
    lines = [
        (build.started_at, "info", "Setting up", ""),
        (build.started_at, "info", "Planning infrastructure", f"kubernetes_deployment.main: coder-{of.id}"),
    ]
    if build.completed_at is not None:
        level, output = ("error", build.error) if build.error else ("info", "Apply complete!")
        lines.append((build.completed_at, level, stage[build.transition], output))
    return lines


def _cancel(call: Call, build: str) -> Json:
    found, one = call.build(build)
    if not call.may("update", found):
        raise hidden()
    if not call.contents.templates[found.template].allow_user_cancel and "owner" not in call.caller.user.roles:
        raise Refusal(403, "User is not allowed to cancel workspace builds. Owner role is required.")
    if one.canceled_at is not None:
        raise Refusal(400, "Job has already been marked as canceled!")
    if not one.is_active:
        raise Refusal(400, "Job has already completed!")
    one.canceled_at = call.now
    if one.status == "pending":
        one.status, one.completed_at, one.updated_at = "canceled", call.now, call.now
    else:
        one.status = "canceling"
    return {"message": "Job has been marked as canceled..."}


ROUTES: Final[tuple[Route, ...]] = (
    ("POST", "/workspaces/<workspace>/builds", _create),
    ("GET", "/workspaces/<workspace>/builds", _list),
    ("GET", "/users/<user>/workspace/<workspace>/builds/<int(min=1):number>", _by_number),
    ("GET", "/workspacebuilds/<build>", _get),
    ("GET", "/workspacebuilds/<build>/parameters", _parameters),
    ("GET", "/workspacebuilds/<build>/logs", _logs),
    ("PATCH", "/workspacebuilds/<build>/cancel", _cancel),
)
