"""What the parts of a report have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Part(BaseModel):
    """A part of the document: it can't be changed, and has no key that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _cents(value: object) -> object:
    return value.quantize(Decimal("0.01")) if isinstance(value, Decimal) else value


Usd = Annotated[Decimal, BeforeValidator(_cents)]
"""Money in whole cents."""


def moments(changes: Sequence[datetime], most: int) -> tuple[datetime, ...]:
    """Those at which something changed, in order; of more than so many, as many at even distances."""
    if len(changes) <= most:
        return tuple(changes)
    first, whole = changes[0], changes[-1] - changes[0]
    return tuple((first + whole * place / (most - 1)).replace(microsecond=0) for place in range(most))


def percentile(values: Iterable[float], percent: int) -> float | None:
    """The smallest value that so many percent of them do not exceed; None of none."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1] if ordered else None


def percent_of(part: int, whole: int) -> float | None:
    """In percent, to one decimal; None of nothing."""
    return round(part * 100 / whole, 1) if whole else None
