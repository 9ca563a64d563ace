"""Every check, in the order in which results are told."""

from __future__ import annotations

from typing import Final

from workshop.checks.check import Check
from workshop.checks.gate import GateClean, NoDrift, StackInSync
from workshop.checks.hosts import HostsResolve, TlsLifetime
from workshop.checks.identity import Identity
from workshop.checks.proxies import ProxiesHealthy, SubdomainApps

CHECKS: Final[tuple[Check, ...]] = (
    Identity(),
    HostsResolve(),
    TlsLifetime(),
    GateClean(),
    NoDrift(),
    StackInSync(),
    ProxiesHealthy(),
    SubdomainApps(),
)
