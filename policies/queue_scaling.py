"""queue-scaling: provisioners that follow the queue are not taken from under builds, and have one master.

Source: KEDA documentation, ScaledObject; Kubernetes documentation, HorizontalPodAutoscaler.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from policies.replica_bounds import KEEPING
from policies.replica_floor import FLOORS_OPTION, SCALED, SCALED_OBJECT, deployment_key, floor_of
from workshop.model.plan.scaling import LEAST_DRAIN, drain

BUSY_IS_NOT_A_QUEUE = ("cpu", "memory")
"""A provisioner waits for Terraform and for Kubernetes while it builds: its load says nothing of who waits."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One ScaledObject of a Deployment that has a floor."""
    spec = declared.props.member("spec")
    if floor_of(target_of(declared), context) is None:
        return
    yield from _fallback(spec)
    yield from _drain(spec, context)
    restore = spec.optional("advanced", "restoreToOriginalReplicaCount")
    if restore is not None and restore.boolean():
        yield Problem(
            problem=f"{restore.path} is true",
            why="whoever deletes it gives provisioners the number that they had before it, whatever that was",
            fix=f"set {restore.path} to false",
        )
    for trigger in spec.member("triggers").items():
        yield from _trigger(trigger)


def _fallback(spec: Reading) -> Iterator[Problem]:
    """KEDA's default, `static`, scales to one number, whatever runs."""
    behavior = spec.member("fallback").optional("behavior")
    found = behavior.text() if behavior else "static by default"
    if found != KEEPING:
        yield Problem(
            problem=f"spec.fallback.behavior is {found}, must be {KEEPING}",
            why="without an answer about the queue provisioners would be taken away while people build",
            fix=f"set spec.fallback.behavior to {KEEPING}",
        )


def _drain(spec: Reading, context: Context) -> Iterator[Problem]:
    needed = int((drain(context.stack.settings) if context.stack else LEAST_DRAIN).total_seconds())
    window = spec.member(
        "advanced", "horizontalPodAutoscalerConfig", "behavior", "scaleDown", "stabilizationWindowSeconds"
    )
    if window.integer() < needed:
        yield Problem(
            problem=f"{window.path} is {window.integer()}, must be {needed} or more",
            why="provisioners would be taken away between two waves of people",
            fix=f"set {window.path} to {needed}",
        )


def _trigger(trigger: Reading) -> Iterator[Problem]:
    kind = trigger.member("type").text()
    if kind in BUSY_IS_NOT_A_QUEUE:
        yield Problem(
            problem=f"{trigger.path} scales by {kind}",
            why="a build waits for others and needs little of it, so a queue would grow unseen",
            fix="scale by the jobs that wait and run (docs/autoscaling.md)",
        )
    authentication = trigger.optional("authenticationRef")
    if authentication is not None:
        yield Problem(
            problem=f"{authentication.path} gives KEDA a credential",
            why="only the exporter is to hold a token for Coder",
            fix="ask the exporter, which needs none",
        )


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Deployments whose number of pods the stack declares, although a ScaledObject sets it."""
    declared = {
        (one.place, deployment_key(one))
        for one in resources
        if SCALED(one.type) and one.props.optional("spec", "replicas")
    }
    for one in (one for one in resources if SCALED_OBJECT(one.type)):
        key = target_of(one)
        if (one.place, key) in declared and floor_of(key, context) is not None:
            yield Problem(
                problem=f"{key} is scaled, and its number of pods is declared too",
                why="each `up` would take away what the queue asks for",
                fix=f"declare spec.replicas of {key} no longer",
                about=one,
            )


def target_of(declared: Declared) -> str:
    """namespace/name of what a ScaledObject scales."""
    return f"{declared.namespace}/{declared.props.member('spec', 'scaleTargetRef', 'name').text()}"


QUEUE_SCALING = Policy(
    id="queue-scaling",
    title="Provisioners that follow the queue stay while people build.",
    why="builds would be broken off, or wait",
    fix="Declare the component QueueScaling, or these fields as it does.",
    source="KEDA documentation, ScaledObject (fallback, advanced); docs/autoscaling.md",
    severity="high",
    applies_to=SCALED_OBJECT,
    judge=judge,
    judge_stack=judge_stack,
    options=dict(FLOORS_OPTION),
)
