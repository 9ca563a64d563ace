"""up: nodes stand ready before people come, with images on them, and then make room.

What is there is looked at anew each time, so a run may be killed anywhere, and the next goes on. A pod of ours asks for
a whole node, and Karpenter starts one for each that waits. So each is made behind a gate, where neither scheduler nor
Karpenter sees it, and let through only while nodes and waiting pods together are fewer than planned: the successor of
one that made way for a guest stays there, and is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from workshop.model.warm import WarmRequest
from workshop.model.workspace_pods import is_warm_pod
from workshop.warm.cluster import Cluster, Manifest
from workshop.warm.failure import WarmFailure

INTERVAL_SECONDS: Final = 2
"""Between two looks."""

PATIENCE: Final = timedelta(minutes=5)
"""Of one run, less than its Job may take; the next goes on."""

_FEWEST: Final = 2
"""Init containers of a pod that pulls: the one that places the program, and one an image."""

SETTLED: Final = timedelta(minutes=1)
"""After which a node that is Ready, and on which no pod of ours has landed, is full of others'."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What is there. missing: nodes that our pods are to start or hold; ready: of these, how many have all images.

    waiting: why images are not there, once each. let_through: names of pods behind the gate that may start a node.
    pulled_in: how long it took to pull all images where it took longest; None where none are pulled.
    """

    missing: int
    ready: int
    waiting: tuple[str, ...]
    let_through: tuple[str, ...] = ()
    pulled_in: timedelta | None = None


def up(request: WarmRequest, cluster: Cluster, now: Callable[[], datetime], wait: Callable[[float], None]) -> str:
    """Nothing before its time; then so many nodes, until they are ready or it is over. Raises WarmFailure."""
    started = now()
    while request.begins <= now() < request.ends:
        seen = look(request, cluster.nodes(request.node_pool), cluster.pods(request.deployment), now())
        is_done = seen.ready >= seen.missing
        cluster.scale(request.deployment, 0 if is_done else seen.missing)
        for name in () if is_done else seen.let_through:
            cluster.let_through(request.deployment, name)
        state = report(request, seen)
        if is_done:
            return state
        if now() - started >= PATIENCE:
            if seen.waiting:
                raise WarmFailure(f"{state}: {'; '.join(seen.waiting)}: correct workshop:arrival.images and run up")
            return f"{state}; the next run goes on"
        wait(INTERVAL_SECONDS)
    cluster.scale(request.deployment, 0)
    if now() < request.begins:
        return f"nodes are made ready from {request.begins} on: nothing to do"
    return f"over since {request.ends}: nothing of it is left"


def look(request: WarmRequest, nodes: Sequence[Manifest], pods: Sequence[Manifest], now: datetime) -> Look:
    """Counts nodes that are there without a pod of ours: guests' before us, and those that have made room."""
    made = [pod for pod in pods if is_warm_pod(pod) and not pod["metadata"].get("deletionTimestamp")]
    ours = [pod for pod in made if not pod["spec"].get("schedulingGates")]
    held = {pod["spec"].get("nodeName") for pod in ours}
    # A new node waits for one of ours that waits for a node: without such, or after a minute, it is others'.
    settled = [
        node
        for node in nodes
        if node["metadata"]["name"] not in held
        and not node["metadata"].get("deletionTimestamp")
        and (None not in held or _is_settled(node, now))
    ]
    missing = max(0, request.nodes - len(settled))
    live = [node for node in nodes if not node["metadata"].get("deletionTimestamp")]
    room = request.nodes - len(live) - sum("nodeName" not in pod["spec"] for pod in ours)
    gated = [pod["metadata"]["name"] for pod in made if pod not in ours]
    return Look(
        missing=missing,
        let_through=tuple(gated[: max(0, min(room, missing - len(ours)))]),
        ready=sum(_condition(pod, "Ready") is not None for pod in ours),
        waiting=tuple(dict.fromkeys(reason for pod in ours for reason in _waiting(pod))),
        pulled_in=max((lasted for pod in ours if (lasted := _pulled_in(pod)) is not None), default=None),
    )


def report(request: WarmRequest, seen: Look) -> str:
    """In one line."""
    ready = request.nodes - seen.missing + min(seen.ready, seen.missing)
    pulled = "" if seen.pulled_in is None else f", images pulled in {seen.pulled_in.seconds} s at most"
    return f"nodes warm {ready} of {request.nodes}{pulled}"


def _is_settled(node: Manifest, now: datetime) -> bool:
    since = _condition(node, "Ready")
    return since is not None and now - since >= SETTLED


def _condition(found: Manifest, name: str) -> datetime | None:
    """Since when a condition is true; None where it is not."""
    status: Mapping[str, Any] = found.get("status") or {}
    for one in status.get("conditions") or ():
        if one["type"] == name and one["status"] == "True":
            return datetime.fromisoformat(one["lastTransitionTime"])
    return None


def _pulled_in(pod: Manifest) -> timedelta | None:
    """From the end of the first init container, which pulls nothing new to the node, to that of the last."""
    status: Mapping[str, Any] = pod.get("status") or {}
    ended = [one["state"].get("terminated", {}).get("finishedAt") for one in status.get("initContainerStatuses") or ()]
    if len(ended) < _FEWEST or None in ended:
        return None
    return datetime.fromisoformat(ended[-1]) - datetime.fromisoformat(ended[0])


def _waiting(pod: Manifest) -> Iterator[str]:
    """Init containers whose image can't be pulled, or that can't be started."""
    status: Mapping[str, Any] = pod.get("status") or {}
    for one in status.get("initContainerStatuses") or ():
        state: Mapping[str, Mapping[str, str]] = one.get("state") or {}
        reason = state.get("waiting", {}).get("reason", "PodInitializing")
        if reason != "PodInitializing":
            yield f"{one['image']}: {reason}"
