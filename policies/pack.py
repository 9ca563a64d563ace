"""The pack: every policy there is, in the order in which they judge."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pulumi_policy import Policy as CrossGuardPolicy

from policies.crossguard import crossguard
from policies.exemptions import Ledger, read_exemptions
from policies.image_parity import IMAGE_PARITY
from policies.policy import Policy
from policies.stack import stack_config
from policies.storage_headroom import STORAGE_HEADROOM

NAME = "workshop"

POLICIES: tuple[Policy, ...] = (
    IMAGE_PARITY,
    STORAGE_HEADROOM,
)


def crossguard_pack(today: date | None = None) -> list[CrossGuardPolicy]:
    """Every policy as Pulumi runs it, with the exemptions under version control. today: UTC, for their expiry."""
    ledger = Ledger(read_exemptions(), today or datetime.now(UTC).date())
    return [bound for policy in POLICIES for bound in crossguard(policy, stack_config, ledger)]
