"""Preflight's checks, again and again: what each says now, and since when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from workshop.checks.aws.images import ImageDigests
from workshop.checks.aws.workspace_images import WorkspaceImages
from workshop.checks.check import Check, RegionCheck
from workshop.checks.cluster.limits import Autoscalers, NamespaceQuota
from workshop.checks.cluster.nodes import NodePoolReady, PreviousNodes
from workshop.checks.cluster.other_pools import OtherPools
from workshop.checks.cluster.places import FreePlaces
from workshop.checks.cluster.running_images import RunningDigests
from workshop.checks.cluster.warm import WarmNodes
from workshop.checks.coder.licence import ApiRateLimit, LicenceLasts
from workshop.checks.coder.proxies import ProxiesHealthy, SubdomainApps
from workshop.checks.coder.templates import TemplatesLast, WorkspacesLast
from workshop.checks.hosts import HostsResolve, TlsLifetime
from workshop.checks.litellm import LiteLLMKey, LiteLLMKeyLasts, LiteLLMKeyLimits, LiteLLMPods, LiteLLMReady
from workshop.checks.run import run_checks
from workshop.checks.site import Site
from workshop.exporter.watch.sample import Sample, Samples
from workshop.model.preflight.record import Verdict
from workshop.model.settings.regions import Region

OF_CLUSTER: Final[tuple[RegionCheck, ...]] = (
    PreviousNodes(),
    RunningDigests(),
    NodePoolReady(),
    OtherPools(),
    WarmNodes(),
    FreePlaces(),
    NamespaceQuota(),
    Autoscalers(),
    LiteLLMPods(),
)
"""Each cluster's exporter looks at its own."""

OF_STACK: Final[tuple[Check, ...]] = (
    ImageDigests(),
    WorkspaceImages(),
    LiteLLMReady(),
    LiteLLMKey(),
    LiteLLMKeyLasts(),
    LiteLLMKeyLimits(),
    HostsResolve(),
    TlsLifetime(),
    ProxiesHealthy(),
    SubdomainApps(),
    TemplatesLast(),
    WorkspacesLast(),
    LicenceLasts(),
    ApiRateLimit(),
)
"""The control plane's looks at these too. What is meant for the time before the event is not among them."""

NUMBERS: Final = {Verdict.GO: 0, Verdict.WARNING: 1, Verdict.NO_GO: 2, Verdict.INCONCLUSIVE: 3}


class Verdicts:
    """Remembers since when a check has said what it says."""

    def __init__(self, site: Callable[[], Site], region: Region, of_stack: Sequence[Check]) -> None:
        self._site = site
        self._region = region
        self._of_stack = of_stack
        self._since: dict[tuple[str, str], tuple[Verdict, float]] = {}

    def ask(self) -> Samples:
        """Runs the checks. What an upstream does not answer makes its check inconclusive."""
        site = self._site()
        here = replace(site, settings=site.settings.model_copy(update={"regions": (self._region,)}))
        samples: list[Sample] = []
        for result in (*run_checks(OF_CLUSTER, here), *run_checks(self._of_stack, site)):
            place = (result.check, result.region)
            before, since = self._since.get(place, (None, 0.0))
            if before is not result.verdict:
                since = site.now.timestamp()
                self._since[place] = (result.verdict, since)
            labels = {"check": result.check, "region": result.region}
            samples.append(Sample("workshop_check_verdict", NUMBERS[result.verdict], labels))
            samples.append(Sample("workshop_check_since_timestamp_seconds", since, labels))
        return tuple(samples)
