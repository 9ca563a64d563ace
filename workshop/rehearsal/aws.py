"""Pool and class as they are, judged by Karpenter's AWS provider; its AWS is moto, in a process of its own."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from workshop.model.names import NODE_CLASS
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.settings.regions import Region, Selector
from workshop.rehearsal.kwok import MANAGER, daemon_sets
from workshop.rehearsal.losses import Queues
from workshop.sandbox.clusters.binaries import commands, karpenter_on_aws
from workshop.sandbox.clusters.control_plane import ControlPlanes, free_port, karpenter
from workshop.sandbox.clusters.processes import is_running, last_words, spawn
from workshop.sandbox.clusters.running import api_servers, folder_of
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.files import write_private
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.servers.ec2.account import Account, RegionAccount

_EC2: Final = "ec2"
_CLASS: Final = kind_of("karpenter.k8s.aws/v1", "EC2NodeClass")
_EC2_SECONDS: Final = 60
_READY_SECONDS: Final = 180
_LOOK_SECONDS: Final = 0.5


def put_on_aws(
    paths: SandboxPaths, rehearsal: Rehearsal, stores: Mapping[str, ApiServerStore], say: Callable[[str], None]
) -> Queues:
    """Starts both and waits until the class that `up` declared is ready; DaemonSets are as the plan counts them.

    Answers the queues on which each Karpenter listens.

    Raises ClusterRefusal, and SandboxProblem with what Karpenter says of a class that is not ready.
    """
    program, planes = karpenter_on_aws(say), ControlPlanes(folder=folder_of(paths), commands=commands(say))
    regions = [region for region in rehearsal.settings.regions if region.name in stores]
    account = Account(
        id=rehearsal.settings.account or "123456789012",
        token=secrets.token_hex(16),
        regions=tuple(map(_account, regions)),
    )
    say("starting EC2, and Karpenter's AWS provider")
    endpoint = _start_ec2(planes, account)
    servers = api_servers(paths)
    for region in regions:
        context, store = region.cluster.context or "", stores[region.name]
        server = urlsplit(servers[context].server)
        environment = _environment(region, account, endpoint, servers[context].server)
        planes.start_karpenter_on_aws(context, server.port or 0, program, environment)
        store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": MANAGER}}, MANAGER)
        for daemon_set in daemon_sets(rehearsal.settings.daemonset_overhead):
            store.create(daemon_set, MANAGER)
    for region in regions:
        _await_class(planes, region, stores[region.name])
    names = {region.name: region.queue for region in account.regions}
    return Queues(account=account.id, token=account.token, endpoint=endpoint, names=names)


def _account(region: Region) -> RegionAccount:
    return RegionAccount(
        name=region.name,
        zones=region.zones,
        subnet_tag=_tag(region.subnet_selector, region),
        security_group_tag=_tag(region.security_group_selector, region),
        node_role=region.node_role or "",
        ami_version=region.ami_version or "",
        queue=_queue(region),
    )


def _queue(region: Region) -> str:
    """As the platform's Terraform calls it (coder/ai.coder.com, modules/k8s/bootstrap/karpenter)."""
    return f"{region.cluster.name}-kptr"


def _tag(selector: Selector, region: Region) -> tuple[str, str]:
    return selector.tag, selector.value or region.cluster.name or ""


def _start_ec2(planes: ControlPlanes, account: Account) -> str:
    """Answers where it is."""
    file, port = planes.folder / f"{_EC2}.json", free_port()
    write_private(file, account.model_dump_json())
    command = (sys.executable, "-P", "-m", "workshop.sandbox.servers.ec2", str(file), str(port))
    spawn(planes.folder, _EC2, command, {"PATH": os.defpath, "PYTHONPATH": str(CHECKOUT)})
    deadline = time.monotonic() + _EC2_SECONDS
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return f"http://127.0.0.1:{port}"
        if not is_running(planes.folder, _EC2) or time.monotonic() > deadline:
            raise SandboxProblem(f"EC2 does not answer: {last_words(planes.folder, _EC2)}")
        time.sleep(_LOOK_SECONDS)


def _environment(region: Region, account: Account, endpoint: str, server: str) -> Mapping[str, str]:
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": region.name,
        "AWS_ACCESS_KEY_ID": account.token,
        "AWS_SECRET_ACCESS_KEY": account.token,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CLUSTER_NAME": region.cluster.name or "",
        "CLUSTER_ENDPOINT": server,
        "INTERRUPTION_QUEUE": _queue(region),
        "SYSTEM_NAMESPACE": "kube-system",
    }


def _await_class(planes: ControlPlanes, region: Region, store: ApiServerStore) -> None:
    name, deadline = karpenter(region.cluster.context or ""), time.monotonic() + _READY_SECONDS
    while True:
        found = store.get(_CLASS, None, NODE_CLASS)
        conditions = (found or {}).get("status", {}).get("conditions", ())
        states = {one["type"]: one for one in conditions}
        if states.get("Ready", {}).get("status") == "True":
            return
        if not is_running(planes.folder, name):
            raise SandboxProblem(f"{name} ended at once: {last_words(planes.folder, name)}")
        if time.monotonic() > deadline:
            wrong = (f"{one['type']}: {one.get('message', one['status'])}" for one in conditions)
            raise SandboxProblem(f"{region.name}: EC2NodeClass {NODE_CLASS} is not ready: {'; '.join(wrong)}")
        time.sleep(_LOOK_SECONDS)
