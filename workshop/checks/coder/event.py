"""event-template and event-provisioners: seats of the event can be made of its template, and by whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from workshop.checks.check import CheckOutcome, StackCheck, failed, passed, warning
from workshop.checks.coder.api import Template, daemons, template_of, version_parameters, version_tags
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.event.coder.templates import RichParameter, parameter_problems
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import set_command
from workshop.model.settings.event import Event
from workshop.model.settings.regions import Region

_SIZES: Final = re.compile(r"cpu|core|mem|ram|disk|storage|volume|size|gpu|instance|machine", re.IGNORECASE)
"""Names of parameters that say how large a workspace is; any number may."""

_NO_EVENT: Final = "no event is set"


class EventTemplate(StackCheck):
    """Coder would make seats as the event wants them: it drops unknown parameters in silence, and refuses others only
    when the first seat is made."""

    id = "event-template"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "the event's template, with a value that it takes for all that it asks"

    def look(self, site: Site) -> CheckOutcome:
        """The template's active version, which seats are made of, for every region that has seats."""
        event, coder = site.settings.event, site.systems.coder
        if event is None:
            return passed(_NO_EVENT, self.needed)
        template = template_of_event(site, event)
        if template is None:
            fix = set_command(("event", "template"), "ORGANIZATION/TEMPLATE")
            return failed(f"Coder has no template {event.template}", self.needed, fix)
        asked = version_parameters(coder, template.active_version_id)
        problems = list(dict.fromkeys(_problems(event, template, asked, site.settings.regions)))
        if problems:
            fix = "correct workshop:event.template, event.parameters or event.region_parameter, or the template"
            return failed(f"{event.template}: {'; '.join(problems)}", self.needed, fix)
        found = f"{event.template}, {counted(len(asked), 'parameter')}"
        if loose := list(_what_people_may_do(template, asked)):
            fix = f"mutable = false in the template; coder templates edit {template.name} " + (
                "--allow-user-cancel-workspace-jobs=false"
            )
            return warning(f"{found}; whoever has a seat may {' and '.join(loose)}", self.needed, fix)
        return passed(found, self.needed)


class EventProvisioners(StackCheck):
    """Somebody builds seats: how many at once, provisioners-idle says by region."""

    id = "event-provisioners"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "an idle provisioner that takes the event's builds"

    def look(self, site: Site) -> CheckOutcome:
        """One takes builds whose tags are all among its own."""
        event, coder = site.settings.event, site.systems.coder
        if event is None:
            return passed(_NO_EVENT, self.needed)
        template = template_of_event(site, event)
        if template is None:
            raise Inconclusive(f"Coder has no template {event.template}", "see event-template")
        organization = _names(event)[0]
        tags = version_tags(coder, template.active_version_id)
        taking = [one for one in daemons(coder, organization) if tags.items() <= one.tags.items()]
        idle = sum(one.status == "idle" for one in taking)
        if idle:
            return passed(f"{idle} of {len(taking)} idle", self.needed)
        if taking:
            fix = "wait until builds end, or see who runs them: coder provisioner jobs list"
            return failed(f"0 of {len(taking)} idle", self.needed, fix)
        tagged = ", ".join(f"{key}={value}" for key, value in sorted(tags.items()) if value)
        return failed(
            f"no provisioner of {organization} takes builds tagged {tagged}",
            self.needed,
            "push the template with its provisioners' tags: coder templates push --provisioner-tag ...",
        )


def _names(event: Event) -> tuple[str, str]:
    """Organization and template."""
    organization, _, name = event.template.partition("/")
    return organization, name


def template_of_event(site: Site, event: Event) -> Template | None:
    """What seats are made of; None where Coder has none of that name. Raises Inconclusive."""
    return template_of(site.systems.coder, *_names(event))


def _problems(
    event: Event, template: Template, asked: Sequence[RichParameter], regions: Sequence[Region]
) -> Iterator[str]:
    if template.deprecated:
        yield "it is deprecated, so that no workspace can be made of it"
    if event.region_parameter is None:
        yield from parameter_problems(asked, event.parameters)
        return
    for region in regions:
        if region.share:
            yield from parameter_problems(asked, {**event.parameters, event.region_parameter: region.name})


def _what_people_may_do(template: Template, asked: Sequence[RichParameter]) -> Iterator[str]:
    sizes = [one for one in asked if one.mutable and (one.type == "number" or _SIZES.search(one.name))]
    if sizes:
        yield f"change {', '.join(one.name for one in sizes)} at a restart"
    if template.allow_user_cancel_workspace_jobs:
        yield "cancel its builds, the one that stops it too"
