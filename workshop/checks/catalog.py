"""Every check, in the order in which results are reported."""

from __future__ import annotations

from typing import Final

from workshop.checks.check import Check
from workshop.checks.gate import GateClean, NoDrift, StackInSync
from workshop.checks.hosts import HostsResolve, TlsLifetime
from workshop.checks.identity import Identity
from workshop.checks.images import ImageDigests
from workshop.checks.licence import ApiRateLimit, LicenceLasts
from workshop.checks.limits import Autoscalers, NamespaceQuota
from workshop.checks.litellm import LiteLLMKey, LiteLLMKeyLasts, LiteLLMKeyLimits, LiteLLMPods, LiteLLMReady
from workshop.checks.monitoring import AlertDelivered, RulesLoaded, TargetsUp
from workshop.checks.nodes import DaemonSetOverhead, NodePoolReady, NodeStorage, PreviousNodes
from workshop.checks.other_pools import OtherPools
from workshop.checks.places import FreePlaces
from workshop.checks.provisioners import NoBacklog, ProvisionersIdle
from workshop.checks.proxies import ProxiesHealthy, SubdomainApps
from workshop.checks.quotas import Ec2Quota
from workshop.checks.running_images import RunningDigests
from workshop.checks.smoke_workspace import SmokeWorkspace
from workshop.checks.templates import TemplatesLast, WorkspacesLast
from workshop.checks.workspace_images import WorkspaceImages
from workshop.checks.zones import ZoneCapacity

CHECKS: Final[tuple[Check, ...]] = (
    Identity(),
    ImageDigests(),
    LiteLLMReady(),
    LiteLLMKey(),
    Ec2Quota(),
    PreviousNodes(),
    HostsResolve(),
    TlsLifetime(),
    GateClean(),
    NoDrift(),
    StackInSync(),
    RunningDigests(),
    NodePoolReady(),
    OtherPools(),
    NodeStorage(),
    DaemonSetOverhead(),
    FreePlaces(),
    NamespaceQuota(),
    Autoscalers(),
    ZoneCapacity(),
    WorkspaceImages(),
    ProxiesHealthy(),
    SubdomainApps(),
    ProvisionersIdle(),
    NoBacklog(),
    TemplatesLast(),
    WorkspacesLast(),
    LicenceLasts(),
    ApiRateLimit(),
    LiteLLMPods(),
    LiteLLMKeyLasts(),
    LiteLLMKeyLimits(),
    TargetsUp(),
    RulesLoaded(),
    AlertDelivered(),
    SmokeWorkspace(),
)
