"""Kubernetes quantities, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from policies.framework.quantities import GIB, gib, quantity
from policies.framework.reading import Reading, Unreadable, describe


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("200Gi", 200 * 1024**3),
        ("1Ki", 1024),
        ("1Mi", 1024**2),
        ("1Ti", 1024**4),
        ("1Pi", 1024**5),
        ("1Ei", 1024**6),
        ("1k", 1000),
        ("1M", 10**6),
        ("200G", 200 * 10**9),
        ("1T", 10**12),
        ("1P", 10**15),
        ("1E", 10**18),
        ("500m", Decimal("0.5")),
        ("1.5Gi", 1536 * 1024**2),
        ("80", 80),
        (80.0, 80),
        (3, 3),
    ],
)
def test_quantities_count_exactly(written: object, amount: object) -> None:
    assert quantity(Reading(written, "q")) == amount


@pytest.mark.parametrize("written", [-1, 1e30, "200GB", "gi", "-1Gi", "1e3", "1 Gi", "Gi", "1.Gi", "²Gi", "9" * 19])
def test_what_is_no_quantity_is_refused(written: object) -> None:
    with pytest.raises(Unreadable) as raised:
        quantity(Reading(written, "q"))

    assert raised.value.fault == "wrong type"
    assert raised.value.problem == f"q is {describe(written)}, must be a quantity such as 200Gi"


def test_a_truth_value_is_no_quantity() -> None:
    with pytest.raises(Unreadable, match="q is true, must be text"):
        quantity(Reading(True, "q"))


def test_gib_round_down() -> None:
    assert GIB == 1_073_741_824
    assert gib(Decimal(44 * GIB + GIB - 1)) == "44 GiB"
