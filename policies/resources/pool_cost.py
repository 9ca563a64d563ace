"""What a node pool can cost: its limit filled with the dearest of its instance types."""

from __future__ import annotations

from decimal import Decimal

from policies.framework.policy import Declared
from policies.framework.quantities import quantity
from policies.framework.reading import Unreadable
from policies.resources.node_pools import INSTANCE_TYPE, ZONE, allowed_values, requirements
from workshop.model.instances import INSTANCE_TYPES


def usd_per_hour_at_limit(declared: Declared) -> Decimal:
    """USD an hour for nodes alone. Raises Unreadable where a limit, type, zone or price is not known."""
    found = requirements(declared)
    types = _named(allowed_values(found, INSTANCE_TYPE), INSTANCE_TYPE)
    regions = {zone[:-1] for zone in _named(allowed_values(found, ZONE), ZONE)}
    limit = quantity(declared.props.member("spec", "limits", "cpu"))
    return max(_price(name, region) * limit / INSTANCE_TYPES[name].vcpu for name in types for region in regions)


def _named(values: frozenset[str] | None, key: str) -> frozenset[str]:
    if not values:
        raise Unreadable("missing", "spec.template.spec.requirements", f"no requirement names values of {key}")
    return values


def _price(name: str, region: str) -> Decimal:
    known = INSTANCE_TYPES.get(name)
    price = known.usd_per_hour.get(region) if known else None
    if price is None:
        path = "spec.template.spec.requirements"
        raise Unreadable("missing", path, f"no price is known for {name} in {region}")
    return price
