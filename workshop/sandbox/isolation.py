"""Keeps a sandbox process to this machine: no credentials of real systems, no connections beyond loopback."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, cast

from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem

_DROPPED_PREFIXES: Final = (
    "AWS_",
    "CLOUDFLARE_",
    "CF_",
    "KUBE",
    "GOOGLE_",
    "AZURE_",
    "ARM_",
    "VAULT_",
    "CODER_",
    "LITELLM_",
)
_DROPPED: Final = {
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_CLOUD_URL",
    "PULUMI_CONFIG_PASSPHRASE",
    "PULUMI_CONFIG_PASSPHRASE_FILE",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "FTP_PROXY",
    "GRPC_PROXY",
}
_STACK = re.compile(r"sandbox(-[\w.-]+)?")


def isolate(stack: str, paths: SandboxPaths) -> None:
    """What a process that runs the sandbox calls first. Raises SandboxProblem for a stack that is not the sandbox's.

    Irrevocable for the process; what it starts inherits the environment, not the block on connections.
    """
    refuse_real_stack(stack)
    drop_credentials(os.environ, paths)
    block_connections()


def is_sandbox_stack(stack: str) -> bool:
    """Whether the stack is simulated on this machine: sandbox and sandbox-*."""
    return _STACK.fullmatch(stack) is not None


def refuse_real_stack(stack: str) -> None:
    """Raises SandboxProblem for any stack but sandbox and sandbox-*."""
    if not is_sandbox_stack(stack):
        raise SandboxProblem(
            f"stack {stack} is not a sandbox stack: the sandbox runs only sandbox and sandbox-*, "
            f"so that nothing real is ever simulated by mistake: pulumi up --stack {stack}"
        )


def drop_credentials(environment: MutableMapping[str, str], paths: SandboxPaths) -> None:
    """Removes what reaches real systems, and points what is read by default to the sandbox or to nothing."""
    for name in list(environment):
        if name.upper().startswith(_DROPPED_PREFIXES) or name.upper() in _DROPPED:
            del environment[name]
    environment.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        KUBECONFIG=str(paths.kubeconfig),
        WORKSHOP_PREFLIGHT_DIR=str(paths.folder / "preflight"),
        NO_PROXY="*",
        no_proxy="*",
    )


def block_connections() -> None:
    """From now on this process connects to loopback only; anything else raises SandboxProblem."""
    sys.addaudithook(_on_event)


_HOST_AT: Final = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.bind": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


_TAKES_ADDRESS: Final = ("socket.connect", "socket.sendto", "socket.bind")


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    position = _HOST_AT.get(event)
    if position is None:
        return
    host = arguments[position]
    if event in _TAKES_ADDRESS:
        if not isinstance(host, tuple):
            return  # a Unix socket's path: on this machine by nature
        host = str(cast("tuple[object, ...]", host)[0]) or "0.0.0.0"  # noqa: S104 -- refused below
    elif not host:
        return  # none: loopback, or any address of this machine to listen on, which bind then refuses
    if not is_loopback(host):
        raise SandboxProblem(
            f"the sandbox was about to reach {_text(host)}: it talks to 127.0.0.1 only, so that nothing real is "
            "changed: look for an endpoint in Pulumi.sandbox.yaml or in the program that is not the sandbox's"
        )


def is_loopback(host: str | bytes) -> bool:
    """Whether a host as a socket call takes it stays on this machine."""
    text = _text(host)
    if text == "localhost":
        return True
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _text(host: str | bytes) -> str:
    return (host.decode(errors="replace") if isinstance(host, bytes) else host).lower()
