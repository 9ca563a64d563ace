"""Asks AWS and clusters through workshop.observe; without an answer the check is inconclusive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.settings.regions import Region
from workshop.observe.aws_clients import aws_client
from workshop.observe.live_cluster import LiveCluster
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
