"""The ledger: every run of every node, kept because EC2 forgets an ended instance within the hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.event.store import LOOKS, NODE_RUNS, THRESHOLDS, open_store
from workshop.model.ledger import NodeRun


class Ledger:
    """One event's. Moments are UTC. Its methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the store at an SQLAlchemy URL. Raises what open_store does."""
        self._engine = open_store(url)
        self._event = event

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def record(self, region: str, seen: Collection[NodeRun], seen_at: datetime) -> None:
        """Keeps what one look into a region saw, whole or not at all. An older look than the last changes nothing.

        A run that the ledger knows and that was not seen has ended: instances are listed for an hour after their end.
        """
        at = _utc(seen_at)
        with self._engine.begin() as connection:
            here = (LOOKS.c.event == self._event) & (LOOKS.c.region == region)
            last = connection.scalar(select(LOOKS.c.seen_at).where(here).with_for_update())
            if last is not None and last >= at:
                return
            if last is None:
                connection.execute(insert(LOOKS).values(event=self._event, region=region, seen_at=at))
            else:
                connection.execute(update(LOOKS).where(here).values(seen_at=at))
            ours = (NODE_RUNS.c.event == self._event) & (NODE_RUNS.c.region == region)
            known = {row.instance: row.ended_at for row in connection.execute(select(NODE_RUNS).where(ours))}
            for run in seen:
                if run.instance not in known:
                    connection.execute(insert(NODE_RUNS).values(event=self._event, **_columns(run)))
            still = {run.instance for run in seen if run.ended_at is None}
            ended = [instance for instance, ended_at in known.items() if ended_at is None and instance not in still]
            connection.execute(update(NODE_RUNS).where(ours & NODE_RUNS.c.instance.in_(ended)).values(ended_at=at))

    def runs(self) -> tuple[NodeRun, ...]:
        """Every run there has been, in the order of their launches."""
        order = (NODE_RUNS.c.launched_at, NODE_RUNS.c.instance)
        found = select(NODE_RUNS).where(NODE_RUNS.c.event == self._event).order_by(*order)
        with self._engine.connect() as connection:
            return tuple(
                NodeRun(
                    instance=row.instance,
                    region=row.region,
                    instance_type=row.instance_type,
                    launched_at=row.launched_at.replace(tzinfo=UTC),
                    ended_at=row.ended_at and row.ended_at.replace(tzinfo=UTC),
                )
                for row in connection.execute(found)
            )

    def looks(self) -> Mapping[str, datetime]:
        """When each region was last looked at; a region that never was is not in it."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(LOOKS).where(LOOKS.c.event == self._event))
            return {row.region: row.seen_at.replace(tzinfo=UTC) for row in rows}

    def fire(self, percent: int, budget_usd: int, at: datetime) -> bool:
        """Whether this threshold of this budget is reached for the first time; a raised budget arms it again."""
        values = {"event": self._event, "budget_usd": budget_usd, "percent": percent, "reached_at": _utc(at)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(THRESHOLDS).values(**values))
        except IntegrityError:
            return False
        return True


def _columns(run: NodeRun) -> dict[str, str | datetime | None]:
    return {
        "instance": run.instance,
        "region": run.region,
        "instance_type": run.instance_type,
        "launched_at": _utc(run.launched_at),
        "ended_at": None if run.ended_at is None else _utc(run.ended_at),
    }


def _utc(moment: datetime) -> datetime:
    """As it is stored: SQLite keeps no offset."""
    return moment.astimezone(UTC).replace(tzinfo=None)
