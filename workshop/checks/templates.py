"""templates-last: no workspace stops by itself before the window has closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed, warning
from workshop.checks.coder import Template, templates
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.window import Window


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
