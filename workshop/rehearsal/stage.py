"""The stage: a sandbox of its own with real API servers, on which `up` has put the stack's objects."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError

from workshop.model.names import QUEUE_SCALER, WARM_NODES
from workshop.model.rehearsal.cluster import instance_types
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.model.settings.stack import Settings
from workshop.rehearsal.aws import put_on_aws
from workshop.rehearsal.guard import guarded_folder, sandbox_in
from workshop.rehearsal.kwok import MANAGER, put_on_kwok
from workshop.rehearsal.losses import Queues
from workshop.sandbox import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.lifecycle import rehearsing
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.rollouts import await_rollouts
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.data_folder import prepare_folder, token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem
from workshop.sandbox.seed.systems import write_kubeconfig

SANDBOX_STACK: Final = "sandbox"
_LOOK_SECONDS: Final = 0.5
_SCALED_OBJECT: Final = kind_of("keda.sh/v1alpha1", "ScaledObject")
_CRON_JOB, _JOB = kind_of("batch/v1", "CronJob"), kind_of("batch/v1", "Job")
_UP_SECONDS: Final = 300
_WARM_SECONDS: Final = 300
_PLAIN_NODES: Final = 3
"""For the platform's own pods; no workspace tolerates to be there."""

_PROVISIONERS_ON_A_NODE: Final = 50
"""Of 250m and 512 MiB each; beyond those that the platform's nodes have room for."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """stores: each region's cluster, by the region's name. litellm_url: where LiteLLM answers.

    queues: by which Karpenter hears what AWS says of instances; None where its kwok provider plays.
    """

    stores: Mapping[str, ApiServerStore]
    litellm_url: str
    queues: Queues | None


@contextmanager
def stage(rehearsal: Rehearsal, say: Callable[[str], None]) -> Generator[Stage]:
    """Clusters as `up` leaves them in the window, for as long as the block lasts.

    Raises SandboxProblem where the clusters do not start, or `up` does not succeed.
    """
    settings = rehearsal.settings
    with guarded_folder() as folder:
        paths = sandbox_in(folder)
        contexts = {region.name: region.cluster.context or "" for region in settings.regions}
        nodes = {contexts[name]: _nodes(folder, rehearsal, name) for name in rehearsal.regions}
        say("starting the sandbox")
        prepare_folder(paths)
        token_of(paths)  # which both have to find
        with ThreadPoolExecutor(max_workers=len(nodes)) as beside:
            server = beside.submit(lifecycle.ensure_running, paths)
            with rehearsing(paths, nodes, say, is_disposable=True, awaits_pods=False):  # up does
                server.result()
                write_kubeconfig(paths)  # whichever of the two wrote last
                say(f"workshop up --users {rehearsal.plan.users}")
                write_private(paths.overrides, json.dumps({SANDBOX_STACK: dict(rehearsal.config)}))
                _up(paths, rehearsal.plan.users)
                servers = api_servers(paths)
                apis = {name: Api(name, servers[contexts[name]]) for name in rehearsal.regions}
                stores = {name: ApiServerStore(api) for name, api in apis.items()}
                queues = put_on_aws(paths, rehearsal, stores, say) if rehearsal.on_aws else None
                for done in [beside.submit(_set, api, rehearsal, name) for name, api in apis.items()]:
                    done.result()
                yield Stage(stores=stores, litellm_url=paths.litellm_endpoint, queues=queues)


def _set(api: Api, rehearsal: Rehearsal, region: str) -> None:
    """What a region has in place of AWS and KEDA."""
    if not rehearsal.on_aws:
        put_on_kwok(ApiServerStore(api), rehearsal.settings.daemonset_overhead, rehearsal.nodes_fewer(region))
    _keep_floor(api, rehearsal.settings)


def _keep_floor(api: Api, settings: Settings) -> None:
    """Gives provisioners that follow the queue the number that the autoscaler always keeps; KEDA does not run here."""
    store, namespace = ApiServerStore(api), settings.default_organization.namespace
    scaled = store.get(_SCALED_OBJECT, namespace, QUEUE_SCALER)
    if scaled is None:
        return
    target, replicas = scaled["spec"]["scaleTargetRef"], scaled["spec"]["minReplicaCount"]
    metadata = {"name": target["name"], "namespace": namespace}
    kind = {"apiVersion": target["apiVersion"], "kind": target["kind"]}
    store.apply({**kind, "metadata": metadata, "spec": {"replicas": replicas}}, MANAGER, force=True)
    await_rollouts(api)


def _nodes(folder: Path, rehearsal: Rehearsal, region: str) -> Nodes:
    catalogue, arrival = folder / f"{region}.json", rehearsal.settings.arrival
    catalogue.write_text(json.dumps(instance_types(rehearsal, region)), encoding="utf-8")
    return Nodes(
        instance_types=None if rehearsal.on_aws else catalogue,
        plain=_PLAIN_NODES + sum(rehearsal.plan.regions[region].provisioners.values()) // _PROVISIONERS_ON_A_NODE,
        boot_seconds=tuple(seconds / rehearsal.speed for seconds in rehearsal.boots(region)),
        start_seconds=arrival.agent_seconds / rehearsal.speed,
        volume_gib=rehearsal.volume_gib(region),
        images_gib=rehearsal.settings.workspaces.images_and_logs_gib,
        images=dict.fromkeys(arrival.images, arrival.image_gib),
        pull_mib_per_second=arrival.pull_mib_per_second,
        refused_pulls=rehearsal.refused_pulls(region),
        quota_vcpu=rehearsal.quota_vcpu(region),
        speed=rehearsal.speed,
        are_cron_jobs_due=False,  # a rehearsal makes their Jobs itself; nodes that nobody asked for would be there
    )


def warm(stage: Stage, rehearsal: Rehearsal, say: Callable[[str], None]) -> None:
    """Makes nodes ready, by the CronJob's own Job, at once. Raises SandboxProblem where that fails."""
    say("making nodes ready")
    stores = {name: store for name, store in stage.stores.items() if rehearsal.is_warm(name)}
    deadline = time.monotonic() + _WARM_SECONDS

    def until(region: str, is_so: Callable[[], bool]) -> None:
        while not is_so():
            if time.monotonic() > deadline:
                raise SandboxProblem(f"{region}: nodes were not made ready within {_WARM_SECONDS} s")
            time.sleep(_LOOK_SECONDS)

    for store in stores.values():
        cron_job = store.get(_CRON_JOB, WARM_NODES, WARM_NODES)
        if cron_job is None:
            raise SandboxProblem(f"up declared no CronJob {WARM_NODES}, which makes nodes ready")
        metadata, spec = {"name": MANAGER, "namespace": WARM_NODES}, cron_job["spec"]["jobTemplate"]["spec"]
        store.create({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec}, MANAGER)
    for region, store in stores.items():
        until(region, lambda store=store: _is_complete(store.get(_JOB, WARM_NODES, MANAGER)))


def _is_complete(job: Manifest | None) -> bool:
    """Raises SandboxProblem where it failed."""
    conditions = {} if job is None else {one["type"]: one for one in job.get("status", {}).get("conditions", ())}
    if "Failed" in conditions:
        raise SandboxProblem(f"nodes could not be made ready: {conditions['Failed'].get('message', '')}")
    return "Complete" in conditions


def _up(paths: SandboxPaths, users: int) -> None:
    """As a person runs it, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "workshop", "up", "--users", str(users), "--json"],
        env={**os.environ, "WORKSHOP_SANDBOX_DIR": str(paths.folder), "WORKSHOP_SANDBOX_PORT": str(paths.port)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_UP_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SandboxProblem(
            f"up did not succeed, so there is nothing to rehearse: {_reasons(done.stdout, done.stderr)}"
        )


def _reasons(answer: str, said: str) -> str:
    try:
        document = _Answer.model_validate_json(answer)
    except ValidationError:
        return said or answer
    return "; ".join([one.message for one in document.violations if one.is_mandatory]) or document.error or said


class _Violation(BaseModel):
    message: str
    is_mandatory: bool


class _Answer(BaseModel):
    """What is read of `up --json`."""

    error: str | None = None
    violations: tuple[_Violation, ...] = ()
