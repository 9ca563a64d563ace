"""What judging 1,000 resources costs, in process and over gRPC: scripts/bench-policies."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Final, cast

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import ResourceValidationPolicy

from policies.pack.catalog import with_exemptions
from policies.pack.crossguard import Session, crossguard
from policies.pack.exemptions import Ledger
from policies.pack.testing import TODAY, Resource, resource_args
from tests.policies.declared import coder_component, node_class, node_pool, record, replicas, repository, server
from tests.policies.expecting import sandbox
from tests.policies.pack.test_process import running_pack

COUNT: Final = 1_000
RUNS: Final = 5


def resources() -> list[Resource]:
    """As many of each kind as make 1,000."""
    kinds = (coder_component(), node_class(), node_pool(), record(), replicas(12), repository(), server())
    return [replace(kinds[number % len(kinds)], name=f"resource-{number}") for number in range(COUNT)]


def in_process() -> float:
    """CPU seconds for every resource policy on every resource, in a stack with a plan."""
    ledger = Ledger((), TODAY)
    session = Session(sandbox, ledger)
    judging = [
        one
        for policy in with_exemptions(ledger)
        for one in crossguard(policy, session)
        if isinstance(one, ResourceValidationPolicy)
    ]
    sandbox()
    declared = [resource_args(resource, {}) for resource in resources()]
    started = time.process_time()
    for args in declared:
        for policy in judging:
            policy.validate(args, lambda _message, _urn=None: None)  # pyright: ignore[reportUnknownMemberType] SDK
    return time.process_time() - started


def over_grpc() -> float:
    """Seconds from the first call to the last answer, one call a resource."""
    requests = list(requested())
    with running_pack({}) as pack:
        call = cast(
            "Callable[[analyzer_pb2.AnalyzeRequest], analyzer_pb2.AnalyzeResponse]",
            pack.Analyze,  # pyright: ignore[reportUnknownMemberType] generated
        )
        call(requests[0])
        started = time.monotonic()
        for request in requests:
            call(request)
        return time.monotonic() - started


def requested() -> Iterator[analyzer_pb2.AnalyzeRequest]:
    """What the engine sends for each resource."""
    for resource in resources():
        properties = struct_pb2.Struct()
        properties.update(dict(resource.inputs))
        yield analyzer_pb2.AnalyzeRequest(
            type=resource.type, name=resource.name, urn=resource.urn, properties=properties
        )


def main() -> None:
    """Prints both figures, medians, with when and under what load they were measured."""
    near = median(in_process() for _ in range(RUNS))
    far = median(over_grpc() for _ in range(RUNS))
    sys.stdout.write(
        f"{COUNT} resources, all policies: {near:.2f} s of CPU in process, {far:.2f} s over gRPC; medians of {RUNS}, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs\n"
    )


if __name__ == "__main__":
    main()
