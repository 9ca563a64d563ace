"""What a node pool can cost: its limit filled with the dearest of its instance types."""

from __future__ import annotations

from decimal import Decimal

from policies.framework.policy import Declared
from policies.framework.quantities import quantity
from policies.framework.reading import Unreadable
from policies.resources.instance_labels import INSTANCE_TYPE, ZONE
from policies.resources.node_pools import allowed_values, requirements
from policies.resources.pool_limits import static_nodes
from workshop.model.instances import INSTANCE_TYPES


def usd_per_hour_at_limit(declared: Declared) -> Decimal:
    """USD an hour for nodes alone. Raises Unreadable where a limit, type, zone or price is not known."""
    found, replicas = requirements(declared), static_nodes(declared)
    limit = quantity(declared.props.member("spec", "limits", "cpu")) if replicas is None else Decimal(0)
    types = _named(allowed_values(found, INSTANCE_TYPE), INSTANCE_TYPE)
    regions = {zone[:-1] for zone in _named(allowed_values(found, ZONE), ZONE)}
    if replicas is not None:
        most = declared.props.optional("spec", "limits", "nodes")
        nodes = max(Decimal(replicas.integer()), quantity(most) if most else Decimal(0))
        return max(_price(name, region) * nodes for name in types for region in regions)
    return max(_price(name, region) * limit / INSTANCE_TYPES[name].vcpu for name in types for region in regions)


def _named(values: frozenset[str] | None, key: str) -> frozenset[str]:
    if not values:
        raise Unreadable(
            "missing",
            "spec.template.spec.requirements",
            f"no requirement names values of {key}",
            f"require {key} In [...]",
        )
    return values


def _price(name: str, region: str) -> Decimal:
    known = INSTANCE_TYPES.get(name)
    price = known.usd_per_hour.get(region) if known else None
    if price is None:
        path = "spec.template.spec.requirements"
        raise Unreadable(
            "missing",
            path,
            f"no price is known for {name} in {region}",
            f"remove {name}, or add its price to the catalogue with its source",
        )
    return price
