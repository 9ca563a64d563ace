"""registry-replication: an ECR registry has one list of rules, and those of others are kept or `up` refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.findings import Finding
from workshop.model.observations import Assumed, Found, Observations
from workshop.model.plan.plan import Plan
from workshop.model.plan.replication import is_ours
from workshop.model.settings.commands import SettingPath, set_command
from workshop.model.settings.regions import Role
from workshop.model.settings.registry import ReplicationRule
from workshop.model.settings.stack import Scope, Settings

NAME: Final = "registry-replication"


def check(settings: Settings, _plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares the registry's rules with ours and with those that the settings say to keep."""
    if settings.scope is Scope.DNS:
        return
    region = next(region.name for region in settings.regions if region.role is Role.CONTROL_PLANE)
    resource = f"replication of the ECR registry in {region}"
    observed = observations.regions[region].replication_rules
    if isinstance(observed, Assumed):
        yield Finding(
            rule=NAME,
            resource=resource,
            problem=observed.failure,
            why="rules of others would be lost",
            fix="allow ecr:DescribeRegistry to the credentials of this stack and run again",
            is_judged=False,
        )
    if not isinstance(observed, Found):
        return
    kept = settings.replication_rules_of_others
    foreign = [rule for rule in observed.value if rule not in kept and not is_ours(rule, settings)]
    for index, rule in enumerate(foreign, start=len(kept)):
        copied = ", ".join(rule.prefixes) or "everything"
        to = ", ".join(f"{one.region} of {one.registry_id}" for one in rule.destinations)
        yield Finding(
            rule=NAME,
            resource=resource,
            problem=f"a rule that is not this project's copies {copied} to {to}",
            why="a registry has one list of rules, and this stack's would replace it",
            fix=" && ".join(_commands(("replication_rules_of_others", index), rule)),
        )


def _commands(path: SettingPath, rule: ReplicationRule) -> Iterator[str]:
    for index, destination in enumerate(rule.destinations):
        yield set_command((*path, "destinations", index, "region"), destination.region)
        yield set_command((*path, "destinations", index, "registry_id"), destination.registry_id)
    for index, prefix in enumerate(rule.prefixes):
        yield set_command((*path, "prefixes", index), prefix)
