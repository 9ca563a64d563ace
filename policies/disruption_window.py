"""disruption-window: nothing can take a workspace node away by itself, and in the window nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.kinds import NODE_POOL
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from policies.resources.pool_limits import static_nodes
from policies.resources.window_holds import REASONS, not_held
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces

MACROS = frozenset({"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"})
_FIELD = r"[\d*/,\-A-Za-z?]+"
_CRON = re.compile(rf"{_FIELD}(?: {_FIELD}){{4}}")
_DURATION = re.compile(r"(?:\d+h)?(?:\d+m)?(?<=[hm])(?:0s)?")
_AFTER = re.compile(r"(?:\d+[smh])+")
LEAST_SECONDS = 60
"""Less than this an empty node hardly waits for the next workspace; the real repository's pools have a minute."""
_NODES = re.compile(r"\d{1,6}|(?:100|\d{1,2})%")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """Expiry, grace period, consolidation and budgets of one pool; of a patch, only what it sets.

    While the window is open, by the stack's config and this process's clock, a budget has to hold every node from its
    opening to its close.
    """
    if not runs_workspaces(declared, context):
        return
    spec = declared.props.member("spec")
    yield from node_lifetime(spec, declared)
    if static_nodes(declared) is None:
        yield from consolidation(spec, declared)
    budgets = spec.optional("disruption", "budgets")
    found = budgets.items() if budgets is not None else ()
    for budget in found:
        yield from wrong_budgets(budget)
    stack = context.stack
    if stack and stack.settings.window and stack.plan.phase and stack.plan.phase.is_in_window and not declared.is_patch:
        yield from not_held(found, stack.settings.window)


def node_lifetime(spec: Reading, declared: Declared) -> Iterator[Problem]:
    """Expiry, which no budget stops, and a grace period, which overrides do-not-disrupt."""
    expiry = spec.optional("template", "spec", "expireAfter")
    if expiry is None and not declared.is_patch:
        yield Problem(
            problem="spec.template.spec.expireAfter is missing, which means 720h",
            fix="set expireAfter to Never",
        )
    elif expiry is not None and expiry.text() != "Never":
        yield Problem(
            problem=f"{expiry.path} is {expiry.text()}, must be Never (budgets do not stop expiry)",
            fix="set expireAfter to Never",
        )
    grace = spec.optional("template", "spec", "terminationGracePeriod")
    if grace is not None:
        yield Problem(
            problem=f"{grace.path} is {grace.text()}, after which pods are deleted whatever they say",
            fix="remove terminationGracePeriod",
        )


def consolidation(spec: Reading, declared: Declared) -> Iterator[Problem]:
    """A policy that moves running workspaces to pack nodes tighter."""
    policy = spec.optional("disruption", "consolidationPolicy")
    if policy is None:
        if not declared.is_patch:
            yield Problem(
                problem="spec.disruption.consolidationPolicy is missing, which means WhenEmptyOrUnderutilized",
                fix="set consolidationPolicy to WhenEmpty",
            )
    elif policy.text() != "WhenEmpty":
        yield Problem(
            problem=f"{policy.path} is {policy.text()}, must be WhenEmpty", fix="set consolidationPolicy to WhenEmpty"
        )
    after = spec.optional("disruption", "consolidateAfter")
    if after is None and not declared.is_patch:
        yield Problem(
            problem="spec.disruption.consolidateAfter is missing, which means at once",
            fix="set consolidateAfter to 30m",
        )
    elif after is not None and after.text() != "Never":
        match = _AFTER.fullmatch(after.text())
        if match is None:
            yield Problem(
                problem=f"{after.path} is '{after.text()}', must be a duration such as 30m, or Never",
                fix="set consolidateAfter to 30m",
            )
        elif _seconds(after.text()) < LEAST_SECONDS:
            yield Problem(
                problem=f"{after.path} is {after.text()}, which means at once; must be {LEAST_SECONDS // 60}m or more",
                fix="set consolidateAfter to 30m",
            )


def _seconds(duration: str) -> int:
    seconds = {"s": 1, "m": 60, "h": 3600}
    return sum(int(count) * seconds[unit] for count, unit in re.findall(r"(\d+)([smh])", duration))


def wrong_budgets(budget: Reading) -> Iterator[Problem]:
    """A budget that does not hold when its author thinks it does."""
    nodes = budget.member("nodes").text()
    if not _NODES.fullmatch(nodes):
        yield Problem(problem=f"{budget.path}.nodes is '{nodes}', must be a number or a percentage", fix='write "0"')
    schedule, duration = budget.optional("schedule"), budget.optional("duration")
    if (schedule is None) != (duration is None):
        yield Problem(
            problem=f"{budget.path} has only one of schedule and duration",
            fix="give both, or neither for a budget that always holds",
        )
    if schedule is not None and schedule.text() not in MACROS and not _CRON.fullmatch(schedule.text()):
        yield Problem(
            problem=f"{schedule.path} is '{schedule.text()}', must be five cron fields (UTC, no time zone)",
            fix="write the window's opening in UTC",
        )
    if duration is not None and not _DURATION.fullmatch(duration.text()):
        yield Problem(
            problem=f"{duration.path} is '{duration.text()}', must be hours and minutes", fix="write it as 32h or 90m"
        )
    reasons = budget.optional("reasons")
    for reason in reasons.texts() if reasons else ():
        if reason not in REASONS:
            yield Problem(
                problem=f"{budget.path}.reasons has '{reason}', must be {', '.join(sorted(REASONS))}",
                fix="remove reasons to hold nodes against all of them",
            )


DISRUPTION_WINDOW = Policy(
    id="disruption-window",
    title="Nothing takes a workspace node away by itself, and in the window nothing at all.",
    why="its workspaces would be lost mid-session",
    fix="expireAfter Never, no terminationGracePeriod, consolidationPolicy WhenEmpty, a budget of 0 for the window.",
    source="Karpenter v1.14 documentation, Disruption",
    severity="critical",
    applies_to=NODE_POOL,
    judge=judge,
    options=dict(NOT_FOR_WORKSPACES),
)
