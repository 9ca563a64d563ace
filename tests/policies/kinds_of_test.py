"""What every policy's tests need beside a resource."""

from __future__ import annotations

from policies.exemptions import Exemption
from policies.policy import Policy
from policies.testing import TODAY, Resource


def exemption(policy: Policy, resource: Resource | str) -> Exemption:
    """One that holds today and not a day longer."""
    return Exemption(
        policy=policy.id,
        resource=resource if isinstance(resource, str) else resource.name,
        reason="a rehearsal without participants",
        owner="platform",
        expires=TODAY,
    )
