"""The pack: every policy there is, in the order in which they judge."""

from __future__ import annotations

from datetime import UTC, date, datetime

from pulumi_policy import Policy as CrossGuardPolicy

from policies.ami_pinned import AMI_PINNED
from policies.credentials_in_clear import CREDENTIALS_IN_CLEAR
from policies.density import DENSITY
from policies.disruption_window import DISRUPTION_WINDOW
from policies.dns_records import DNS_RECORDS
from policies.door_rights import DOOR_RIGHTS
from policies.drift_while_live import DRIFT_WHILE_LIVE
from policies.ephemeral_device import EPHEMERAL_DEVICE
from policies.expected_resources import EXPECTED_RESOURCES
from policies.framework.policy import Policy
from policies.image_parity import IMAGE_PARITY
from policies.image_pinned import IMAGE_PINNED
from policies.instance_metadata import INSTANCE_METADATA
from policies.judged_kinds import judged_kinds
from policies.keeper_rights import KEEPER_RIGHTS
from policies.least_privilege import LEAST_PRIVILEGE
from policies.node_class_selection import NODE_CLASS_SELECTION
from policies.node_class_volumes import NODE_CLASS_VOLUMES
from policies.node_requirements import NODE_REQUIREMENTS
from policies.pack.crossguard import Session, crossguard
from policies.pack.exemptions import Ledger, exemption_policies, read_ledger
from policies.pack.stack import stack_config
from policies.queue_scaling import QUEUE_SCALING
from policies.registry_rights import REGISTRY_RIGHTS
from policies.registry_settings import REGISTRY_SETTINGS
from policies.release_safety import RELEASE_SAFETY
from policies.replica_bounds import REPLICA_BOUNDS
from policies.replica_floor import REPLICA_FLOOR
from policies.rotation_held import ROTATION_HELD
from policies.saved_work import SAVED_WORK
from policies.spend_ceiling import SPEND_CEILING
from policies.spend_estimate import SPEND_ESTIMATE
from policies.storage_headroom import STORAGE_HEADROOM
from policies.user_data import USER_DATA
from policies.users_ceiling import USERS_CEILING
from policies.window_phase import WINDOW_PHASE
from policies.workspace_bounds import WORKSPACE_BOUNDS
from policies.zone_spread import ZONE_SPREAD

_POLICIES: tuple[Policy, ...] = (
    STORAGE_HEADROOM,
    EPHEMERAL_DEVICE,
    IMAGE_PARITY,
    IMAGE_PINNED,
    REPLICA_FLOOR,
    REPLICA_BOUNDS,
    QUEUE_SCALING,
    USERS_CEILING,
    NODE_REQUIREMENTS,
    NODE_CLASS_VOLUMES,
    NODE_CLASS_SELECTION,
    AMI_PINNED,
    DENSITY,
    USER_DATA,
    INSTANCE_METADATA,
    WINDOW_PHASE,
    DISRUPTION_WINDOW,
    ROTATION_HELD,
    DRIFT_WHILE_LIVE,
    DNS_RECORDS,
    REGISTRY_SETTINGS,
    SPEND_CEILING,
    SPEND_ESTIMATE,
    RELEASE_SAFETY,
    CREDENTIALS_IN_CLEAR,
    LEAST_PRIVILEGE,
    KEEPER_RIGHTS,
    REGISTRY_RIGHTS,
    DOOR_RIGHTS,
    SAVED_WORK,
    WORKSPACE_BOUNDS,
    EXPECTED_RESOURCES,
    ZONE_SPREAD,
)
POLICIES = (*_POLICIES, judged_kinds(_POLICIES))


def with_exemptions(ledger: Ledger) -> tuple[Policy, ...]:
    """All policies, and last those that judge the exemptions from them."""
    return (*POLICIES, *exemption_policies(ledger, frozenset(policy.id for policy in POLICIES)))


def crossguard_pack(today: date | None = None) -> list[CrossGuardPolicy]:
    """Every policy as Pulumi runs it, with the exemptions under version control. today: UTC, for their expiry."""
    session = Session(stack_config, read_ledger(today or datetime.now(UTC).date()))
    return [bound for policy in with_exemptions(session.ledger) for bound in crossguard(policy, session)]
