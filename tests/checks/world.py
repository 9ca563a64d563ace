"""A sandbox after `up`, and the faults that are planted at its servers, never in the checks."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3  # pyright: ignore[reportMissingTypeStubs]
import httpx

from workshop.checks.catalog import CHECKS
from workshop.checks.check import Check
from workshop.checks.run import run_checks
from workshop.checks.site import Site
from workshop.cli.preflight.sandbox import sandbox_systems
from workshop.model.names import NODE_POOL
from workshop.model.outcome import Outcome
from workshop.model.plan.plan import plan_of_event
from workshop.model.preflight.record import Result, Verdict
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Endpoints, Settings
from workshop.model.settings.window import Window
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import ensure_running, stop
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.store import ManifestStore
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.seed.systems import IMAGE_DIGEST, IMAGE_INDEX
from workshop.sandbox.servers.coder.state import Proxy
from workshop.sandbox.servers.coder.state_file import editing
from workshop.sandbox.servers.front_door import issue_certificate
from workshop.sandbox.servers.litellm.application import master_key
from workshop.sandbox.servers.monitoring import Contents as MonitoringContents
from workshop.sandbox.servers.monitoring import monitoring_file

CONTEXTS = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}
OHIO, OREGON, LONDON = CONTEXTS
EVERYWHERE = tuple(CONTEXTS)
DOMAINS = {OHIO: "ai.coder.com", OREGON: "oregon-proxy.ai.coder.com", LONDON: "emea-proxy.ai.coder.com"}
ZONE = "0123456789abcdef0123456789abcdef"

Place = tuple[str, str]
"""A check and a region."""


@dataclass
class World:
    """One sandbox. settings: with a window that opens soon."""

    paths: SandboxPaths
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        texts = [(CHECKOUT / name).read_text("utf-8") for name in ("Pulumi.sandbox.yaml", "Pulumi.yaml")]
        given = settings_from_config({**stack_config(*texts), "workshop:users": "20"})
        here = self.paths.settings
        window = Window.model_validate(
            {"start": (datetime.now(UTC) + timedelta(hours=1)).isoformat(), "duration": "4h"}
        )
        self.settings = given.model_copy(
            update={"endpoints": Endpoints(**here["endpoints"]), "kubeconfig": here["kubeconfig"], "window": window}
        )

    def site(self, preview: Callable[[], Outcome] = Outcome) -> Site:
        """What checks look at; the preview finds nothing unless one is given."""
        return Site(
            stack="sandbox",
            settings=self.settings,
            plan=plan_of_event(self.settings),
            now=datetime.now(UTC),
            systems=sandbox_systems(self.settings),
            run_preview=preview,
        )

    def look(self, *only: type[Check]) -> tuple[Result, ...]:
        """Results of every check that only reads, or of those that are given."""
        chosen = [check for check in CHECKS if isinstance(check, only)] if only else CHECKS
        return run_checks([check for check in chosen if only or check.stage != "opt-in"], self.site())

    def problems(self) -> set[Place]:
        """Where it is not go."""
        return {(one.check, one.region) for one in self.look() if one.verdict in (Verdict.NO_GO, Verdict.INCONCLUSIVE)}

    def aws(self, service: str, region: str) -> Json:
        session: Any = boto3
        return session.client(
            service,
            region_name=region,
            endpoint_url=self.paths.aws_endpoint,
            aws_access_key_id=token_of(self.paths),
            aws_secret_access_key=token_of(self.paths),
        )

    def coder(self, **changes: Json) -> None:
        """Changes what the sandbox's Coder keeps."""
        with editing(self.paths) as kept:
            for name, value in changes.items():
                setattr(kept, name, value)

    def proxy(self, region: str, **changes: Json) -> None:
        """Changes one proxy."""
        with editing(self.paths) as kept:
            kept.proxies = {**kept.proxies, region: Proxy(**changes)}

    def monitoring(self, change: Callable[[MonitoringContents], MonitoringContents]) -> None:
        """Changes what Prometheus and Alertmanager know."""
        file = monitoring_file(self.paths)
        write_whole(file, change(MonitoringContents.model_validate_json(file.read_bytes())).model_dump_json())

    def status(self, region: str, kind: tuple[str, str], name: str, **status: Json) -> None:
        """Writes some of an object's status, as its controller would."""
        found = kind_of(*kind)
        store = ManifestStore(self.paths.clusters / CONTEXTS[region])
        present = store.get(found, None, name)
        assert present is not None
        store.set_status({**present, "status": {**present["status"], **status}}, "test")

    def cordon_old_nodes(self, *regions: str, is_cordoned: bool = True) -> None:
        """As kubectl cordon and uncordon do."""
        for region in regions:
            node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": f"ip-10-0-4-10.{region}.compute.internal"}}
            store = ManifestStore(self.paths.clusters / CONTEXTS[region])
            store.apply({**node, "spec": {"unschedulable": is_cordoned}}, "kubectl", force=True)

    def hold_other_pools(self, *regions: str) -> None:
        """As kubectl patch does: no node of theirs goes."""
        held = {"disruption": {"budgets": [{"nodes": "0"}]}}
        for region in regions:
            store = ManifestStore(self.paths.clusters / CONTEXTS[region])
            for found in store.list(kind_of("karpenter.sh/v1", "NodePool")):
                if found["metadata"]["name"] not in (NODE_POOL, "coder-ws-all"):
                    pool = {
                        "apiVersion": "karpenter.sh/v1",
                        "kind": "NodePool",
                        "metadata": {"name": found["metadata"]["name"]},
                    }
                    store.apply({**pool, "spec": held}, "kubectl", force=True)

    def give_key(self, hours: int) -> None:
        """Issues a key and copies it where workspaces of the first organization find it."""
        url = f"http://127.0.0.1:{self.paths.port}/litellm/key/generate"
        headers = {"Authorization": f"Bearer {master_key(token_of(self.paths))}"}
        key = httpx.post(url, json={"duration": f"{hours}h"}, headers=headers).json()["key"]
        secrets = kind_of("v1", "Secret")
        store = ManifestStore(self.paths.clusters / CONTEXTS[OHIO])
        present = store.get(secrets, "coder-ws", "litellm")
        assert present is not None
        store.delete(secrets, "coder-ws", "litellm")
        data = {"token": base64.b64encode(key.encode()).decode()}
        store.create({**present, "metadata": {"name": "litellm", "namespace": "coder-ws"}, "data": data}, "test")

    def restart(self) -> None:
        """Resolvers forget, as they do once a TTL is over."""
        stop(self.paths)
        ensure_running(self.paths)

    def dns_record(self, host: str, **changes: str) -> None:
        """Changes a record at Cloudflare, and has resolvers forget it."""
        url = f"{self.paths.cloudflare_endpoint}/zones/{ZONE}/dns_records"
        headers = {"Authorization": f"Bearer {token_of(self.paths)}"}
        record = httpx.get(url, params={"name": host}, headers=headers).json()["result"][0]
        httpx.patch(f"{url}/{record['id']}", json=changes, headers=headers).raise_for_status()
        self.restart()


@dataclass(frozen=True, kw_only=True)
class PlantedFault:
    """What is wrong at a server, how it is fixed there, and which checks have to name it."""

    name: str
    plant: Callable[[World], None]
    fix: Callable[[World], None]
    named_by: frozenset[Place]


def _fault(
    name: str, plant: Callable[[World], None], fix: Callable[[World], None], check: str, *regions: str
) -> PlantedFault:
    named_by = frozenset((check, region) for region in regions or ("",))
    return PlantedFault(name=name, plant=plant, fix=fix, named_by=named_by)


def _no_image(world: World) -> None:
    image = {"imageDigest": IMAGE_DIGEST}
    world.aws("ecr", LONDON).batch_delete_image(repositoryName="coder-preview", imageIds=[image])


def _image(world: World) -> None:
    world.aws("ecr", LONDON).put_image(repositoryName="coder-preview", imageTag="latest", imageManifest=IMAGE_INDEX)


def _ready(is_so: bool) -> Callable[[World], None]:
    condition = {"type": "Ready", "status": str(is_so), "message": "subnets not found"}
    return lambda world: world.status(OREGON, ("karpenter.sh/v1", "NodePool"), NODE_POOL, conditions=[condition])


def _storage(gib: str) -> Callable[[World], None]:
    name = f"ip-10-0-9-10.{LONDON}.compute.internal"
    return lambda world: world.status(LONDON, ("v1", "Node"), name, allocatable={"ephemeral-storage": gib, "pods": "9"})


def _target(health: str, error: str = "") -> Callable[[World], None]:
    return lambda world: world.monitoring(
        lambda kept: kept.model_copy(
            update={
                "targets": (
                    kept.targets[0].model_copy(update={"health": health, "last_error": error}),
                    *kept.targets[1:],
                )
            }
        )
    )


def _certificate(days: int) -> Callable[[World], None]:
    return lambda world: issue_certificate(world.paths, world.settings, datetime.now(UTC) + timedelta(days=days))


def _record(balancer: str) -> Callable[[World], None]:
    return lambda world: world.dns_record(DOMAINS[OREGON], content=balancer)


FAULTS = (
    _fault(
        "an old node takes workspaces",
        lambda world: world.cordon_old_nodes(OHIO, is_cordoned=False),
        lambda world: world.cordon_old_nodes(OHIO),
        "previous-nodes",
        OHIO,
    ),
    _fault(
        "a key that ends in mid-session",
        lambda world: world.give_key(hours=2),
        lambda world: world.give_key(hours=48),
        "litellm-key-lasts",
    ),
    _fault("a registry without the image", _no_image, _image, "image-digests", LONDON),
    _fault(
        "a record that leads elsewhere",
        _record("old.elb.us-west-2.amazonaws.com"),
        _record("coder-oregon.elb.us-west-2.amazonaws.com"),
        "hosts-resolve",
        OREGON,
    ),
    PlantedFault(
        name="an expired certificate",
        plant=_certificate(-1),
        fix=_certificate(90),
        # Behind it nobody can tell whether apps are served.
        named_by=frozenset((check, region) for check in ("tls-lifetime", "subdomain-apps") for region in EVERYWHERE),
    ),
    _fault(
        "half the proxies gone",
        lambda world: world.proxy(LONDON, status="unreachable"),
        lambda world: world.proxy(LONDON),
        "proxies-healthy",
        LONDON,
    ),
    _fault(
        "a proxy that serves no apps",
        lambda world: world.proxy(OREGON, serves_apps=False),
        lambda world: world.proxy(OREGON),
        "subdomain-apps",
        OREGON,
    ),
    _fault(
        "provisioners at work",
        lambda world: world.coder(busy={f"coder/{OHIO}": 3}),
        lambda world: world.coder(busy={}),
        "provisioners-idle",
        OHIO,
    ),
    _fault(
        "builds that wait",
        lambda world: world.coder(pending={"demo": 4}),
        lambda world: world.coder(pending={}),
        "no-backlog",
    ),
    _fault("a pool that is not ready", _ready(False), _ready(True), "node-pool-ready", OREGON),
    _fault("a node with a small volume", _storage("44Gi"), _storage("201Gi"), "node-storage", LONDON),
    _fault("a target that is down", _target("down", "connection refused"), _target("up"), "targets-up"),
)
"""More than ten, none of which hides another."""


def named_by(faults: tuple[PlantedFault, ...]) -> set[Place]:
    """What is left to be named."""
    return {place for fault in faults for place in fault.named_by}
