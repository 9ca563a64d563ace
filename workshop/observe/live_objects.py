"""What runs in a cluster, as checks look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from workshop.model.window.other_pools import ClassSpec, PoolSpec

CRASH_LOOP: Final = timedelta(minutes=10)
"""After which kubelets count a container's restarts anew (Kubernetes, pod lifecycle)."""


@dataclass(frozen=True, kw_only=True)
class LiveNode:
    """A node. allocatable_gib: its ephemeral storage. workspaces: how many pods of them are on it.

    max_pods: how many of any kind its kubelet takes; 0 where it does not say. image_digests: of the largest on it, of
    which its kubelet names 50. images_gib: what these take as containerd counts, packed: unpacked they take more.
    """

    name: str
    is_ready: bool
    is_cordoned: bool
    allocatable_gib: Decimal
    workspaces: int
    max_pods: int = 0
    image_digests: frozenset[str] = frozenset()
    images_gib: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class LivePod:
    """A pod that isn't finished. image_ids: by container, as the node's runtime resolved them; "" before it runs.

    restarted_at: when one of its containers ended last. waiting: why one does not run. workspace_id: as its label says.
    """

    name: str
    node: str
    phase: str
    is_ready: bool
    image_ids: Mapping[str, str]
    restarted_at: datetime | None = None
    waiting: str = ""
    workspace_id: str = ""

    def is_steady(self, now: datetime) -> bool:
        """Whether it is Ready and has been for longer than a crash loop's pauses; without probes Ready says little."""
        return self.is_ready and (self.restarted_at is None or now - self.restarted_at > CRASH_LOOP)

    def why_not(self) -> str:
        """Why it is not steady."""
        ended = f", restarted {self.restarted_at:%H:%M %Z}" if self.restarted_at else ""
        return f"{self.name} {self.waiting or ('not Ready' if not self.is_ready else 'Ready')}{ended}"


@dataclass(frozen=True, kw_only=True)
class OtherPool:
    """A node pool. node_class: None where it is not found. open_nodes: those that are not cordoned. born: its nodes."""

    name: str
    spec: PoolSpec
    node_class: ClassSpec | None
    open_nodes: tuple[str, ...]
    born: tuple[datetime, ...]


@dataclass(frozen=True, kw_only=True)
class KarpenterState:
    """What Karpenter says of a pool and its class. problems: why not, by condition.

    stale: conditions that were worked out before the last change.
    """

    problems: Mapping[str, str]
    stale: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Autoscaler:
    """A HorizontalPodAutoscaler. least, most: the replicas that it keeps its Deployment between."""

    name: str
    deployment: str
    least: int
    most: int
