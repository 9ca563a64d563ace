"""The keeper's rights at AWS: what its code asks for, no more and no less, and only of what is the event's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from components.event.keeper_role import keeper_statements
from policies.least_privilege import LEAST_PRIVILEGE
from policies.pack.testing import judge
from tests.components.event_examples import ROLE
from tests.model.given import ROOT
from tests.policies.event_parts import declared_by

ACTIONS: Final[Mapping[str, frozenset[str]]] = {
    "abort_multipart_upload": frozenset({"s3:AbortMultipartUpload"}),
    "complete_multipart_upload": frozenset({"s3:PutObject"}),
    "create_multipart_upload": frozenset({"s3:PutObject"}),
    "delete_objects": frozenset({"s3:DeleteObjectVersion"}),  # each with its version
    "get_object": frozenset({"s3:GetObject"}),
    "head_object": frozenset({"s3:GetObject", "s3:ListBucket"}),
    "list_multipart_uploads": frozenset({"s3:ListBucketMultipartUploads"}),
    "list_object_versions": frozenset({"s3:ListBucketVersions"}),
    "put_object": frozenset({"s3:PutObject"}),
    "upload_part": frozenset({"s3:PutObject"}),
    "describe_instances": frozenset({"ec2:DescribeInstances"}),
    "terminate_instances": frozenset({"ec2:TerminateInstances"}),
    "describe_cluster": frozenset({"eks:DescribeCluster"}),
}
"""By boto3's names (Service Authorization Reference)."""

_ASKED: Final = re.compile(r"(?:\.|_paginator\(\")((?:%s))(?=[(\"])" % "|".join(ACTIONS))  # noqa: UP031 -- braces abound
_OTHERS: Final = re.compile(
    r"\.((?:copy|delete|get|head|list|put|restore|tag|run|start|stop|create)_(?:object|bucket|instance)\w*)\("
)


def sources() -> str:
    """All that the keeper runs."""
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "workshop" / "event").rglob("*.py"))


def test_the_role_allows_what_the_code_asks_for_and_nothing_else() -> None:
    asked = set(_ASKED.findall(sources()))
    allowed = {action for statement in keeper_statements(ROLE) for action in statement["Action"]}

    assert set(_OTHERS.findall(sources())) <= ACTIONS.keys(), "say which right it takes"
    assert allowed == set[str]().union(*(ACTIONS[one] for one in asked))


def test_it_reaches_one_bucket_one_pools_instances_and_the_other_clusters() -> None:
    objects, bucket, seeing, ending, clusters = keeper_statements(ROLE)
    assert objects["Resource"] == f"{bucket['Resource']}/*" == f"arn:aws:s3:::{ROLE.bucket}/*"
    assert seeing["Action"] == ["ec2:DescribeInstances"]  # which AWS allows of all or of none
    assert ending["Condition"] == {"StringEquals": {"aws:ResourceTag/karpenter.sh/nodepool": ROLE.node_pool}}
    assert ending["Resource"] == [f"arn:aws:ec2:{region}:123456789012:instance/*" for region in ROLE.regions]
    assert clusters["Resource"] == list(ROLE.clusters)


def test_our_own_policy_finds_nothing_too_broad() -> None:
    assert judge(LEAST_PRIVILEGE, *declared_by("KeeperRole")) == []
