"""A success metric: what it is called, its target, what was measured, and of what that was made."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from workshop.model.report.section import Part

NOT_MEASURED: Final = "not measured"


class Group(StrEnum):
    """As the documents group them."""

    STABILITY = "platform stability"
    QUALITY = "workshop quality"
    OPERATIONS = "operations"
    INSTRUCTOR = "the instructor's"


class Metric(Part):
    """id: the same in every report. value: in words. number: to compare with, in the target's unit.

    number, is_met: None where it was not measured. source: what it was made of, or why it was not measured.
    """

    id: str
    group: Group
    name: str
    target: str
    value: str
    number: float | None
    is_met: bool | None
    source: str


def metric(
    group: Group,
    id_: str,
    name: str,
    target: str,
    number: float | None,
    unit: str = "",
    *,
    is_met: bool = False,
    source: str,
) -> Metric:
    """One metric. number: None where it was not measured; is_met then does not matter."""
    rounded = None if number is None else round(number, 1)
    return Metric(
        id=id_,
        group=group,
        name=name,
        target=target,
        value=NOT_MEASURED if rounded is None else f"{rounded:g}{unit}",
        number=rounded,
        is_met=None if rounded is None else is_met,
        source=source,
    )
