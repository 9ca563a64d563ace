"""Every check, in the order in which results are reported."""

from __future__ import annotations

from typing import Final

from workshop.checks.aws.images import ImageDigests
from workshop.checks.aws.quotas import Ec2Quota
from workshop.checks.aws.workspace_images import WorkspaceImages
from workshop.checks.aws.zones import ZoneCapacity
from workshop.checks.check import Check
from workshop.checks.cluster.limits import Autoscalers, NamespaceQuota, WorkspaceBounds
from workshop.checks.cluster.nodes import DaemonSetOverhead, NodePoolReady, NodeStorage, PreviousNodes
from workshop.checks.cluster.other_pools import OtherPools
from workshop.checks.cluster.places import FreePlaces
from workshop.checks.cluster.queue import QueueFollowed
from workshop.checks.cluster.running_images import RunningDigests
from workshop.checks.cluster.warm import WarmNodes
from workshop.checks.coder.event import EventProvisioners, EventTemplate
from workshop.checks.coder.licence import ApiRateLimit, LicenceLasts
from workshop.checks.coder.provisioners import NoBacklog, ProvisionersIdle
from workshop.checks.coder.proxies import ProxiesHealthy, SubdomainApps
from workshop.checks.coder.smoke_workspace import SmokeWorkspace
from workshop.checks.coder.template_images import TemplateImagesPulled
from workshop.checks.coder.templates import TemplatesLast, WorkspacesLast
from workshop.checks.gate import GateClean, NoDrift, StackInSync
from workshop.checks.hosts import HostsResolve, TlsLifetime
from workshop.checks.identity import Identity
from workshop.checks.litellm import LiteLLMKey, LiteLLMKeyLasts, LiteLLMKeyLimits, LiteLLMPods, LiteLLMReady
from workshop.checks.monitoring import AlertDelivered, RulesLoaded, TargetsUp

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
    WarmNodes(),
    FreePlaces(),
    NamespaceQuota(),
    Autoscalers(),
    QueueFollowed(),
    WorkspaceBounds(),
    ZoneCapacity(),
    WorkspaceImages(),
    ProxiesHealthy(),
    SubdomainApps(),
    ProvisionersIdle(),
    NoBacklog(),
    TemplatesLast(),
    WorkspacesLast(),
    TemplateImagesPulled(),
    EventTemplate(),
    EventProvisioners(),
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
