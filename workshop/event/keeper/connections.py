"""The keeper's ways to everything it works with: Coder, clusters, EC2, the bucket of saved work."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from lightkube import KubeConfig

from workshop.event.coder.client import Coder
from workshop.event.failure import EventFailure
from workshop.event.keeper.in_pods import InPods
from workshop.event.keeper.look import Systems
from workshop.event.keeper.seat_keys import SeatKeys
from workshop.event.systems.cluster import Cluster
from workshop.event.systems.eks import kubeconfig
from workshop.event.systems.instances import ec2_client
from workshop.event.work.bucket import URL_SECONDS, Bucket, BucketError
from workshop.event.work.disk import used_percent
from workshop.event.work.exec import Cluster as ExecCluster
from workshop.event.work.exec import Container, ExecError
from workshop.event.work.pod import Place, PodError
from workshop.event.work.restore import restore
from workshop.event.work.save import MIB, Work, save
from workshop.event.work.terminal_notice import tell
from workshop.model.event.keeper import TOKEN_VARIABLE, bucket_of, coder_url, control_plane
from workshop.model.event.receipts import SUFFIX, Receipt
from workshop.model.event.seats import Seat, workspace_name
from workshop.model.event.world import Pod
from workshop.model.plan.event import plan_event, seat_usd
from workshop.model.rotation import MASTER_KEY_VARIABLE
from workshop.model.settings.event import Event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

CODER_URL_VARIABLE: Final = "CODER_URL"
"""Overrules where Coder is, for a keeper outside the cluster."""


@contextmanager
def connected(settings: Settings) -> Generator[tuple[Systems, InPods]]:
    """Everything that a keeper needs, until this ends, by the Pod's environment. Raises EventFailure."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise EventFailure(f"{TOKEN_VARIABLE} is empty: the keeper has no Coder token")
    session: Any = import_module("boto3").session.Session()  # boto3's own keeps the first credentials that it sees
    configs = kubeconfigs(settings)
    with ExitStack() as stack:
        systems = Systems(
            coder=stack.enter_context(Coder(os.environ.get(CODER_URL_VARIABLE) or coder_url(settings), token)),
            clusters={name: stack.enter_context(Cluster(config)) for name, config in configs.items()},
            seat_keys=_seat_keys(settings, stack),
            ec2={region.name: ec2_client(session, region.name) for region in settings.regions},
        )
        executing = {name: stack.enter_context(ExecCluster(config)) for name, config in configs.items()}
        with closing(Bucket(bucket_of(settings), control_plane(settings).name)) as bucket:
            pods = _Pods(given(settings.event), executing, bucket)
            yield (
                systems,
                InPods(saves=pods.save, restores=pods.restore, tells=pods.tell, measures=pods.measure, links=pods.link),
            )


def _seat_keys(settings: Settings, stack: ExitStack) -> SeatKeys | None:
    """None where the template takes no key. Raises EventFailure."""
    event = given(settings.event)
    if event.ai_parameter is None:
        return None
    master_key = os.environ.get(MASTER_KEY_VARIABLE, "")
    if not master_key:
        raise EventFailure(f"{MASTER_KEY_VARIABLE} is empty: the keeper has no master key, which ai_parameter needs")
    plan = given(plan_event(settings))
    keys = SeatKeys(given(settings.litellm_url), master_key, usd=seat_usd(event, plan), until=plan.gone_at)
    return stack.enter_context(keys)


class _Pods:
    """Seats' pods, by exec."""

    def __init__(self, event: Event, clusters: Mapping[str, ExecCluster], bucket: Bucket) -> None:
        self._event = event
        self._clusters = clusters
        self._bucket = bucket

    def save(self, seat: Seat, pod: Pod, build: int, now: datetime, previous: Receipt | None) -> Receipt:
        """As Saves has it."""
        saving = self._event.saving
        work = Work(
            event=self._event.name,
            seat=seat.number,
            workspace_id=pod.workspace_id,
            build_number=build,
            place=Place(container=self._container(pod), paths=saving.paths, excludes=saving.excludes),
        )
        most = saving.cap_mib * MIB
        made = save(self._clusters[pod.region], self._bucket, work, now, most_bytes=most, previous=previous)
        # What has not changed since is as safe now as it was then.
        return made if made.at == now else made.model_copy(update={"at": now, "build_number": build})

    def restore(self, pod: Pod, receipt: Receipt) -> tuple[str, ...]:
        """As Restores has it."""
        try:
            return restore(self._clusters[pod.region], self._bucket, receipt, Place(container=self._container(pod)))
        except (ExecError, PodError, BucketError) as failure:
            raise EventFailure(str(failure)) from None

    def link(self, receipt: Receipt) -> tuple[str, timedelta]:
        """As Links has it."""
        name = f"{self._event.name}-{workspace_name(receipt.seat)}{SUFFIX}"
        try:
            return self._bucket.url(receipt.key, name), timedelta(seconds=URL_SECONDS)
        except BucketError as failure:
            raise EventFailure(str(failure)) from None

    def tell(self, seat: Seat, pod: Pod | None, text: str) -> str:  # noqa: ARG002 - mail would need the seat
        """As Tells has it."""
        if pod is None:
            return "no terminal could be reached"
        return tell(self._clusters[pod.region], self._container(pod), text)

    def measure(self, pod: Pod) -> int:
        """As Measures has it."""
        try:
            return used_percent(self._clusters[pod.region], self._container(pod))
        except (ExecError, PodError) as failure:
            raise EventFailure(str(failure)) from None

    def _container(self, pod: Pod) -> Container:
        return Container(namespace=pod.namespace, pod=pod.name, name=self._event.saving.container)


def kubeconfigs(settings: Settings) -> Mapping[str, KubeConfig]:
    """By region: of KUBECONFIG where it is set, else of EKS and the Pod's own. Raises EventFailure."""
    files = [file for file in os.environ.get("KUBECONFIG", "").split(os.pathsep) if file]
    if files:
        return {region.name: _of_context(files, region.cluster.context) for region in settings.regions}
    home = control_plane(settings)
    return {
        region.name: KubeConfig.from_service_account()
        if region.name == home.name
        else kubeconfig(region.name, region.cluster.name or "")
        for region in settings.regions
    }


def _of_context(files: list[str], context: str | None) -> KubeConfig:
    """One context of kubeconfig files, as the current one. Raises EventFailure where none has it."""
    for file in files:
        found = KubeConfig.from_file(Path(file).expanduser())
        if context in found.contexts:
            found.current_context = context
            return found
    raise EventFailure(f"no context {context} in {os.pathsep.join(files)}")
