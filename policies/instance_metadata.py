"""instance-metadata: pods get no AWS credentials of their node from its metadata service."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS, any_of, exactly
from policies.framework.policy import Context, Declared, Policy, Problem

INSTANCE = exactly(
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
)


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """Session tokens required, and one hop: a pod has a network of its own, which is the second.

    A node class that says nothing gets both from Karpenter; instances and launch templates get neither from AWS.
    """
    is_node_class = NODE_CLASS(declared.type)
    found = declared.props.optional(*(("spec", "metadataOptions") if is_node_class else ("metadataOptions",)))
    if found is None and is_node_class:
        return
    path = "spec.metadataOptions" if is_node_class else "metadataOptions"
    endpoint = found.optional("httpEndpoint") if found else None
    if endpoint is not None and endpoint.text() == "disabled":
        return
    tokens = found.optional("httpTokens") if found else None
    if tokens.text() != "required" if tokens else not is_node_class:
        yield Problem(
            problem=f"{path}.httpTokens is {tokens.text() if tokens else 'not declared'}, must be required",
            fix=f"set {path}.httpTokens to required",
        )
    hops = found.optional("httpPutResponseHopLimit") if found else None
    if hops is not None and hops.integer() != 1:
        yield Problem(
            problem=f"{path}.httpPutResponseHopLimit is {hops.integer()}, must be 1",
            fix=f"set {path}.httpPutResponseHopLimit to 1",
        )


INSTANCE_METADATA = Policy(
    id="instance-metadata",
    title="Pods get no credentials of their node: IMDSv2, and one hop.",
    why="any pod could take the node's AWS rights",
    fix="Set httpTokens to required and httpPutResponseHopLimit to 1, or leave Karpenter's default.",
    source="AWS EKS best practices, IAM: restrict access to the instance profile; Karpenter v1.14 documentation",
    applies_to=any_of(NODE_CLASS, INSTANCE),
    judge=judge,
)
