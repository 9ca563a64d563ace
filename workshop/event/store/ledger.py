"""The ledger: every run of every node, kept because EC2 forgets an ended instance within the hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.event.store.database import open_store
from workshop.event.store.tables import LOOKS, NODE_RUNS, THRESHOLDS
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
        with self._engine.begin() as connection:
            here = (LOOKS.c.event == self._event) & (LOOKS.c.region == region)
            last = connection.scalar(select(LOOKS.c.seen_at).where(here).with_for_update())
            if last is not None and last >= seen_at:
                return
            if last is None:
                connection.execute(insert(LOOKS).values(event=self._event, region=region, seen_at=seen_at))
            else:
                connection.execute(update(LOOKS).where(here).values(seen_at=seen_at))
            ours = (NODE_RUNS.c.event == self._event) & (NODE_RUNS.c.region == region)
            known = {row.instance: row.ended_at for row in connection.execute(select(NODE_RUNS).where(ours))}
            for run in seen:
                if run.instance not in known:
                    connection.execute(insert(NODE_RUNS).values(event=self._event, **asdict(run)))
            still = {run.instance for run in seen if run.ended_at is None}
            ended = [instance for instance, ended_at in known.items() if ended_at is None and instance not in still]
            connection.execute(update(NODE_RUNS).where(ours & NODE_RUNS.c.instance.in_(ended)).values(ended_at=seen_at))

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
                    launched_at=row.launched_at,
                    ended_at=row.ended_at,
                )
                for row in connection.execute(found)
            )

    def looks(self) -> Mapping[str, datetime]:
        """When each region was last looked at; a region that never was is not in it."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(LOOKS).where(LOOKS.c.event == self._event))
            return {row.region: row.seen_at for row in rows}

    def fire(self, percent: int, budget_usd: int, at: datetime) -> bool:
        """Whether this threshold of this budget is reached for the first time; a raised budget arms it again."""
        values = {"event": self._event, "budget_usd": budget_usd, "percent": percent, "reached_at": at}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(THRESHOLDS).values(**values))
        except IntegrityError:
            return False
        return True
