"""What a cluster has besides its API server where pods are to be placed on nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Nodes:
    """A scheduler, Kubernetes' own controllers for pods, and a kubelet that plays every node and pod of the cluster.

    instance_types: Karpenter's catalogue, a file as its kwok provider reads it; None: there is no Karpenter. plain:
    nodes that are there from the start. boot_seconds: from the creation of a node of Karpenter's until it is ready, of
    the first, the second and so on, and then from the first again; start_seconds: until a container runs. volume_gib:
    the disk of Karpenter's nodes, None: as large as it takes; images_gib: what images and logs take of it. images: GiB
    of those that nodes pull, by the name that pods give them, others are there at once; pull_mib_per_second: of one
    pull; parallel_pulls: of one node; refused_pulls: tries of each pull that the registry answers with 429 first.
    quota_vcpu: of all nodes that Karpenter launches, as EC2 limits an account's; None: any number. speed: times as fast
    as disks and pulls are. are_cron_jobs_due: whether their Jobs are made when it is time.
    """

    instance_types: Path | None = None
    plain: int = 0
    boot_seconds: tuple[float, ...] = (0,)
    start_seconds: float = 0
    volume_gib: int | None = None
    images_gib: int = 0
    images: Mapping[str, int] = field(default_factory=dict[str, int])
    pull_mib_per_second: int = 25
    parallel_pulls: int = 1
    refused_pulls: int = 0
    quota_vcpu: int | None = None
    speed: int = 1
    are_cron_jobs_due: bool = True


NodesByContext: TypeAlias = Mapping[str, Nodes]
"""Clusters with nodes; in others pods of Deployments run on none (workshop/sandbox/clusters/pods.py)."""

NO_NODES: Final[NodesByContext] = MappingProxyType({})
