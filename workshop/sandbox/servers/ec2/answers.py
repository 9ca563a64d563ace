"""What moto lacks, as AWS documents it: prices, what is empty in an account without any, and parameters for images."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.sandbox.json_values import Json

SPOT_SHARE: Final = Decimal("0.35")
"""Of the price on demand: made up, since spot prices are AWS's secret until it asks for them."""

_METAL: Final = 12
_WITH_METAL: Final = ("c6a", "m6a")
"""Families with a size metal, of which 4xlarge is a twelfth, as is its price (Amazon EC2 pricing)."""

_NAMESPACE: Final = "http://ec2.amazonaws.com/doc/2016-11-15/"


def products(body: Mapping[str, Json]) -> Json:
    """GetProducts of the Price List API: Linux on demand in a region, shared or, for metal, dedicated."""
    wanted = {one["Field"]: one["Value"] for one in body["Filters"]}
    is_metal = wanted.get("tenancy") == "Dedicated"
    return {
        "FormatVersion": "aws_v1",
        "PriceList": [json.dumps(_product(*each)) for each in _prices(str(wanted["regionCode"]), is_metal=is_metal)],
    }


def _prices(region: str, *, is_metal: bool) -> Iterator[tuple[str, Decimal]]:
    for name, found in INSTANCE_TYPES.items():
        family, _, size = name.partition(".")
        if region not in found.usd_per_hour:
            continue
        if not is_metal:
            yield name, found.usd_per_hour[region]
        elif size == "4xlarge" and family in _WITH_METAL:
            yield f"{family}.metal", _METAL * found.usd_per_hour[region]


def _product(name: str, usd_per_hour: Decimal) -> Json:
    price = {"unit": "Hrs", "pricePerUnit": {"USD": str(usd_per_hour)}}
    return {
        "product": {"productFamily": "Compute Instance", "attributes": {"instanceType": name}},
        "terms": {"OnDemand": {"term": {"priceDimensions": {"dimension": price}}}},
    }


def spot_prices(region: str) -> str:
    """DescribeSpotPriceHistory: one price a type and zone."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    items = "".join(
        f"<item><instanceType>{name}</instanceType><productDescription>Linux/UNIX</productDescription>"
        f"<spotPrice>{SPOT_SHARE * found.usd_per_hour[region]:.6f}</spotPrice><timestamp>{now}</timestamp>"
        f"<availabilityZone>{zone}</availabilityZone></item>"
        for name, found in INSTANCE_TYPES.items()
        if region in found.usd_per_hour
        for zone in sorted(ZONES[region])
    )
    return _document("DescribeSpotPriceHistory", f"<spotPriceHistorySet>{items}</spotPriceHistorySet>")


def empty(action: str, members: str) -> str:
    """Of a Describe action that finds nothing. members: what the list is called."""
    return _document(action, f"<{members}/>")


def image_parameter(name: str, version: str, image: str) -> Json | None:
    """GetParameter for a public image of AWS's, of one version for x86-64; None for any other."""
    if not (name.startswith("/aws/service/") and "/x86_64/" in name and version in name) or "nvidia" in name:
        return None
    return {"Parameter": {"Name": name, "Type": "String", "Value": image, "Version": 1, "DataType": "text"}}


def _document(action: str, content: str) -> str:
    return f'<{action}Response xmlns="{_NAMESPACE}"><requestId>sandbox</requestId>{content}</{action}Response>'
