"""registry-settings: images reach every region, tags do not move, and nothing deletes what is pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias, cast

from policies.framework.kinds import any_of, exactly
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.framework.reading import Reading, Unreadable, wrong
from workshop.model.images.sources import MOVABLE_TAGS
from workshop.model.settings.regions import Role
from workshop.model.settings.stack import Scope, Settings

REPOSITORY = exactly("aws:ecr/repository:Repository")
REPLICATION = exactly("aws:ecr/replicationConfiguration:ReplicationConfiguration")
LIFECYCLE = exactly("aws:ecr/lifecyclePolicy:LifecyclePolicy")

_MOVABLE = " and ".join(MOVABLE_TAGS)

MAX_RULES, MAX_DESTINATIONS, MAX_FILTERS = 10, 25, 100
"""ECR's limits: rules, different destinations in all, filters a rule (AWS ECR documentation, replication)."""

Target: TypeAlias = tuple[str, str]
"""Where a rule copies to: region and registry."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One registry setting, by its kind."""
    if REPOSITORY(declared.type):
        yield from repository(declared)
    elif LIFECYCLE(declared.type):
        yield from lifecycle(declared, pinned_repositories(context))
    else:
        yield from replication(declared, context)


def repository(declared: Declared) -> Iterator[Problem]:
    """Tags that move, images that are not scanned, a repository that goes with all its images."""
    mutability = declared.props.member("imageTagMutability").text()
    filters = declared.props.optional("imageTagMutabilityExclusionFilters")
    if filters is None and mutability == "IMMUTABLE_WITH_EXCLUSION":
        declared.props.member("imageTagMutabilityExclusionFilters")
    for item in filters.items() if filters else ():
        if item.member("filter").text() not in MOVABLE_TAGS:
            yield Problem(
                problem=f"{item.path}.filter is '{item.member('filter').text()}', only {_MOVABLE} may move",
                fix=f"keep the filters {_MOVABLE}",
            )
    if mutability not in ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"):
        yield Problem(
            problem=f"imageTagMutability is '{mutability}', must be IMMUTABLE or IMMUTABLE_WITH_EXCLUSION",
            fix=f"set it to IMMUTABLE_WITH_EXCLUSION with the filters {_MOVABLE}",
        )
    if not declared.props.member("imageScanningConfiguration", "scanOnPush").boolean():
        yield Problem(problem="scanOnPush is false", why="known holes go unnoticed", fix="set scanOnPush to true")
    force = declared.props.optional("forceDelete")
    if force is not None and force.boolean():
        yield Problem(problem="forceDelete is true", why="deleting it deletes its images", fix="remove forceDelete")


def lifecycle(declared: Declared, pinned: frozenset[str]) -> Iterator[Problem]:
    """Rules that can reach a digest that something runs by."""
    name = declared.props.member("repository").text()
    policy = declared.props.member("policy")
    for rule in _document(policy).member("rules").items():
        status = rule.member("selection", "tagStatus").text()
        if name in pinned:
            yield Problem(
                problem=f"{rule.path} expires {status} images of '{name}', whose digest is pinned",
                why="once its tag moves on, the pinned digest is untagged and goes",
                fix="remove the lifecycle policy of that repository",
            )
        elif status != "untagged":
            yield Problem(
                problem=f"{rule.path} expires {status} images of '{name}', must be untagged only",
                why="a template may still name the tag",
                fix="select untagged images",
            )


def _document(policy: Reading) -> Reading:
    if policy.is_mapping:
        return policy
    try:
        return Reading(cast("object", json.loads(policy.text())), policy.path, policy.collected)
    except ValueError:
        policy.give_up(
            Unreadable("wrong type", policy.path, f"{policy.path} is not a JSON document", "write a JSON document")
        )
        return policy.unread()


def pinned_repositories(context: Context) -> frozenset[str]:
    """Repositories out of which something runs by digest."""
    pinned = {name.text() for name in context.options.member("pinnedRepositories").items_or_none()}
    if context.stack is not None:
        pinned.add(context.stack.settings.image.repository)
    return frozenset(pinned)


def replication(declared: Declared, context: Context) -> Iterator[Problem]:
    """ECR's limits, every region and repository of the settings reached, and every rule of others kept."""
    rules = declared.props.member("replicationConfiguration", "rules").items()
    if len(rules) > MAX_RULES:
        yield Problem(problem=f"{len(rules)} rules, ECR takes {MAX_RULES}", fix="put destinations into one rule")
    reached: dict[Target, set[str]] = {}
    for rule in rules:
        filters = rule.optional("repositoryFilters")
        prefixes = {_prefix(item) for item in filters.items()} if filters else {""}
        if len(prefixes) > MAX_FILTERS:
            yield Problem(
                problem=f"{rule.path} has {len(prefixes)} filters, ECR takes {MAX_FILTERS}", fix="use shorter prefixes"
            )
        for destination in rule.member("destinations").items():
            target = (destination.member("region").text(), destination.member("registryId").text())
            reached.setdefault(target, set()).update(prefixes)
    if len(reached) > MAX_DESTINATIONS:
        yield Problem(
            problem=f"{len(reached)} destinations, ECR takes {MAX_DESTINATIONS}", fix="replicate to fewer regions"
        )
    stack = context.stack
    if stack is not None:
        yield from not_reached(reached, stack.settings)
        yield from not_kept(reached, stack.settings)


def _prefix(item: Reading) -> str:
    kind = item.member("filterType").text()
    if kind != "PREFIX_MATCH":
        path = f"{item.path}.filterType"
        item.member("filterType").give_up(wrong(path, f"'{kind}'", "PREFIX_MATCH"))
    return item.member("filter").text()


def not_reached(reached: Mapping[Target, set[str]], settings: Settings) -> Iterator[Problem]:
    """Regions to which some repository of the settings does not get."""
    for region in settings.regions:
        if region.role is Role.CONTROL_PLANE:
            continue
        prefixes = [
            prefix
            for (name, registry), found in reached.items()
            if name == region.name and settings.account in (None, registry)
            for prefix in found
        ]
        missing = [name for name in settings.repositories if not name.startswith(tuple(prefixes))]
        if missing:
            yield Problem(
                problem=f"{', '.join(missing)} are not replicated to {region.name}",
                fix=f"add a rule with destination {region.name} and a filter for each",
            )


def not_kept(reached: Mapping[Target, set[str]], settings: Settings) -> Iterator[Problem]:
    """What others replicate and would no longer."""
    for rule in settings.replication_rules_of_others:
        for destination in rule.destinations:
            prefixes = tuple(reached.get((destination.region, destination.registry_id), ()))
            lost = [prefix for prefix in rule.prefixes or ("",) if not prefix.startswith(prefixes)]
            if lost:
                yield Problem(
                    problem=(
                        f"{', '.join(prefix or 'everything' for prefix in lost)} is no longer copied to "
                        f"{destination.region} of {destination.registry_id}, which others rely on"
                    ),
                    why="a registry has one list of rules, and declaring it drops those that are not in it",
                    fix="declare every rule of workshop:replication_rules_of_others beside this project's",
                )


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """A stack that declares repositories but lets none leave its region."""
    stack = context.stack
    if stack is None or stack.settings.scope is Scope.DNS or len(stack.settings.regions) == 1:
        return
    if not any(REPLICATION(resource.type) for resource in resources):
        yield Problem(
            problem="no replication of the registry is declared",
            fix="declare aws.ecr.ReplicationConfiguration in the control plane's region",
        )


REGISTRY_SETTINGS = Policy(
    id="registry-settings",
    title="Images reach every region, their tags do not move, and nothing deletes what is pinned.",
    why="nodes would pull another image than was tested, or none",
    fix="Replicate every repository to every region, make tags immutable but two, scan, expire untagged only.",
    source="AWS ECR documentation: replication, tag mutability, lifecycle policies",
    applies_to=any_of(REPOSITORY, REPLICATION, LIFECYCLE),
    judge=judge,
    judge_stack=judge_stack,
    options={
        "pinnedRepositories": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "repositories out of which something runs by digest",
            },
            default=["coder-preview"],
        )
    },
)
