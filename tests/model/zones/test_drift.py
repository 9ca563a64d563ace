"""Where records that are there differ from those that are planned, in words."""

from __future__ import annotations

from dataclasses import replace

from tests.model.given import settings
from workshop.model.observations import ExistingRecord
from workshop.model.plan.plan import make_plan
from workshop.model.zones.drift import Drift, drift_of
from workshop.model.zones.plan import DnsPlan, PlannedRecord

PLAN = make_plan(settings()).dns
HOST = "ai.coder.com"
LB = "coder-ohio.elb.us-east-2.amazonaws.com"


def there(record: PlannedRecord) -> ExistingRecord:
    """The record as Cloudflare would have it."""
    return ExistingRecord(
        zone=record.zone,
        id="1",
        name=record.host,
        type=record.kind,
        content=record.target or "",
        ttl_seconds=record.ttl_seconds,
        is_proxied=record.is_proxied,
        comment="",
    )


FIRST, *OTHERS = (there(record) for record in PLAN.records)


def test_what_is_there_as_planned_is_no_drift() -> None:
    assert drift_of(PLAN, [replace(FIRST, content=f"{FIRST.content}."), *OTHERS]) == ()
    proxied = DnsPlan(records=tuple(replace(record, is_proxied=True) for record in PLAN.records), files=())
    assert drift_of(proxied, [there(record) for record in proxied.records]) == ()


def test_what_is_missing_is_ours() -> None:
    drift = Drift(host=HOST, what="missing", planned=f"CNAME {LB} 300", found="nothing")

    assert drift_of(PLAN, OTHERS) == (drift,)
    assert drift.is_ours


def test_what_differs_is_ours() -> None:
    planned = f"CNAME {LB} 300"
    for other, found in (
        (replace(FIRST, content="x.org."), "CNAME x.org 300"),
        (replace(FIRST, ttl_seconds=60), f"CNAME {LB} 60"),
        (replace(FIRST, is_proxied=True), f"CNAME {LB} 300 proxied"),
    ):
        (drift,) = drift_of(PLAN, [other, *OTHERS])
        assert drift == Drift(host=HOST, what="changed", planned=planned, found=found)
        assert drift.is_ours


def test_a_second_one_of_the_same_name_is_told_with_the_first() -> None:
    (drift,) = drift_of(PLAN, [FIRST, replace(FIRST, id="2", content="x.org"), *OTHERS])

    assert drift.found == f"CNAME {LB} 300; CNAME x.org 300"


def test_what_nobody_declared_is_others_and_told_in_order() -> None:
    texts = [replace(FIRST, name=name, type="TXT", content=content) for name, content in (("b.io", "1"), ("a.io", "2"))]

    found = drift_of(PLAN, [*texts, replace(texts[0], content="3"), FIRST, *OTHERS])
    assert found == (
        Drift(host="a.io", what="not declared", planned="", found="TXT 2 300"),
        Drift(host="b.io", what="not declared", planned="", found="TXT 1 300; TXT 3 300"),
    )
    assert not any(one.is_ours for one in found)


def test_a_certificates_challenge_is_nobodys_business() -> None:
    challenge = replace(FIRST, name=f"_acme-challenge.{HOST}", type="TXT")

    assert drift_of(PLAN, [challenge, FIRST, *OTHERS]) == ()
