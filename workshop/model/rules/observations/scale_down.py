"""scale-down: in the window nothing shrinks below what is deployed or in use; catches 2 typed for 20."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workshop.model.counting import counted, running_workspaces
from workshop.model.findings import Finding
from workshop.model.names import NODE_POOL, USERS_ANNOTATION, WINDOW_ANNOTATION
from workshop.model.observations import Assumed, ExistingObject, Found, Observations, RegionObservations
from workshop.model.plan.nodes import NodePlan
from workshop.model.plan.plan import Plan
from workshop.model.plan.scaling import most_replicas
from workshop.model.settings.stack import Scope, Settings
from workshop.model.settings.window import Override
from workshop.model.window.overrides import or_take_the_risk
from workshop.model.window.phases import Phase, moment, read_interval

NAME: Final = "scale-down"


def check(settings: Settings, plan: Plan, observations: Observations) -> Iterator[Finding]:
    """Compares each region's plan with the workspaces on our pool, with the pool, and with the pods that run.

    Before the window: the window that is deployed may not be moved away under its workspaces.
    """
    if settings.scope is not Scope.ALL or plan.phase is None:
        return
    if plan.phase is Phase.BEFORE:
        yield from _moved_away(observations)
    if not plan.phase.is_in_window:
        return
    for region in settings.regions:
        here, nodes = observations.regions[region.name], plan.regions[region.name].nodes
        about = f"workspace nodes in {region.name}"
        if isinstance(here.running_workspaces, Assumed):
            yield Finding(
                rule=NAME,
                resource=about,
                problem=here.running_workspaces.failure,
                why="while the window is open, capacity must not drop below what is in use",
                fix="make pods readable with the credentials of this stack and run again",
                is_judged=False,
            )
        for problem in _of_nodes(nodes, here):
            fix = f"raise workshop:users (now {settings.users})"
            yield _refused(settings, about, problem, "node limits would drop below what is promised or in use", fix)
        for deployment, replicas in most_replicas(settings, plan, region):
            observed = here.deployments.get(deployment.key)
            if isinstance(observed, Found) and observed.value.replicas > replicas:
                yield _refused(
                    settings,
                    f"Deployment {deployment.key} in {region.name}",
                    f"{observed.value.replicas} replicas are deployed, {replicas} planned for "
                    f"{counted(settings.users, 'user')}",
                    "pods would be removed while they are needed",
                    "raise workshop:users, or its floor in the settings",
                )


def _moved_away(observations: Observations) -> Iterator[Finding]:
    for name, here in observations.regions.items():
        running = here.running_workspaces.value.get(NODE_POOL, 0) if isinstance(here.running_workspaces, Found) else 0
        if not running or not isinstance(here.node_pool, Found):
            continue
        deployed = read_interval(here.node_pool.value.annotations.get(WINDOW_ANNOTATION, ""))
        if deployed is not None and here.node_pool.observed_at < deployed[1]:
            yield Finding(
                rule=NAME,
                resource=f"workspace nodes in {name}",
                problem=f"{running_workspaces(running)} in the window that was deployed (until {moment(deployed[1])}), "
                "and the one in the settings has not opened",
                why="the event would lose its capacity while it runs",
                fix="set workshop:window back, or stop these workspaces first",
            )


def _of_nodes(nodes: NodePlan, here: RegionObservations) -> Iterator[str]:
    running = here.running_workspaces.value.get(NODE_POOL, 0) if isinstance(here.running_workspaces, Found) else 0
    if running > nodes.users:
        yield f"{running_workspaces(running)}, there would be room for {nodes.users} here"
    pool = here.node_pool.value if isinstance(here.node_pool, Found) else None
    if pool is None:
        return
    users, vcpu = _number(pool.annotations.get(USERS_ANNOTATION)), _limit(pool)
    if users is not None and users > nodes.users:
        yield f"it is deployed for {counted(users, 'user')}, there would be room for {nodes.users} here"
    elif vcpu is not None and vcpu > nodes.limit_vcpu:
        yield f"its limit is {vcpu} vCPU, {nodes.limit_vcpu} would be left"


def _limit(pool: ExistingObject) -> int | None:
    """The pool's limit where it is a whole number of vCPU, as this project declares it."""
    return _number(str(pool.spec.get("limits", {}).get("cpu", "")))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def _refused(settings: Settings, resource: str, problem: str, why: str, fix: str) -> Finding:
    return Finding(
        rule=NAME,
        resource=resource,
        problem=f"the window is open, and {problem}",
        why=why,
        fix=f"{fix}, {or_take_the_risk(settings, Override.FEWER_USERS)}",
        override=Override.FEWER_USERS,
    )
