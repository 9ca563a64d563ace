"""What the keeper remembers, as its decisions need it: records of the store and spans of the plan, put together."""

from __future__ import annotations

from workshop.event.records import Records, SeatRecord
from workshop.model.event.extensions import extended
from workshop.model.event.seats import Seat, Span, own_spans, regions_of_seats
from workshop.model.event.world import Ending, Kept
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings


def remember(records: Records, settings: Settings) -> Kept:
    """All that is kept of the event. Raises ValueError where the settings have no event or window."""
    event, window, plan = given(settings.event), given(settings.window), given(plan_event(settings))
    whole, extensions, found = records.event(), records.extensions(), records.seats()
    spans = own_spans(event, plan, window, whole.provisioned_at)
    regions = regions_of_seats(settings.regions, max((one.seat for one in found), default=0))
    seats = tuple(
        _seat(one, regions[one.seat - 1] if event.region_parameter else "", extended(spans, one.seat, extensions))
        for one in found
    )
    ending = None if whole.ended_at is None else Ending(at=whole.ended_at, reason=whole.reason or "")
    return Kept(
        seats=seats,
        receipts={receipt.seat: receipt for receipt in records.receipts()},
        notices=records.notices(),
        ended_claims=records.ended_claims(),
        ending=ending,
        settled_at=whole.settled_at,
        accounts=frozenset(one.account for one in found if one.account and one.is_ours),
        banned=frozenset(one.account for one in found if one.account and one.is_banned),
    )


def _seat(record: SeatRecord, region: str, spans: tuple[Span, ...]) -> Seat:
    return Seat(
        number=record.seat,
        owner=record.account,
        spans=spans,
        region=region,
        is_wanted=record.is_wanted,
        finished_at=record.finished_at,
        failures=record.failures,
        workspace_id=record.workspace_id,
        ready_build=record.ready_build,
        save_wanted_at=record.save_wanted_at,
    )
