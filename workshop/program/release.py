"""What is looked at while another image is rolled out: hooks that run before the server and each proxy are changed, and
after the last.

The server comes first, then one proxy after the other. It is no canary: the first new pod of the server migrates the
database that all share.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pulumi import ResourceHook, ResourceHookArgs

from workshop.model.images.build import short
from workshop.model.plan.plan import Plan
from workshop.model.settings.commands import key_of, set_command
from workshop.model.settings.regions import Region, Role
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings
from workshop.observe.clock import now
from workshop.observe.sandbox_credentials import sandbox_door, sandbox_token

if TYPE_CHECKING:
    from workshop.checks.site import Site

ROLLBACK: Final = "scripts/workshop images rollback"

SETTLED_SECONDS: Final = 90.0
"""In which what was changed has to work: a proxy reports to its server every 15 s (coder/coder, enterprise/wsproxy)."""

_POLL_SECONDS: Final = 3.0


class NotWorking(Exception):
    """Coder does not work with what was changed so far, or nobody could tell; nothing more is changed."""


def refuse_unseen(settings: Settings, region: Region) -> ResourceHook:
    """A hook for the server, that raises NotWorking where nobody could see afterwards whether Coder works."""

    def refuse(args: ResourceHookArgs) -> None:
        if not changes_image(args):
            return
        path = ("preflight", "smoke_templates", region.name)
        if region.name not in settings.preflight.smoke_templates:
            missing = f"{key_of(path)} is not set: {set_command(path, 'TEMPLATE')}"
        elif settings.endpoints is None and not os.environ.get("CODER_SESSION_TOKEN"):
            missing = "CODER_SESSION_TOKEN is not set: export that of a user who may make workspaces"
        else:
            return
        raise NotWorking(f"another image is not rolled out where nobody sees whether Coder works with it: {missing}")

    return ResourceHook(f"{region.name}-release-can-be-seen", refuse)


def refuse_broken(
    settings: Settings, plan: Plan, region: Region, changed: Sequence[Region], *, is_rollback: bool
) -> ResourceHook:
    """A hook for a proxy, that raises NotWorking while Coder does not work in the regions that were changed before.

    is_rollback: no workspace is made then; the way back is not to wait for one.
    """

    async def refuse(args: ResourceHookArgs) -> None:
        if changes_image(args):
            left = f"{region.name} was left as it is"
            await asyncio.to_thread(_wait, settings, plan, changed, is_rollback, left)

    return ResourceHook(f"{region.name}-release-works-before", refuse)


def find_broken(settings: Settings, plan: Plan, changed: Sequence[Region], *, is_rollback: bool) -> ResourceHook:
    """A hook that runs after the last of the regions was changed, and raises NotWorking where Coder does not work."""

    async def find(args: ResourceHookArgs) -> None:
        if changes_image(args):
            left = "none is left to change, so `up` does not look again"
            await asyncio.to_thread(_wait, settings, plan, changed, is_rollback, left)

    return ResourceHook(f"{changed[-1].name}-release-works-after", find)


def changes_image(args: ResourceHookArgs) -> bool:
    """Whether a patch of a Deployment is about to name another image; what can't be read counts as one."""
    before, after = (_image(inputs) for inputs in (args.old_inputs, args.new_inputs))
    return before != after or before is None


def _image(inputs: Mapping[str, Any] | None) -> str | None:
    try:
        return (inputs or {})["spec"]["template"]["spec"]["containers"][0]["image"]
    except (KeyError, IndexError, TypeError):
        return None


def _wait(settings: Settings, plan: Plan, changed: Sequence[Region], is_rollback: bool, left: str) -> None:
    """left: of what is not changed, for the message."""
    site = _site(settings, plan)
    deadline = time.monotonic() + SETTLED_SECONDS
    while problem := next(_problems(site, changed), ""):
        if time.monotonic() > deadline:
            break
        time.sleep(_POLL_SECONDS)
    if not problem and not is_rollback:
        problem = _smoke(site, next(one for one in changed if one.role is Role.CONTROL_PLANE))
    if problem:
        image, names = short(given(settings.image.digest)), ", ".join(one.name for one in changed)
        raise NotWorking(f"Coder does not work with image {image} in {names}: {problem}; {left}: {ROLLBACK}")


def _problems(site: Site, regions: Sequence[Region]) -> Iterator[str]:
    """What a region does not do that it should."""
    # Imported here, as all of preflight: a preview needs none of it.
    from workshop.checks.coder.proxies import ProxiesHealthy, SubdomainApps
    from workshop.checks.service import Inconclusive
    from workshop.model.preflight.record import Verdict

    def healthy(region: Region) -> str:
        answer = site.knock(region.domain, "healthz")
        return "" if answer.is_success else f"{region.domain}/healthz answers {answer.status_code}"

    def answers(region: Region) -> str:
        answer = site.knock(region.domain, "api/v2/buildinfo")
        is_coder = answer.is_success and "version" in answer.text
        return "" if is_coder else f"{region.domain}/api/v2/buildinfo answers {answer.status_code} without a version"

    def checked(check: ProxiesHealthy | SubdomainApps) -> Callable[[Region], str]:
        def look(region: Region) -> str:
            outcome = check.look(site, region)
            return "" if outcome.verdict is Verdict.GO else f"{check.id} in {region.name}: {outcome.found}"

        return look

    for region in regions:
        looks = [healthy, answers, checked(SubdomainApps())]
        if region.role is Role.PROXY:
            looks.append(checked(ProxiesHealthy()))
        for look in looks:
            try:
                problem = look(region)
            except Inconclusive as why:
                problem = why.found
            if problem:
                yield problem


def _smoke(site: Site, region: Region) -> str:
    """Why no workspace was made, opened and deleted: what a provisioner, an agent and an app are needed for."""
    from workshop.checks.coder.smoke_workspace import SmokeWorkspace
    from workshop.checks.service import Inconclusive
    from workshop.model.preflight.record import Verdict

    class Anywhere(SmokeWorkspace):
        is_on_our_nodes = False

    try:
        outcome = Anywhere().look(site, region)
    except Inconclusive as why:
        return f"a workspace could not be tried: {why.found}: {why.fix}"
    return "" if outcome.verdict is Verdict.GO else f"a workspace was tried: {outcome.found}"


def _site(settings: Settings, plan: Plan) -> Site:
    from workshop.checks.site import Door, Site
    from workshop.checks.systems import systems_of
    from workshop.model.outcome import Outcome

    systems = systems_of(settings, os.environ)
    if settings.endpoints:
        port, authority = sandbox_door(settings)
        coder = replace(systems.coder, url=f"{settings.endpoints.aws}/coder", token=sandbox_token(settings))
        door = Door(address="127.0.0.1", port=port, authority=str(authority))
        systems = replace(systems, coder=coder, door=door)
    return Site(stack="", settings=settings, plan=plan, now=now(), systems=systems, run_preview=Outcome)
