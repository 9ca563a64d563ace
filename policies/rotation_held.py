"""rotation-held: while the window is open, nothing that rotates LiteLLM's key may be due; outside it, all of it may.

The window is the stack's own, the clock that of the policies' process.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import kubernetes
from policies.framework.policy import Context, Declared, Policy, Problem, StackConfig
from workshop.model.rotation import CronJob, holds_rotation, region_rotation
from workshop.model.settings.stack import Scope
from workshop.model.window.phases import moment

CRON_JOB = kubernetes("batch", "CronJob")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One CronJob that rotates the key: suspended in the window and only there. A patch may leave that alone."""
    stack = context.stack
    if stack is None:
        return
    key = cron_job_key(declared)
    if key not in {cron_job.key for region in stack.settings.regions for cron_job in cron_jobs(stack, region.name)}:
        return
    reading = declared.props.optional("spec", "suspend")
    is_held = holds_rotation(stack.plan.phase)
    if reading is None and (declared.is_patch or not is_held):
        return
    is_suspended = declared.props.member("spec", "suspend").boolean()
    if is_held and not is_suspended:
        yield Problem(
            problem=f"spec.suspend of {key} is false, must be true{until(stack)}", fix="set spec.suspend to true"
        )
    elif is_suspended and not is_held:
        yield Problem(
            problem=f"spec.suspend of {key} is true, and no window is open",
            why="the key that is in use expires, and nothing makes a new one",
            fix="remove the patch, or set workshop:window",
        )


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """CronJobs of the rotation that nothing in the stack suspends while the window is open."""
    stack = context.stack
    if stack is None or stack.settings.scope is not Scope.ALL or not holds_rotation(stack.plan.phase):
        return
    declared = {
        (resource.cluster, cron_job_key(resource))
        for resource in resources
        if CRON_JOB(resource.type) and resource.props.optional("spec", "suspend")
    }
    for region in stack.settings.regions:
        for cron_job in cron_jobs(stack, region.name):
            if (region.cluster.context, cron_job.key) not in declared:
                yield Problem(
                    problem=f"nothing suspends {cron_job.key} in {region.name}{until(stack)}",
                    fix="declare a CronJobPatch with spec.suspend true on the provider of that cluster",
                )


def cron_jobs(stack: StackConfig, region: str) -> tuple[CronJob, ...]:
    """What rotates the key in a region."""
    return next(region_rotation(stack.settings, one).cron_jobs for one in stack.settings.regions if one.name == region)


def cron_job_key(declared: Declared) -> str:
    """namespace/name of a CronJob. Raises Unreadable where they are not plain."""
    namespace = declared.props.optional("metadata", "namespace")
    return f"{namespace.text() if namespace else 'default'}/{declared.object_name}"


def until(stack: StackConfig) -> str:
    """Until when the window is open, for a message."""
    return f": the window is open until {moment(stack.settings.window.closes_at)}" if stack.settings.window else ""


ROTATION_HELD = Policy(
    id="rotation-held",
    title="LiteLLM's key is not rotated while the window is open.",
    why="a new key restarts workspaces, and the old one stops working under those who use it",
    fix="Suspend every CronJob that rotates the key for the window, and none outside it.",
    source="the 30 September incident: a key rotated mid-session; coder/ai.coder.com at 6a071df, litellm-rotate-key",
    severity="critical",
    applies_to=CRON_JOB,
    judge=judge,
    judge_stack=judge_stack,
)
