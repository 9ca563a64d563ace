"""What a change means: two versions of a stack's settings and zone files, side by side. No system is asked.

With a window, plans are compared as they are while the event runs, whatever the time is now.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workshop.model.findings import Finding, Refused
from workshop.model.places import located, setting_lines
from workshop.model.plan.plan import Plan, plan_of_event
from workshop.model.rules.judgement import judge_settings
from workshop.model.rules.observations import zone_changes
from workshop.model.rules.settings import load_balancers
from workshop.model.settings.config import STACK_FILE, settings_from_config, stack_config
from workshop.model.settings.errors import SettingsError
from workshop.model.settings.file.leaves import leaves
from workshop.model.settings.stack import Scope, Settings
from workshop.model.zones.changes import planned_before
from workshop.model.zones.guards import GuardChange, changed_guards, judge_guards
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.read import FOLDER, LOCK, read_zones

_BY_LINE: Final = (load_balancers.NAME, zone_changes.NAME)
"""Rules whose findings name file and line, of a setting as of a zone file."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """One version. values: every one of the stack's file, by path. problems: why it gives no plan, if it gives none.

    is_there: whether the stack has a file in this version; file, lines: where its settings stand, by key.
    """

    values: Mapping[str, str] = field(default_factory=dict[str, str])
    is_there: bool = True
    settings: Settings | None = None
    plan: Plan | None = None
    problems: tuple[str, ...] = ()
    file: str = STACK_FILE
    lines: Mapping[str, int] = field(default_factory=dict[str, int])


def read_version(
    stack_text: str | None, project_text: str, zones: Mapping[str, str], users: str, file: str = STACK_FILE
) -> Version:
    """Reads a version from its files' text.

    stack_text: None where the stack is not in this version; file: its name. users: where none are set.
    """
    if stack_text is None:
        return Version(is_there=False, problems=(f"{file} does not exist in this version",))
    values = {path.removeprefix("config."): value for path, value in leaves(stack_text).items()}
    try:
        config = stack_config(stack_text, project_text, file)
        config["workshop:users"] = config.get("workshop:users") or users
        settings = settings_from_config(config)
        plan = plan_of_event(settings, read_zones(zones))
        return Version(values=values, settings=settings, plan=plan, file=file, lines=setting_lines(stack_text))
    except SettingsError as error:
        return Version(values=values, problems=error.messages)
    except Refused as refused:
        return Version(values=values, problems=tuple(f"[{one.rule}] {one}" for one in refused.findings))


def violations(before: Version, after: Version) -> tuple[Finding, ...]:
    """What the rules say of the later version, and of the way there, and did not say of the earlier one."""
    if after.plan is None or after.settings is None:
        return ()
    known = judge_settings(before.settings, before.plan) if before.plan and before.settings else ()
    found = [one for one in judge_settings(after.settings, after.plan) if one not in known]
    if before.plan is not None and after.settings.declares_records:
        found += judge_guards(before.plan.dns, after.plan.dns, guards(before, after))
        found += zone_changes.judge_changes(planned_before(before.plan.dns), after.plan.dns)
    return tuple(located(one, after.file, after.lines) if one.rule in _BY_LINE else one for one in found)


def guards(before: Version, after: Version) -> tuple[GuardChange, ...]:
    """Guards of zones that differ, for reviewers to see first; none where a version has no plan or declares nothing."""
    if before.plan is None or after.plan is None or before.settings is None or after.settings is None:
        return ()
    if not after.settings.declares_records:
        return ()
    return changed_guards(before.plan.dns, after.plan.dns, before.settings, after.settings)


def figures(version: Version) -> dict[str, str]:
    """A plan's numbers, by name; empty where there is no plan."""
    plan = version.plan
    if plan is None or version.settings is None or version.settings.scope is not Scope.ALL:
        return {}
    figures = {
        "users": str(plan.users),
        "LiteLLM pods": str(plan.litellm),
        "Coder server pods": str(plan.server),
        "proxy pods, each proxy region": str(plan.proxy),
        "USD an hour": f"{plan.cost.usd_per_hour:.2f}",
        "USD a workshop": "no window set"
        if plan.cost.usd_per_workshop is None
        else f"{plan.cost.usd_per_workshop:.2f}",
    }
    for region in plan.regions.values():
        figures[f"{region.name}: nodes"] = str(region.nodes.nodes)
        figures[f"{region.name}: volume, GiB"] = str(region.nodes.volume_gib)
        figures[f"{region.name}: users/node"] = str(region.nodes.users_per_node)
        for organization, replicas in region.provisioners.items():
            figures[f"{region.name}: provisioners of {organization}"] = str(replicas)
    return figures


def records(version: Version) -> dict[str, str]:
    """By resource: what each record says."""
    if version.plan is None or version.settings is None or not version.settings.declares_records:
        return {}
    return {f"{record.host} ({record.kind})": _says(record) for record in version.plan.dns.records}


def _says(record: PlannedRecord) -> str:
    extra = [word for word, holds in (("proxied", record.is_proxied), ("retiring", record.is_retiring)) if holds]
    return " ".join([record.target or "(load balancer not set)", f"ttl {record.ttl_seconds}", *extra])


def is_settings(path: str) -> bool:
    """Whether a file is compared value by value: a stack's settings, their defaults, a zone file, the zones' lock."""
    is_zone = path.startswith(f"{FOLDER}/") and path.endswith(".yaml")
    return is_zone or path == LOCK or re.fullmatch(r"Pulumi(\.[\w.-]{1,100})?\.yaml", path) is not None


def is_guard(path: str) -> bool:
    """Whether a file can decide what runs or what is refused: everything but settings, documents and pictures."""
    return not is_settings(path) and not path.startswith("docs/") and not re.fullmatch(r"[\w-]+\.md", path)
