"""What workspaces ask for, and what else takes room on their nodes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from workshop.model.settings.errors import check_distinct
from workshop.model.settings.section import Section
from workshop.model.settings.types import AmiFamily, Device, InstanceTypeName, Name


class Shape(Section):
    """One size of workspace that templates offer."""

    vcpu: Annotated[int, Field(ge=1, le=512)]
    memory_gib: Annotated[int, Field(ge=1, le=4096)]
    weight: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=1, description="how often people choose it, beside the others; rehearsals draw by it"
    )


class Workspaces(Section):
    """What workspaces ask for and how they are packed onto nodes."""

    shapes: tuple[Shape, ...] = Field(
        default=(Shape(vcpu=2, memory_gib=4), Shape(vcpu=4, memory_gib=8)),
        min_length=1,
        description="sizes that templates offer; nodes are packed for the largest",
    )
    storage_gib: Annotated[int, Field(ge=1, le=16384)] = Field(
        default=20, description="GiB of node-local storage that one workspace may use: its request and limit"
    )
    images_and_logs_gib: Annotated[int, Field(ge=1, le=16384)] = Field(
        default=20, description="GiB that images and logs take on a node (assumed)"
    )
    headroom_percent: Annotated[int, Field(ge=60, le=95)] = Field(
        default=60, description="more than this share of a node's allocatable storage stays free at peak"
    )
    max_users_per_node: Annotated[int, Field(ge=1, le=100)] = Field(
        default=4, description="losing one node must not take the workshop"
    )
    instance_types: tuple[InstanceTypeName, ...] = Field(
        default=("c6a.4xlarge", "m6a.4xlarge"), min_length=1, description="EC2 instance types of workspace nodes"
    )
    ami_family: AmiFamily = Field(default="Bottlerocket", description="operating system of workspace nodes")
    device: Device = Field(
        default="/dev/xvdb", description="device of the workspace volume: the one that the AMI family's kubelet uses"
    )
    previous_node_pool: Name = Field(
        default="coder-ws-all", description="the pool that ran workspaces until now; it gets no new nodes in the window"
    )

    @property
    def largest(self) -> Shape:
        """What one workspace may need at most of each, for which nodes are packed."""
        return Shape(
            vcpu=max(shape.vcpu for shape in self.shapes), memory_gib=max(shape.memory_gib for shape in self.shapes)
        )

    @model_validator(mode="after")
    def _instance_types_are_distinct(self) -> Workspaces:
        check_distinct("instance_types", self.instance_types)
        return self


class DaemonSetOverhead(Section):
    """What DaemonSets take of every node, by request."""

    cpu_millicores: Annotated[int, Field(ge=0, le=100_000)] = 500
    memory_mib: Annotated[int, Field(ge=0, le=1_000_000)] = 1024
    pods: Annotated[int, Field(ge=0, le=100)] = 6
