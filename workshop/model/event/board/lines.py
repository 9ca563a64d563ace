"""The board in lines of text, the same in the terminal and in the browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from workshop.model.counting import counted, elapsed
from workshop.model.event.board.document import Board, BoardNode, BoardSeat, Presence
from workshop.model.window.phases import moment

OLD: Final = timedelta(minutes=2)
"""A board of which nobody lives to write the next: the keeper looks every 15 seconds, and a look takes one at most."""


def headline(board: Board, now: datetime) -> str:
    """Where the event stands and how much time is left."""
    if board.phase in ("announced", "open", "provisioning"):
        return f"{board.event}: {board.phase}, starts {moment(board.starts_at)}, in {elapsed(board.starts_at - now)}"
    left = board.left(now)
    if board.phase == "settled" or left is None or board.ends_at is None:
        return f"{board.event}: {board.phase}"
    return f"{board.event}: {board.phase}, {elapsed(left)} left, until {moment(board.ends_at)}"


def age(board: Board, now: datetime) -> str:
    """How old all of it is, and what that means where it is too old."""
    since = elapsed(now - board.at)
    if now - board.at <= OLD or board.phase == "settled":
        return f"seen {since} ago"
    return f"seen {since} ago: the keeper is silent, and nothing is done"


def summary(board: Board, now: datetime) -> Mapping[str, str]:
    """What there is to know at a glance, by what it is about."""
    return dict(_summary(board, now))


def _summary(board: Board, now: datetime) -> Iterator[tuple[str, str]]:
    money, queue = board.money, board.queue
    shown = (Presence.ACTIVE, Presence.IDLE, Presence.MISSING)
    people = [f"{board.presence.get(one, 0)} {one}" for one in shown]
    people += [f"{count} {one}" for one, count in sorted(board.presence.items()) if one not in shown]
    unaccepted = f"; {board.not_accepted} not accepted" if board.not_accepted else ""
    waiting = f"; {board.at_the_door} at the door, to be admitted" if board.at_the_door else ""
    yield "People", f"{', '.join(people)}; of {counted(board.places, 'seat')}{unaccepted}{waiting}"
    yield "Seats", ", ".join(f"{count} {state}" for state, count in sorted(board.states.items())) or "none yet"
    up = elapsed(timedelta(minutes=board.mean_uptime_minutes))
    yield "Uptime", f"{up} on average, {board.compute_hours:.1f} compute hours in all"
    waits = "" if queue.oldest_at is None else f", the first one for {elapsed(now - queue.oldest_at)}"
    busy = ", ".join(f"{count} {status}" for status, count in sorted(board.provisioners.items())) or "none seen"
    yield "Queue", f"{counted(queue.waiting, 'build')} waiting{waits}; provisioners: {busy}"
    if board.proxies:
        ill = [name for name, is_healthy in sorted(board.proxies.items()) if not is_healthy]
        healthy = f"{len(board.proxies) - len(ill)} of {len(board.proxies)} healthy"
        yield "Proxies", f"{healthy}; not {', '.join(ill)}" if ill else healthy
    yield "Nodes", _nodes(board.nodes)
    yield (
        "Budget",
        (
            f"{money.spent:.2f} of {money.budget_usd} USD spent; due {money.committed:.2f} ({money.percent} %), "
            f"by the planned end {money.projected:.2f}"
        ),
    )
    yield (
        "Rate",
        (
            f"{money.usd_per_hour:.2f} USD/h now; {money.effective_usd_per_hour:.2f} USD/h since the window opened, "
            f"24/7: {money.around_the_clock_usd_per_hour:.2f}"
        ),
    )
    by_state = [f"{state} {usd:.2f}" for state, usd in sorted(money.usd_per_hour_by_state.items())]
    yield "By state", f"{', '.join(by_state)} USD/h" if by_state else "nothing is paid for"
    if money.early_finishers:
        freed = f"{counted(money.freed_nodes, 'node')} freed by {counted(money.early_finishers, 'early finisher')}"
        yield "Banked", f"{money.banked:.2f} USD by the planned end: {freed}"


def _nodes(nodes: tuple[BoardNode, ...]) -> str:
    if not nodes:
        return "none"
    in_regions = Counter(node.region for node in nodes)
    said = ", ".join(f"{count} in {region}" for region, count in in_regions.items())
    if strangers := sum(node.strangers > 0 for node in nodes):
        said += f"; {strangers} with others' work"
    disks = [node.disk_percent for node in nodes if node.disk_percent is not None]
    return f"{said}; fullest disk {max(disks)} %" if disks else f"{said}; disks not seen"


def warnings(board: Board, now: datetime) -> tuple[str, ...]:
    """What was not seen, with the age of what is shown instead, and whose work keeps nodes."""
    found = [f"{what}{_since(board, what, now)}: {said}" for what, said in sorted(board.problems.items())]
    if board.money.is_stale:
        found.append("money: regions not seen for 3 minutes are counted as if their pools were at their limits")
    return tuple(found)


def _since(board: Board, what: str, now: datetime) -> str:
    seen_at = board.seen_at.get(what)
    return "" if seen_at is None else f" (seen {elapsed(now - seen_at)} ago)"


def why(seat: BoardSeat) -> str:
    """All that a seat needs, the most urgent first."""
    return "; ".join(need.text for need in seat.needs)


def waits(seat: BoardSeat, now: datetime) -> str:
    """For how long it has needed what is most urgent."""
    since = seat.needs[0].since if seat.needs else None
    return "" if since is None else elapsed(now - since)


def details(seat: BoardSeat, now: datetime) -> Mapping[str, str]:
    """All that the board has of one seat beside its needs, by what it is about."""
    found = {
        "Seat": f"{seat.name}{f', {seat.display}' if seat.display else ''}",
        "State": f"{seat.state}, its person {seat.presence}{f', in {seat.region}' if seat.region else ''}",
        "Ends": "" if seat.ends_at is None else moment(seat.ends_at),
        "Runs for": "" if seat.started_at is None else f"{elapsed(now - seat.started_at)}, build {seat.build}",
        "Used": "" if seat.used_at is None else f"{elapsed(now - seat.used_at)} ago",
        "Saved": "not yet" if seat.saved_at is None else f"{elapsed(now - seat.saved_at)} ago",
        "Disk": ""
        if seat.disk_percent is None or seat.disk_at is None
        else (f"{seat.disk_percent} % used, seen {elapsed(now - seat.disk_at)} ago"),
    }
    return {label: text for label, text in found.items() if text}
