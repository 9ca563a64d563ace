"""Serves stand-ins on loopback for as long as a block runs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from workshop.sandbox.attach.guard import Guard
from workshop.sandbox.attach.plugins import sdk_version
from workshop.sandbox.attach.servicer import StandIns
from workshop.sandbox.engine.steps.registry import ProviderFactory

_MESSAGE_BYTES = 400 * 1024 * 1024
"""The largest message the CLI sends (sdk/go/common/util/rpcutil)."""


@contextmanager
def serve(factories: Mapping[str, ProviderFactory]) -> Generator[Mapping[str, int], None, None]:
    """Serves each package on a free port of 127.0.0.1 and yields the ports by package."""
    with ExitStack() as servers:
        yield {
            package: servers.enter_context(_served(StandIns(factory, sdk_version(package))))
            for package, factory in factories.items()
        }


@contextmanager
def _served(stand_ins: StandIns) -> Generator[int, None, None]:
    options = [("grpc.max_receive_message_length", _MESSAGE_BYTES), ("grpc.so_reuseport", 0)]
    guard = Guard()
    server = grpc.server(ThreadPoolExecutor(thread_name_prefix="stand-in"), interceptors=[guard], options=options)
    add_ResourceProviderServicer_to_server(stand_ins, server)
    port = server.add_insecure_port("127.0.0.1:0")
    guard.watch(port)
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
