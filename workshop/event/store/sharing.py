"""Accounts that seats of several events have: what one event leaves as it was, another may still need."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Engine, select, update

from workshop.event.store.tables import SEATS


def ban_elsewhere(engine: Engine, event: str, account: str) -> bool | None:
    """Whether an account was kept from creating workspaces before another event did that, which still does.

    None where no other event does.
    """
    with engine.connect() as connection:
        found = connection.scalars(select(SEATS.c.had_ban).where(_elsewhere(event, account))).all()
    return any(found) if found else None


def hand_over(engine: Engine, event: str, account: str) -> None:
    """Leaves it to other events that have this account to delete it."""
    with engine.begin() as connection:
        connection.execute(update(SEATS).where(_elsewhere(event, account)).values(is_ours=True))


def _elsewhere(event: str, account: str) -> ColumnElement[bool]:
    return (SEATS.c.event != event) & (SEATS.c.account == account) & SEATS.c.is_banned
