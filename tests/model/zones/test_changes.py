"""Which records are ours to compare with the plan, and when they are compared."""

from __future__ import annotations

from dataclasses import replace

from tests.dns.bad_changes import existing
from tests.model.given import NO_ANSWER, findings, found, observe, settings
from workshop.model.plan.plan import make_plan
from workshop.model.settings.stack import Settings
from workshop.model.zones.changes import Before, ours_among


def test_records_are_compared_where_they_are_known_and_declared() -> None:
    def changes(given: Settings, **answers: object) -> set[str]:
        observations = replace(observe(given), **answers)  # pyright: ignore[reportArgumentType] names of its own fields
        return {one.rule for one in findings(given, make_plan(given), observations)}

    elsewhere = Before(zone="coder.com", host="ai.coder.com", target="x.org", ttl_seconds=3600)
    there = found((existing(elsewhere),))
    assert "zone-changes" in changes(settings(), records=there)
    assert changes(settings(scope="registry"), records=there) == set()
    assert changes(settings(), records=NO_ANSWER) == {"adoption"}


def test_ours_are_marked_or_adopted() -> None:
    given = settings(adopt={"us-east-2-host": "0123456789abcdef0123456789abcdef/r1", "a.coderdemo.io": "1/r2"})
    marked = replace(
        existing(Before(zone="coder.com", host="a.coder.com", target="LB.example.com.", ttl_seconds=60)), id="r9"
    )
    adopted = replace(marked, name="b.coder.com", id="r1", comment="theirs")
    of_another_zone = replace(adopted, zone="coderdemo.io", id="r2")

    told = ours_among([marked, adopted, of_another_zone], given)
    assert told == (
        Before(zone="coder.com", host="a.coder.com", target="lb.example.com", ttl_seconds=60),
        Before(zone="coder.com", host="b.coder.com", target="lb.example.com", ttl_seconds=60),
    )
    assert [one.is_retiring for one in told] == [None, None]
