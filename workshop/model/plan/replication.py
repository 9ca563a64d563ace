"""How images get from the control plane's registry to the others."""

from __future__ import annotations

from workshop.model.settings.regions import Role
from workshop.model.settings.registry import ReplicationDestination, ReplicationRule
from workshop.model.settings.stack import Settings


def replication_rules(settings: Settings) -> tuple[ReplicationRule, ...]:
    """All rules of the control plane's registry: every repository to every proxy region, and those of others."""
    regions = [region.name for region in settings.regions if region.role is Role.PROXY]
    if settings.account is None or not regions:
        return settings.replication_rules_of_others
    destinations = tuple(ReplicationDestination(region=region, registry_id=settings.account) for region in regions)
    ours = ReplicationRule(destinations=destinations, prefixes=settings.repositories)
    return (ours, *settings.replication_rules_of_others)


def is_ours(rule: ReplicationRule, settings: Settings) -> bool:
    """Whether this project made the rule, perhaps for other regions or repositories than today's."""
    stays_in_account = all(destination.registry_id == settings.account for destination in rule.destinations)
    return stays_in_account and not set(rule.prefixes).isdisjoint(settings.repositories)
