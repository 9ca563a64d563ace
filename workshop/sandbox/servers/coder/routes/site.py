"""What isn't anybody's: organizations, proxies, licence, rights, and what provisioners do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from workshop.model.settings.regions import Role
from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import site as answers
from workshop.sandbox.servers.coder.answers.workspaces import job
from workshop.sandbox.servers.coder.call import Body, Call, Route
from workshop.sandbox.servers.coder.progress import workers
from workshop.sandbox.servers.coder.refusals import Refusal, hidden, route_not_found
from workshop.sandbox.servers.coder.state import Build, Workspace, id_of

_DEFAULT_LIMIT: Final = 50
_STATUSES: Final = ("pending", "running", "succeeded", "canceling", "canceled", "failed", "unknown")


class _Object(Body):
    resource_type: str
    owner_id: str = ""
    organization_id: str = ""


class _Check(Body):
    object: _Object
    action: str


class _Checks(Body):
    checks: Mapping[str, _Check] = {}


def _hello(_call: Call) -> Json:
    return {"message": "👋"}


def _organizations(call: Call) -> Json:
    may = call.caller.may
    return [answers.organization(one) for one in call.settings.organizations if may("read", "organization", one.name)]


def _organization(call: Call, organization: str) -> Json:
    name = call.organization(organization)
    return next(answers.organization(one) for one in call.settings.organizations if one.name == name)


def _proxies(call: Call) -> Json:
    if call.contents.licence is None:
        raise route_not_found()
    known = (one for one in call.settings.regions if call.contents.proxies[one.name].status != "unregistered")
    return {"regions": [answers.proxy(region, call.contents) for region in known]}


def _regions(call: Call) -> Json:
    """Of anybody; without a licence there is the server alone."""
    has_proxies, kept = call.contents.licence is not None, call.contents.proxies
    known = (one for one in call.settings.regions if has_proxies or one.role is Role.CONTROL_PLANE)
    return {"regions": [answers.region(one, call.contents) for one in known if kept[one.name].status != "unregistered"]}


def _entitlements(call: Call) -> Json:
    if call.contents.licence is None:
        raise route_not_found()
    return answers.entitlements(call.contents.licence)


def _authcheck(call: Call) -> Json:
    names = {id_of("organization", one.name): one.name for one in call.settings.organizations}

    def may(check: _Check) -> bool:
        of = check.object
        owner_id = call.caller.user.id if of.owner_id == "me" else of.owner_id
        return call.caller.may(check.action, of.resource_type, names.get(of.organization_id), owner_id)

    return {name: may(check) for name, check in call.body(_Checks).checks.items()}


def _daemons(call: Call, organization: str) -> Json:
    name = call.organization(organization)
    limit = _limit(call, {"limit", "ids", "status", "tags"})
    if not call.caller.may("read", "provisioner_jobs", name):  # a daemon is listed with its job
        raise hidden()
    found: list[Json] = []
    for region in call.settings.regions:
        at_work, elsewhere = workers(call.contents, name, region.name), call.contents.busy
        for number in range(call.clusters.provisioners(name, region.name)):
            is_busy = number < elsewhere.get(f"{name}/{region.name}", 0)
            current = at_work.get(number)
            found.append(answers.daemon(number, name, region.name, call.contents.version, current, is_busy=is_busy))
    return found[:limit]


def _jobs(call: Call, organization: str) -> Json:
    name = call.organization(organization)
    limit, asked = _limit(call, {"limit", "ids", "status", "tags", "initiator"}), call.query.get("status")
    if not call.caller.may("read", "provisioner_jobs", name):
        raise hidden()
    if asked is not None and any(one not in _STATUSES for one in asked.split(",")):
        enum = "pq: invalid input value for enum provisioner_job_status"
        raise Refusal(500, "Internal error fetching provisioner jobs.", f'fetch object: {enum}: "{asked}"')
    planted = call.contents.pending.get(name, 0) if asked is None or "pending" in asked.split(",") else 0
    found = sorted(_builds(call, name), key=lambda each: each[1].created_at, reverse=True)
    wanted = asked.split(",") if asked else _STATUSES
    real = [job(of, build, call.contents, in_list=True) for of, build in found if build.status in wanted]
    return [*real, *(answers.pending_job(name, number, planted) for number in range(planted))][:limit]


def _job(call: Call, organization: str, job_id: str) -> Json:
    name = call.organization(organization)
    for of, build in _builds(call, name):
        if job_id == id_of("job", build.id) and call.caller.may("read", "provisioner_jobs", name):
            return job(of, build, call.contents, in_list=True)
    raise hidden()


def _builds(call: Call, organization: str) -> Iterator[tuple[Workspace, Build]]:
    for workspace in call.contents.workspaces.values():
        if call.contents.templates[workspace.template].organization == organization:
            for build in workspace.builds:
                yield workspace, build


def _limit(call: Call, known: set[str]) -> int:
    """Raises Refusal for a parameter that Coder doesn't have here."""
    wrong = [(name, f'"{name}" is not a valid query param') for name in call.query if name not in known]
    if wrong:
        raise Refusal(400, "Invalid query parameters.", validations=wrong)
    return call.request.args.get("limit", default=_DEFAULT_LIMIT, type=int)


ROUTES: Final[tuple[Route, ...]] = (
    ("GET", "/", _hello),
    ("GET", "/organizations", _organizations),
    ("GET", "/organizations/<organization>", _organization),
    ("GET", "/workspaceproxies", _proxies),
    ("GET", "/regions", _regions),
    ("GET", "/entitlements", _entitlements),
    ("POST", "/authcheck", _authcheck),
    ("GET", "/organizations/<organization>/provisionerdaemons", _daemons),
    ("GET", "/organizations/<organization>/provisionerjobs", _jobs),
    ("GET", "/organizations/<organization>/provisionerjobs/<job_id>", _job),
)
