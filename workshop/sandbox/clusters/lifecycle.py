"""Starts the sandbox's API servers, stops them, and reports how they are."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.binaries import Say, commands
from workshop.sandbox.clusters.control_plane import (
    API_SERVER_SECONDS,
    ETCD,
    ETCD_SECONDS,
    PODS,
    ControlPlanes,
    api_server,
    controller_manager,
    free_port,
    karpenter,
    kubelet,
    scheduler,
)
from workshop.sandbox.clusters.credentials import write_credentials
from workshop.sandbox.clusters.nodes import NO_NODES, Nodes, NodesByContext
from workshop.sandbox.clusters.platform import (
    KWOK_GROUP,
    claim_identity,
    install_crds,
    karpenter_crds,
    release_pods,
    seed,
)
from workshop.sandbox.clusters.processes import end, is_running, kill, last_words, running, tied
from workshop.sandbox.clusters.rollouts import await_rollouts
from workshop.sandbox.clusters.running import access_to, api_servers, folder_of, forget_ports, record_ports
from workshop.sandbox.data_folder import prepare_folder, token_of
from workshop.sandbox.files import locked
from workshop.sandbox.manifests.merging import ClusterRefusal
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.seed.systems import platform_settings, write_kubeconfig
from workshop.sandbox.servers.litellm.keys import master_key

_POLL_SECONDS: Final = 0.05


@dataclass(frozen=True, kw_only=True)
class ClusterStatus:
    """One cluster. is_ready: its API server answers and says so."""

    context: str
    server: str
    is_ready: bool


def start(
    paths: SandboxPaths, say: Say = lambda _: None, nodes: NodesByContext = NO_NODES, *, awaits_pods: bool = True
) -> tuple[ClusterStatus, ...]:
    """Starts an API server for every region's cluster; those that run already are left alone, unless with nodes.

    Objects of earlier runs are there again. say: hears what is going on. nodes: for clusters that are to have any; all
    are then started anew. awaits_pods: whether the platform's pods have to run before it answers. Raises
    SandboxProblem; what was started is then ended.
    """
    prepare_folder(paths)
    settings = platform_settings(paths)
    with _alone(paths):
        present = status(paths)
        is_ready = {cluster.context for cluster in present if cluster.is_ready} == {*_contexts(settings)}
        if is_ready and not nodes and _processes(settings, nodes) == {*running(folder_of(paths))}:
            return present
        parts = commands(say)
        try:
            planes = ControlPlanes(folder=folder_of(paths), commands=parts)
            _start(paths, settings, nodes, planes, say, awaits_pods=awaits_pods)
        except ClusterRefusal as refusal:
            _end_all(paths)
            raise SandboxProblem(str(refusal)) from None
        except BaseException:
            _end_all(paths)
            raise
        return status(paths)


def everywhere(paths: SandboxPaths, nodes: Nodes) -> NodesByContext:
    """The same for every region's cluster."""
    return dict.fromkeys(_contexts(platform_settings(paths)), nodes)


@contextmanager
def rehearsing(
    paths: SandboxPaths,
    nodes: NodesByContext,
    say: Say = lambda _: None,
    *,
    is_disposable: bool = False,
    awaits_pods: bool = True,
) -> Generator[tuple[ClusterStatus, ...]]:
    """Clusters with nodes for as long as the block lasts; however this process ends, they end too.

    is_disposable: nobody needs afterwards what the API servers hold. Otherwise as start.
    """
    folder_of(paths).mkdir(parents=True, exist_ok=True, mode=0o700)
    with tied(folder_of(paths)):
        try:
            yield start(paths, say, nodes, awaits_pods=awaits_pods)
        finally:
            if is_disposable:
                _give_up(paths)
            else:
                stop(paths)


def stop(paths: SandboxPaths) -> bool:
    """Ends every process and goes back to folders of manifests; answers whether there was something to stop.

    What the API servers held stays for the next start.
    """
    if not folder_of(paths).exists():
        return False
    with _alone(paths):
        had_processes = _end_all(paths)
        had_api_servers = forget_ports(paths)
        write_kubeconfig(paths)
        return had_processes or had_api_servers


def _give_up(paths: SandboxPaths) -> None:
    """Ends every process; those that run others for pods end these first."""
    folder = folder_of(paths)
    end(folder, [name for name in running(folder) if name == PODS or name.startswith(kubelet(""))])
    kill(folder, running(folder))


def status(paths: SandboxPaths) -> tuple[ClusterStatus, ...]:
    """Every cluster that has an API server, by context; empty where they are folders of manifests."""
    return tuple(
        ClusterStatus(context=context, server=access.server, is_ready=Api(context, access).is_ready())
        for context, access in sorted(api_servers(paths).items())
    )


def _start(
    paths: SandboxPaths,
    settings: Settings,
    nodes: NodesByContext,
    planes: ControlPlanes,
    say: Say,
    *,
    awaits_pods: bool,
) -> None:
    folder = planes.folder
    _end_all(paths)
    write_credentials(folder)
    say("starting etcd")
    etcd_port = free_port()
    planes.start_etcd(etcd_port)
    with _etcd(planes, etcd_port) as etcd:
        _wait(planes, ETCD, ETCD_SECONDS, lambda: _is_healthy(etcd))
        for region in settings.regions:
            if region.cluster.context and region.cluster.uid:
                claim_identity(etcd, region.cluster.context, region.cluster.uid)
    crds = karpenter_crds(planes.commands)
    ports = {context: free_port() for context in _contexts(settings)}
    say(f"starting API servers: {', '.join(ports)}")
    for context, port in ports.items():
        planes.start_api_server(context, port, etcd_port)
    given = {"WORKSHOP_SANDBOX_PORT": str(paths.given_port)} if paths.given_port else {}
    planes.start_pods(ports, nodes, {"WORKSHOP_SANDBOX_DIR": str(paths.folder), **given})

    key = master_key(token_of(paths))

    def prepare(region: Region) -> None:
        context = region.cluster.context or ""
        api = Api(context, access_to(folder, ports[context]))
        _wait(planes, api_server(context), API_SERVER_SECONDS, api.is_ready)
        own = nodes.get(context)
        planes.start_controller_manager(context, ports[context], own)
        install_crds(api, [crd for crd in crds if own or crd["spec"]["group"] != KWOK_GROUP])
        if own is None:
            release_pods(api)  # of an earlier start
        else:
            planes.start_nodes(context, ports[context], own)
        seed(api, settings, region, key, folder / f"{context}.seeded")
        if awaits_pods:
            await_rollouts(api)

    with ThreadPoolExecutor() as pool:
        list(pool.map(prepare, (region for region in settings.regions if region.cluster.context)))
    for name in sorted(_processes(settings, nodes) - {*running(folder)}):
        raise SandboxProblem(f"{name} ended at once: {last_words(folder, name)}")
    record_ports(paths, ports)
    write_kubeconfig(paths)


def _processes(settings: Settings, nodes: NodesByContext) -> set[str]:
    contexts = tuple(_contexts(settings))
    names = {ETCD, PODS, *map(api_server, contexts), *map(controller_manager, contexts)}
    for context, own in nodes.items():
        names |= {scheduler(context), kubelet(context)}
        names |= {karpenter(context)} if own.instance_types else set()
    return names


def _contexts(settings: Settings) -> Iterator[str]:
    return (region.cluster.context for region in settings.regions if region.cluster.context)


@contextmanager
def _alone(paths: SandboxPaths) -> Generator[None]:
    folder_of(paths).mkdir(parents=True, exist_ok=True, mode=0o700)
    with locked(folder_of(paths) / ".lock"):
        yield


def _end_all(paths: SandboxPaths) -> bool:
    """Ends the clusters' processes, also those of a start that was killed; answers whether there were any."""
    folder = folder_of(paths)
    alive = running(folder)
    servers = [name for name in alive if name.startswith(api_server(""))]
    end(folder, [name for name in alive if name not in (*servers, ETCD)])
    end(folder, servers)
    end(folder, [ETCD])
    return bool(alive)


@contextmanager
def _etcd(planes: ControlPlanes, port: int) -> Generator[httpx.Client]:
    context = ssl.create_default_context(cafile=str(planes.folder / "ca.crt"))
    context.load_cert_chain(planes.folder / "loopback.crt", planes.folder / "loopback.key")
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=context, trust_env=False, timeout=5) as client:
        yield client


def _is_healthy(etcd: httpx.Client) -> bool:
    try:
        return etcd.get("/health").json() == {"health": "true", "reason": ""}
    except (httpx.HTTPError, ValueError):
        return False


def _wait(planes: ControlPlanes, name: str, seconds: float, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not is_ready():
        if not is_running(planes.folder, name):
            raise SandboxProblem(f"{name} ended at once: {last_words(planes.folder, name)}")
        if time.monotonic() > deadline:
            raise SandboxProblem(f"{name} is not ready after {seconds:g} s: see {planes.folder / name}.log")
        time.sleep(_POLL_SECONDS)
