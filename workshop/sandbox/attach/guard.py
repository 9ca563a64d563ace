"""Who may call a stand-in, and how much a failure says to the caller: Pulumi's protocol has no credentials."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any

import grpc
from typing_extensions import override

from workshop.sandbox.servers.peers import Peers

_Behaviour = Callable[[Any, grpc.ServicerContext], Any]


class Guard(grpc.ServerInterceptor):
    """Refuses other users' processes, where the system says whose they are, and shows only an error's type."""

    def __init__(self) -> None:
        self._peers: Peers | None = None

    def watch(self, port: int) -> None:
        """The port on which the server listens by now; before this is called nobody is let in."""
        self._peers = Peers(port)

    @override
    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        found = continuation(handler_call_details)
        if found is None or found.unary_unary is None:
            return found  # unknown, or a stream, of which stand-ins have none
        return grpc.unary_unary_rpc_method_handler(
            self._guarded(found.unary_unary), found.request_deserializer, found.response_serializer
        )

    def _guarded(self, behaviour: _Behaviour) -> _Behaviour:
        def guarded(request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ANN401 -- gRPC has no types
            if self._peers is None or not self._peers.is_own(_address(context.peer())):
                context.abort(grpc.StatusCode.PERMISSION_DENIED, "this stand-in serves the user who started it")
            try:
                return behaviour(request, context)
            except Exception as error:
                if context.code() is not None:  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
                    raise  # it is how gRPC ends a call that has been answered
                sys.stderr.write("".join(traceback.format_exception(error)))
                context.abort(grpc.StatusCode.INTERNAL, f"the stand-in failed: {type(error).__name__}")

        return guarded


def _address(peer: str) -> tuple[str, int]:
    """Of gRPC's ipv4:127.0.0.1:50001; one that nobody has for any other family."""
    family, _, rest = peer.partition(":")
    host, _, port = rest.rpartition(":")
    return (host, int(port)) if family == "ipv4" else ("0.0.0.0", 0)  # noqa: S104
