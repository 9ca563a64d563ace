"""The stack's outputs: the plan's figures, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any, cast

from workshop.model.plan.plan import Plan

_LEFT_OUT = {"dns"}
"""Its records are resources of their own; hosts are listed by region."""


def stack_exports(plan: Plan) -> dict[str, Any]:
    """Phase, users, replicas, cost, and by region provisioners, hosts and nodes; numbers with at most four places."""
    return {name: _plain(value) for name, value in asdict(plan).items() if name not in _LEFT_OUT}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return round(float(value), 4)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in cast("Mapping[str, object]", value).items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    return value
