"""A Karpenter NodePool as policies read it: its requirements, taken together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from policies.framework.policy import Declared
from policies.framework.reading import Reading, Unreadable

CAPACITY_TYPE: Final = "karpenter.sh/capacity-type"
INSTANCE_TYPE: Final = "node.kubernetes.io/instance-type"
ZONE: Final = "topology.kubernetes.io/zone"
ARCHITECTURE: Final = "kubernetes.io/arch"
OPERATING_SYSTEM: Final = "kubernetes.io/os"

WITH_VALUES: Final = ("In", "NotIn", "Gt", "Lt", "Gte", "Lte")
OPERATORS: Final = (*WITH_VALUES, "Exists", "DoesNotExist")


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One condition on nodes. path: where it stands."""

    key: str
    operator: str
    values: tuple[str, ...]
    path: str


def requirements(declared: Declared) -> tuple[Requirement, ...]:
    """All of a pool's requirements. Raises Unreadable."""
    return tuple(
        _requirement(item) for item in declared.props.member("spec", "template", "spec", "requirements").items()
    )


def _requirement(reading: Reading) -> Requirement:
    operator = reading.member("operator").text()
    if operator not in OPERATORS:
        path = f"{reading.path}.operator"
        raise Unreadable("wrong type", path, f"{path} is '{operator}', must be one of {', '.join(OPERATORS)}")
    return Requirement(
        key=reading.member("key").text(),
        operator=operator,
        values=reading.member("values").texts() if operator in WITH_VALUES else (),
        path=reading.path,
    )


def allowed_values(found: Sequence[Requirement], key: str) -> frozenset[str] | None:
    """Values of a key that every requirement lets pass; None where no `In` names any."""
    allowed: frozenset[str] | None = None
    for one in found:
        if one.key == key and one.operator == "In":
            values = frozenset(one.values)
            allowed = values if allowed is None else allowed & values
    if allowed is None:
        return None
    return allowed - {value for one in found if one.key == key and one.operator == "NotIn" for value in one.values}


def contradictions(found: Sequence[Requirement]) -> Iterator[str]:
    """Keys whose requirements no node can meet."""
    for key in sorted({one.key for one in found}):
        operators = {one.operator for one in found if one.key == key}
        is_absent = "DoesNotExist" in operators and bool(operators - {"DoesNotExist", "NotIn"})
        if allowed_values(found, key) == frozenset() or is_absent or _bounds_exclude(found, key):
            yield key


def _bounds_exclude(found: Sequence[Requirement], key: str) -> bool:
    """Whether number bounds leave no whole number, or none of the listed ones."""
    low, high = 0, math.inf
    for one in found:
        if one.key == key and one.operator in ("Gt", "Gte", "Lt", "Lte"):
            bound = _whole(one)
            if one.operator in ("Gt", "Gte"):
                low = max(low, bound + (one.operator == "Gt"))
            else:
                high = min(high, bound - (one.operator == "Lt"))
    values = allowed_values(found, key)
    if values is None:
        return low > high
    numbers = [int(value) for value in values if value.isdecimal()]
    return bool(numbers) and not any(low <= number <= high for number in numbers)


def _whole(requirement: Requirement) -> int:
    value, path = requirement.values[0], f"{requirement.path}.values"
    if len(requirement.values) != 1 or not value.isdecimal() or len(value) > 18:  # fits 64 bits
        raise Unreadable("wrong type", path, f"{path} is {list(requirement.values)}, must be one whole number")
    return int(value)
