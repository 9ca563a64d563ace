"""templates-last and workspaces-last: no workspace stops by itself before the window has closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed, warning
from workshop.checks.coder.api import Template, Workspace, templates, workspaces
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.window import Window

_SHOWN: Final = 5


class TemplatesLast(StackCheck):
    """A workspace that is made when the event starts lasts until cool-down has ended."""

    id = "templates-last"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "workspaces that last until the window has closed"

    def look(self, site: Site) -> CheckOutcome:
        """Every template that is not deprecated."""
        known, window = templates(site.systems.coder), site.settings.window
        if window is None:
            return warning(
                f"{counted(len(known), 'template')}; no window is set",
                self.needed,
                "pulumi config set --path workshop:window...",
            )
        needed = (
            f"at least {_hours(window.closes_at - window.start)} from the start, no restart until {window.closes_at:%A}"
        )
        short = [problem for template in known for problem in _problems(template, window)]
        if short:
            return failed(
                "; ".join(short),
                needed,
                "coder templates edit NAME --default-ttl ... (--autostop-requirement-weekdays none)",
            )
        return passed(f"{counted(len(known), 'template')} checked", needed)


class WorkspacesLast(StackCheck):
    """Workspaces that exist have ends of their own, which their owners and Coder's scheduler set."""

    id = "workspaces-last"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "no workspace that stops inside the window"

    def look(self, site: Site) -> CheckOutcome:
        """Running ones by their deadline, the others by how long they run once started."""
        names = [organization.name for organization in site.settings.organizations]
        known, window = workspaces(site.systems.coder, names), site.settings.window
        if window is None:
            return warning(
                f"{counted(len(known), 'workspace')}; no window is set",
                self.needed,
                "pulumi config set --path workshop:window...",
            )
        needed = f"none before {window.closes_at:%Y-%m-%d %H:%M %Z}"
        ends = sorted(f"{one.owner_name}/{one.name} {end}" for one in known for end in _ends(one, window))
        if ends:
            more = f"; and {len(ends) - _SHOWN} more" if len(ends) > _SHOWN else ""
            fix = "coder schedule extend OWNER/NAME ..., coder schedule stop OWNER/NAME manual, or delete it"
            return failed("; ".join(ends[:_SHOWN]) + more, needed, fix)
        return passed(f"{counted(len(known), 'workspace')} checked", needed)


def _ends(workspace: Workspace, window: Window) -> Iterator[str]:
    build = workspace.latest_build
    if build.status in ("deleted", "deleting"):
        return
    for what, moment in (
        ("stops at", build.deadline if workspace.holds_a_place else None),
        ("has to stop at", build.max_deadline if workspace.holds_a_place else None),
        ("is deleted at", workspace.deleting_at),
    ):
        if moment is not None and window.opens_at <= moment < window.closes_at:
            yield f"{what} {moment:%Y-%m-%d %H:%M %Z}"
    lasts = timedelta(milliseconds=workspace.ttl_ms or 0)
    if lasts and not workspace.holds_a_place and lasts < window.closes_at - window.start:
        yield f"stops {_hours(lasts)} after its start"


def _problems(template: Template, window: Window) -> Iterator[str]:
    lasts = window.closes_at - window.start
    for what, milliseconds in (
        ("stops after", template.default_ttl_ms),
        ("goes dormant after", template.time_til_dormant_ms),
    ):
        if milliseconds and timedelta(milliseconds=milliseconds) < lasts:
            yield f"{template.name} {what} {_hours(timedelta(milliseconds=milliseconds))}"
    days = {
        f"{window.start + timedelta(days=day):%A}".lower() for day in range((window.closes_at - window.start).days + 2)
    }
    if restarts := sorted(days & set(template.autostop_requirement.days_of_week)):
        yield f"{template.name} restarts on {', '.join(restarts)}"


def _hours(lasts: timedelta) -> str:
    return f"{lasts / timedelta(hours=1):g} h"
