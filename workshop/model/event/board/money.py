"""The board's money: what is spent and due, what is saved by stopping, and what costs it now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from workshop.model.event.board.document import BoardMoney
from workshop.model.event.seats import Seat
from workshop.model.event.world import EventState, Observed
from workshop.model.ledger import NodeRun, usd_per_hour
from workshop.model.plan.cost import hours
from workshop.model.plan.event import TAIL, EventPlan
from workshop.model.settings.event import Event
from workshop.model.settings.window import Window


def money_of(
    event: Event,
    plan: EventPlan,
    window: Window,
    kept: EventState,
    seen: Observed,
    runs: Iterable[NodeRun],
    states: Mapping[str, str],
) -> BoardMoney:
    """states: of seats, by their workspaces' ids."""
    bill, known = seen.bill, tuple(runs)
    spent = sum(bill.spent.values(), Decimal(0))
    open_for = min(seen.now, window.closes_at) - window.opens_at
    finishers = [seat for seat in kept.seats if _is_early(seat)]
    freed, banked = _banked(plan, kept, known, finishers)
    return BoardMoney(
        budget_usd=event.budget_usd,
        cap=event.cap,
        spent=_cents(spent),
        committed=_cents(bill.committed),
        projected=_cents(bill.projected),
        percent=int(bill.committed * 100 / event.budget_usd),
        usd_per_hour=_cents(bill.usd_per_hour),
        effective_usd_per_hour=_cents(spent / hours(open_for) if open_for.total_seconds() > 0 else Decimal(0)),
        around_the_clock_usd_per_hour=_cents(plan.usd_per_hour),
        banked=_cents(banked),
        early_finishers=len(finishers),
        freed_nodes=freed,
        usd_per_hour_by_state={state: _cents(usd) for state, usd in _by_state(plan, seen, known, states).items()},
        is_stale=bill.is_stale,
    )


def _is_early(seat: Seat) -> bool:
    own = [span.ends_at for span in seat.spans if span.hours is None]
    return seat.finished_at is not None and seat.finished_at < max(own)


def _banked(plan: EventPlan, kept: EventState, runs: Iterable[NodeRun], finishers: list[Seat]) -> tuple[int, Decimal]:
    """Nodes that ended after somebody had finished early, less those that came since: how many, and until the end."""
    since = min((seat.finished_at for seat in finishers if seat.finished_at is not None), default=None)
    if since is None:
        return 0, Decimal(0)
    own = [span.ends_at for seat in kept.seats for span in seat.spans if span.hours is None]
    gone_at = min(max(own) + TAIL, plan.gone_at)
    freed, banked = 0, Decimal(0)
    for run in runs:
        rate, ended_at = usd_per_hour(run, plan.volume_gib), min(run.ended_at or gone_at, gone_at)
        if run.launched_at > since:
            freed -= 1 if run.ended_at is None else 0
            banked -= rate * hours(max(ended_at, run.launched_at) - run.launched_at)
        elif run.ended_at is not None and since <= run.ended_at < gone_at:
            freed += 1
            banked += rate * hours(gone_at - ended_at)
    return max(freed, 0), max(banked, Decimal(0))


def _by_state(
    plan: EventPlan, seen: Observed, runs: Iterable[NodeRun], states: Mapping[str, str]
) -> Mapping[str, Decimal]:
    """Each node's rate, shared by the seats on it."""
    on_instance = {
        node.instance: node for region in seen.regions.values() if region is not None for node in region.nodes
    }
    found: dict[str, Decimal] = {}
    for run in runs:
        if run.ended_at is not None:
            continue
        rate, node = usd_per_hour(run, plan.volume_gib), on_instance.get(run.instance)
        here = [states[seat] for seat in node.seats if seat in states] if node is not None else []
        for state in here or ["others" if node is not None and node.strangers else "empty"]:
            found[state] = found.get(state, Decimal(0)) + rate / max(len(here), 1)
    unseen = seen.bill.usd_per_hour - sum(found.values(), Decimal(0))
    return {**found, "unseen": unseen} if unseen >= Decimal("0.01") else found


def _cents(usd: Decimal) -> Decimal:
    return usd.quantize(Decimal("0.01"))
