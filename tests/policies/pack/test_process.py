"""The pack in a process of its own, as Pulumi starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from policies.pack.catalog import with_exemptions
from policies.pack.exemptions import Ledger
from policies.pack.testing import TODAY
from tests.policies.declared import node_class

PACK = Path(__file__).resolve().parents[3] / "policies"


@contextmanager
def running_pack(config: dict[str, str]) -> Generator[analyzer_pb2_grpc.AnalyzerStub, None, None]:
    """A client of the pack, started from elsewhere with nothing on its path."""
    environment = {"PATH": os.environ["PATH"], "PULUMI_CONFIG": json.dumps(config)}
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(PACK)]
    with subprocess.Popen(command, cwd=PACK, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
                yield analyzer_pb2_grpc.AnalyzerStub(channel)
        finally:
            process.terminate()


def analyze(pack: analyzer_pb2_grpc.AnalyzerStub) -> analyzer_pb2.AnalyzeResponse:
    """What the pack says of a node class on a 50 GiB volume."""
    resource = node_class().with_input("spec.blockDeviceMappings.1.ebs.volumeSize", "50Gi")
    properties = struct_pb2.Struct()
    properties.update(resource.inputs)
    call = cast(
        "Callable[[analyzer_pb2.AnalyzeRequest], analyzer_pb2.AnalyzeResponse]",
        pack.Analyze,  # pyright: ignore[reportUnknownMemberType] generated
    )
    return call(
        analyzer_pb2.AnalyzeRequest(type=resource.type, name=resource.name, urn=resource.urn, properties=properties)
    )


def test_every_policy_is_served_and_mandatory_unless_it_says_otherwise() -> None:
    with running_pack({}) as pack:
        call = cast(
            "Callable[[empty_pb2.Empty], analyzer_pb2.AnalyzerInfo]",
            pack.GetAnalyzerInfo,  # pyright: ignore[reportUnknownMemberType] generated
        )
        info = call(empty_pb2.Empty())

    assert info.name == "workshop"
    served = {policy.name: policy.enforcementLevel for policy in info.policies}
    assert served == {
        policy.id: analyzer_pb2.MANDATORY if policy.is_mandatory else analyzer_pb2.ADVISORY
        for policy in with_exemptions(Ledger((), TODAY))
    }


def test_a_foreign_project_is_judged_by_invariants() -> None:
    with running_pack({"other:key": "value"}) as pack:
        found = analyze(pack)

    assert [(d.policyName, d.enforcementLevel) for d in found.diagnostics if d.policyName == "storage-headroom"] == [
        ("storage-headroom", analyzer_pb2.MANDATORY)
    ]


def test_settings_that_give_no_plan_are_a_violation() -> None:
    with running_pack({"workshop:users": "many"}) as pack:
        found = analyze(pack)

    assert "the stack's config gives no plan" in next(
        d.message for d in found.diagnostics if d.policyName == "storage-headroom"
    )
