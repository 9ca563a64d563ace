"""Kubernetes quantities, exactly: 200Gi, 1.5T, 500m."""

from __future__ import annotations

import re
from decimal import Decimal

from policies.framework.reading import Reading

GIB = 1024**3
_SUFFIXES = {
    "": Decimal(1),
    "m": Decimal(1).scaleb(-3),
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
}
_QUANTITY = re.compile(r"(\d{1,18}(?:\.\d{1,9})?)([KMGTPE]i|[mkMGTPE]?)")


def quantity(reading: Reading) -> Decimal:
    """The amount that a quantity stands for; a bare number counts as itself. Raises Unreadable if it is none."""
    is_number = isinstance(reading.value, (int, float)) and not isinstance(reading.value, bool)
    text = f"{reading.number():f}" if is_number else reading.text()
    match = _QUANTITY.fullmatch(text)
    if match is None:
        if text:
            reading.refuse("a quantity such as 200Gi")
        return Decimal(0)
    number, suffix = match.groups()
    return Decimal(number) * _SUFFIXES[suffix]


def gib(amount: Decimal) -> str:
    """Bytes as whole GiB for people, rounded down."""
    return f"{int(amount / GIB)} GiB"
