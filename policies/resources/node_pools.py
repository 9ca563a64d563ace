"""A Karpenter NodePool as Karpenter reads it: its requirements, taken together, and the instance types that are left.

Source: kubernetes-sigs/karpenter v1.14.1, pkg/scheduling/requirement.go and requirements.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

from policies.framework.policy import Declared
from policies.framework.reading import Reading, wrong
from policies.resources.instance_labels import INSTANCE_TYPE, REGION, ZONE, labels_of
from workshop.model.instances import INSTANCE_TYPES, ZONES

CAPACITY_TYPE: Final = "karpenter.sh/capacity-type"
ARCHITECTURE: Final = "kubernetes.io/arch"
OPERATING_SYSTEM: Final = "kubernetes.io/os"

WITH_VALUES: Final = ("In", "NotIn", "Gt", "Lt", "Gte", "Lte")
OPERATORS: Final = (*WITH_VALUES, "Exists", "DoesNotExist")
ALIASES: Final[Mapping[str, str]] = {
    "beta.kubernetes.io/arch": ARCHITECTURE,
    "beta.kubernetes.io/os": OPERATING_SYSTEM,
    "beta.kubernetes.io/instance-type": INSTANCE_TYPE,
    "failure-domain.beta.kubernetes.io/zone": ZONE,
    "failure-domain.beta.kubernetes.io/region": REGION,
}
"""Keys that Karpenter takes for others (pkg/apis/v1/labels.go, NormalizedLabels)."""


@dataclass(frozen=True, kw_only=True)
class Values:
    """Which values of a key hold: the listed ones, or all others within bounds. min_values: how many there must be."""

    listed: frozenset[str]
    is_complement: bool = False
    low: int | None = None
    high: int | None = None
    min_values: int | None = None

    def allows(self, value: str) -> bool:
        """Whether this value holds. With bounds only whole numbers do."""
        if (value in self.listed) == self.is_complement:
            return False
        if self.low is None and self.high is None:
            return True
        number = int(value) if value.isdecimal() else -1
        return number >= max(self.low or 0, 0) and (self.high is None or number <= self.high)

    def meets(self, other: Values) -> Values:
        """What both let pass."""
        low = max((one for one in (self.low, other.low) if one is not None), default=None)
        high = min((one for one in (self.high, other.high) if one is not None), default=None)
        min_values = max((one for one in (self.min_values, other.min_values) if one is not None), default=None)
        if self.is_complement and other.is_complement:
            return Values(
                listed=self.listed | other.listed, is_complement=True, low=low, high=high, min_values=min_values
            )
        listed = other.listed if self.is_complement else self.listed
        kept = frozenset(value for value in listed if self.allows(value) and other.allows(value))
        return Values(listed=kept, min_values=min_values)

    @property
    def is_nothing(self) -> bool:
        """Whether no value holds, so that the key must be absent."""
        if self.is_complement:
            return self.high is not None and max(self.low or 0, 0) > self.high
        return not self.listed

    @property
    def excludes_only(self) -> bool:
        """Whether a node without the key holds, too."""
        return self.is_nothing or (self.is_complement and bool(self.listed))


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One condition on nodes. key: as Karpenter takes it; path: where it stands."""

    key: str
    operator: str
    values: tuple[str, ...]
    path: str
    reading: Reading
    min_values: int | None = None

    @property
    def allowed(self) -> Values:
        """Which values of the key it lets pass. Raises Unreadable where a bound is none."""
        listed = frozenset(self.values)
        match self.operator:
            case "In":
                return Values(listed=listed, min_values=self.min_values)
            case "NotIn":
                return Values(listed=listed, is_complement=True, min_values=self.min_values)
            case "Exists":
                return Values(listed=frozenset(), is_complement=True, min_values=self.min_values)
            case "DoesNotExist":
                return Values(listed=frozenset())
            case _:
                bound = _whole(self)
        low = bound + (self.operator == "Gt") if self.operator in ("Gt", "Gte") else None
        high = bound - (self.operator == "Lt") if self.operator in ("Lt", "Lte") else None
        return Values(listed=frozenset(), is_complement=True, low=low, high=high, min_values=self.min_values)


def requirements(declared: Declared) -> tuple[Requirement, ...]:
    """All of a pool's requirements. Raises Unreadable."""
    return tuple(
        _requirement(item) for item in declared.props.member("spec", "template", "spec", "requirements").items()
    )


def _requirement(reading: Reading) -> Requirement:
    operator, key = reading.member("operator").text(), reading.member("key").text()
    if operator not in OPERATORS:
        problem = wrong(f"{reading.path}.operator", f"'{operator}'", f"one of {', '.join(OPERATORS)}")
        reading.member("operator").give_up(problem)
        operator = "Exists"
    minimum = reading.optional("minValues")
    found = reading.optional("values")
    values = found.items() if found else ()
    if found is None and operator in WITH_VALUES:
        reading.member("values")
    return Requirement(
        key=ALIASES.get(key, key),
        operator=operator,
        # An empty value is one that bare metal has as its hypervisor.
        values=tuple("" if value.value == "" else value.text() for value in values),
        path=reading.path,
        reading=reading,
        min_values=minimum.integer() if minimum else None,
    )


def _whole(requirement: Requirement) -> int:
    value, path = next(iter(requirement.values), ""), f"{requirement.path}.values"
    if len(requirement.values) != 1 or not value.isdecimal() or len(value) > 18:  # fits 64 bits
        requirement.reading.give_up(wrong(path, f"{list(requirement.values)}", "one whole number"))
        return 0
    return int(value)


def together(found: Sequence[Requirement]) -> Mapping[str, Values]:
    """What all requirements on each key let pass. Raises Unreadable."""
    return {
        key: reduce(Values.meets, (one.allowed for one in found if one.key == key))
        for key in sorted({one.key for one in found})
    }


def allowed_values(found: Sequence[Requirement], key: str) -> frozenset[str] | None:
    """Values of a key that every requirement lets pass; None where no `In` names any."""
    values = together([one for one in found if one.key == key]).get(key)
    return None if values is None or values.is_complement else values.listed


def contradictions(found: Sequence[Requirement]) -> Iterator[str]:
    """Keys whose requirements no node can meet."""
    for key, values in together(found).items():
        operators = {one.operator for one in found if one.key == key}
        if values.is_nothing and operators - {"DoesNotExist", "NotIn"}:
            yield key


def types_left(found: Sequence[Requirement], region: str | None = None) -> tuple[str, ...]:
    """The catalogue's instance types that meet all requirements in some region, or in the one that is given."""
    wanted = together(found)
    zones = allowed_values(found, ZONE) or frozenset()
    regions = [region] if region else sorted(ZONES.keys() | {zone[:-1] for zone in zones})
    return tuple(
        name
        for name in INSTANCE_TYPES
        if any(all(_holds(values, key, name, one, zones) for key, values in wanted.items()) for one in regions)
    )


def _holds(values: Values, key: str, name: str, region: str, zones: frozenset[str]) -> bool:
    """Whether a type in a region has a value that holds. Labels of one's own, and zone ids, are not a type's."""
    labels = labels_of(name, region, ZONES.get(region) or {zone for zone in zones if zone[:-1] == region})
    if key not in labels:
        return True
    return any(values.allows(value) for value in labels[key]) or (not labels[key] and values.excludes_only)


def too_few_values(
    found: Sequence[Requirement], left: Sequence[str], region: str | None = None
) -> Iterator[tuple[str, int, frozenset[str]]]:
    """Keys of which the types that are left have fewer values than minValues wants, with it and the values.

    Zones and regions are a cluster's, and are not counted where its region is not known.
    """
    unknown = () if region else (ZONE, REGION)
    labels = [labels_of(name, region or "", ZONES.get(region or "", ())) for name in left]
    for key, values in together(found).items():
        have = frozenset(value for one in labels for value in one.get(key, ()))
        is_counted = key not in unknown and (not labels or key in labels[0])
        if values.min_values is not None and is_counted and len(have) < values.min_values:
            yield key, values.min_values, have
