"""Asks AWS and clusters through workshop.observe; without an answer the check is inconclusive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from workshop.checks.check import CheckOutcome, failed, passed
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Workload
from workshop.observe.aws_clients import aws_client
from workshop.observe.live_cluster import LiveCluster
from workshop.observe.live_objects import LivePod
from workshop.observe.look_up import NotFound

T = TypeVar("T")


def asked_of_aws(site: Site, service: str, region: str, ask: Callable[[Any], T]) -> T:
    """What `ask` gets from a boto3 client. Raises Inconclusive where AWS gives no answer or refuses."""
    from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

    try:
        with aws_client(site.settings, service, region) as client:
            return ask(client)
    except (BotoCoreError, ClientError, KeyError) as error:
        raise Inconclusive(
            f"AWS {service} in {region} did not answer: {str(error) or type(error).__name__}",
            "use credentials with the policy in docs/preflight.md",
        ) from None


def asked_of_cluster(site: Site, region: Region, ask: Callable[[LiveCluster], T]) -> T:
    """What `ask` gets from a region's cluster. Raises Inconclusive where none comes, NotFound."""
    name = f"cluster {region.cluster.context or '(no context set)'}"
    try:
        with LiveCluster(site.settings.kubeconfig, region.cluster.context) as cluster:
            return ask(cluster)
    except NotFound:
        raise
    except Exception as error:  # noqa: BLE001 - lightkube's, its transport's, or what a wrong answer makes of its models
        raise Inconclusive(
            f"{name} did not answer: {str(error) or type(error).__name__}",
            "make it reachable, as a user with the role in docs/preflight.md",
        ) from None


def pods_of_workload(site: Site, region: Region, workload: Workload) -> tuple[LivePod, ...] | None:
    """The pods of a Deployment; None where there is none of this name. Raises Inconclusive."""
    try:
        return asked_of_cluster(site, region, lambda cluster: cluster.pods_of(workload.namespace, workload.deployment))
    except NotFound:
        return None


def steady_pods(site: Site, region: Region, workload: Workload, replicas: int) -> CheckOutcome:
    """Whether so many pods of a Deployment run and go on running. Raises Inconclusive."""
    name, needed = f"{workload.namespace}/{workload.deployment}", f"{replicas} Ready, none restarting"
    pods = pods_of_workload(site, region, workload)
    if pods is None:
        return failed(f"Deployment {name} not found", needed, "correct its namespace and name in the settings")
    unsteady = [pod for pod in pods if not pod.is_steady(site.now)]
    found = f"{len(pods) - len(unsteady)} of {counted(len(pods), 'pod')} Ready"
    if len(pods) - len(unsteady) >= replicas:
        return passed(found, needed)
    if unsteady:
        found = f"{found}: {', '.join(pod.why_not() for pod in unsteady)}"
    command = f"kubectl --context {region.cluster.context} -n {workload.namespace}"
    return failed(found, needed, f"{command} logs deployment/{workload.deployment}; {command} get pods")
