"""What policies take for granted about workspaces: their options, or the stack's settings where these ask for more."""

from __future__ import annotations

from dataclasses import dataclass

from policies.framework.policy import Context, Declared, Option

NOT_FOR_WORKSPACES = {
    "notForWorkspaces": Option(
        schema={
            "type": "array",
            "items": {"type": "string"},
            "description": "names of node classes and node pools that run no workspaces",
        },
        default=[],
    ),
}

OPTIONS = {
    "workspaceStorageGiB": Option(
        schema={"type": "integer", "minimum": 1, "description": "GiB of node storage that one workspace may use"},
        default=20,
    ),
    "imagesAndLogsGiB": Option(
        schema={"type": "integer", "minimum": 1, "description": "GiB that images and logs take on a node"}, default=20
    ),
    "headroomPercent": Option(
        schema={
            "type": "integer",
            "minimum": 60,
            "maximum": 95,
            "description": "more than this share of a node's allocatable storage stays free at peak",
        },
        default=60,
    ),
    "daemonSetPods": Option(
        schema={"type": "integer", "minimum": 0, "description": "pods that DaemonSets run on every node"}, default=6
    ),
    **NOT_FOR_WORKSPACES,
}


@dataclass(frozen=True, kw_only=True)
class WorkspaceNeeds:
    """What nodes must hold. Storage in GiB."""

    storage_gib: int
    images_and_logs_gib: int
    headroom_percent: int
    daemonset_pods: int


def workspace_needs(context: Context) -> WorkspaceNeeds:
    """The larger of the policy's options and the stack's settings; DaemonSet pods as the stack says, if it does."""
    asked = {name: context.options.member(name).integer() for name in OPTIONS if name not in NOT_FOR_WORKSPACES}
    needs = WorkspaceNeeds(
        storage_gib=asked["workspaceStorageGiB"],
        images_and_logs_gib=asked["imagesAndLogsGiB"],
        headroom_percent=asked["headroomPercent"],
        daemonset_pods=asked["daemonSetPods"],
    )
    if context.stack is None:
        return needs
    settings = context.stack.settings
    return WorkspaceNeeds(
        storage_gib=max(needs.storage_gib, settings.workspaces.storage_gib),
        images_and_logs_gib=max(needs.images_and_logs_gib, settings.workspaces.images_and_logs_gib),
        headroom_percent=max(needs.headroom_percent, settings.workspaces.headroom_percent),
        daemonset_pods=settings.daemonset_overhead.pods,
    )


def runs_workspaces(declared: Declared, context: Context) -> bool:
    """Whether to judge a node class or pool as one for workspaces; unless the options say otherwise, it is."""
    exempt = context.options.member("notForWorkspaces").items_or_none()
    return declared.object_name not in {name.text() for name in exempt}
