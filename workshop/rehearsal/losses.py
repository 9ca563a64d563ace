"""A node goes under its workspaces. Where Karpenter's AWS provider plays, AWS says so on its interruption queue."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from workshop.model.rehearsal.notices import Instance, Notice, goes_away, is_retired, is_taken_back
from workshop.rehearsal.region import Region
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.problem import SandboxProblem

_NODES: Final = kind_of("v1", "Node")
_NODE_CLAIMS: Final = kind_of("karpenter.sh/v1", "NodeClaim")
_GOING_SECONDS: Final = 120
_LOOK_SECONDS: Final = 0.25

_Said: TypeAlias = Callable[[Instance, datetime], Notice]


@dataclass(frozen=True, kw_only=True)
class Queues:
    """Interruption queues, which Karpenter's AWS provider watches. names: by region. endpoint: where SQS answers."""

    account: str
    token: str
    endpoint: str
    names: Mapping[str, str]

    def send(self, region: str, notice: Notice) -> None:
        """Puts it there, as EventBridge's rules do."""
        from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs] # it takes a while

        session: Any = Session(aws_access_key_id=self.token, aws_secret_access_key=self.token, region_name=region)
        client = session.client("sqs", endpoint_url=self.endpoint)
        url = client.get_queue_url(QueueName=self.names[region])["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody=json.dumps(notice))
        client.close()


def lose_a_node(region: Region, queues: Queues | None) -> None:
    """The node with most workspaces goes at once. Raises ClusterRefusal, SandboxProblem."""
    name = region.fullest_node()
    if queues is None:
        region.store.delete(_NODES, None, name)
    else:
        _say(region, queues, _node(region.store, name), goes_away)


def retire_a_node(region: Region, queues: Queues | None) -> None:
    """AWS says that the node with most workspaces goes in two weeks; Karpenter takes it away at once.

    Raises ClusterRefusal, SandboxProblem.
    """
    _end(region, queues, _node(region.store, region.fullest_node()), is_retired)


def take_back_spot(region: Region, queues: Queues | None) -> bool:
    """AWS takes back a spot instance. False: there is none. Raises ClusterRefusal, SandboxProblem."""
    for node in region.store.list(_NODES):
        if node["metadata"].get("labels", {}).get("karpenter.sh/capacity-type") == "spot" and _claim(node):
            _end(region, queues, node, is_taken_back)
            return True
    return False


def _end(region: Region, queues: Queues | None, node: Manifest, said: _Said) -> None:
    """By what AWS says; without a queue, as Karpenter does when it hears that: its claim goes."""
    if queues is None:
        region.store.delete(_NODE_CLAIMS, None, _claim(node))
    else:
        _say(region, queues, node, said)


def _say(region: Region, queues: Queues, node: Manifest, said: _Said) -> None:
    """Says it, and waits until Karpenter has taken the node away for it."""
    instance = Instance(account=queues.account, region=region.name, id=node["spec"]["providerID"].rpartition("/")[2])
    queues.send(region.name, said(instance, datetime.now(UTC)))
    deadline = time.monotonic() + _GOING_SECONDS
    while region.store.get(_NODE_CLAIMS, None, _claim(node)) is not None:
        if time.monotonic() > deadline:
            raise SandboxProblem(
                f"{region.name}: {_GOING_SECONDS} s after what AWS said of {instance.id} Karpenter still has its node"
            )
        time.sleep(_LOOK_SECONDS)


def _node(store: ApiServerStore, name: str) -> Manifest:
    node = store.get(_NODES, None, name)
    if node is None:
        raise SandboxProblem(f"node {name} is gone already")
    return node


def _claim(node: Manifest) -> str:
    """Whose node it is; "" for none of Karpenter's."""
    owners = node["metadata"].get("ownerReferences", ())
    return next((one["name"] for one in owners if one["kind"] == "NodeClaim"), "")
