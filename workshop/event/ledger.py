"""The ledger: every run of every node, kept because EC2 forgets an ended instance within the hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Column, DateTime, Engine, Integer, MetaData, String, Table, create_engine, insert, select, update
from sqlalchemy.exc import IntegrityError

from workshop.model.ledger import NodeRun

_METADATA: Final = MetaData()
_RUNS: Final = Table(
    "node_runs",
    _METADATA,
    Column("event", String(63), primary_key=True),
    Column("instance", String(32), primary_key=True),
    Column("region", String(32), nullable=False),
    Column("instance_type", String(32), nullable=False),
    Column("launched_at", DateTime, nullable=False),
    Column("ended_at", DateTime),
)
_LOOKS: Final = Table(
    "looks",
    _METADATA,
    Column("event", String(63), primary_key=True),
    Column("region", String(32), primary_key=True),
    Column("seen_at", DateTime, nullable=False),
)
_THRESHOLDS: Final = Table(
    "thresholds",
    _METADATA,
    Column("event", String(63), primary_key=True),
    Column("budget_usd", Integer, primary_key=True),
    Column("percent", Integer, primary_key=True),
    Column("reached_at", DateTime, nullable=False),
)


class Ledger:
    """One event's. Moments are UTC. Its methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, url: str, event: str) -> None:
        """Opens the database at an SQLAlchemy URL and makes its tables where there are none."""
        self._engine: Engine = create_engine(url)
        self._event = event
        _METADATA.create_all(self._engine)

    def close(self) -> None:
        """Gives the database's connections back."""
        self._engine.dispose()

    def record(self, region: str, seen: Collection[NodeRun], seen_at: datetime) -> None:
        """Keeps what one look into a region saw, whole or not at all. An older look than the last changes nothing.

        A run that the ledger knows and that was not seen has ended: instances are listed for an hour after their end.
        """
        at = _utc(seen_at)
        with self._engine.begin() as connection:
            here = (_LOOKS.c.event == self._event) & (_LOOKS.c.region == region)
            last = connection.scalar(select(_LOOKS.c.seen_at).where(here).with_for_update())
            if last is not None and last >= at:
                return
            if last is None:
                connection.execute(insert(_LOOKS).values(event=self._event, region=region, seen_at=at))
            else:
                connection.execute(update(_LOOKS).where(here).values(seen_at=at))
            ours = (_RUNS.c.event == self._event) & (_RUNS.c.region == region)
            known = {row.instance: row.ended_at for row in connection.execute(select(_RUNS).where(ours))}
            for run in seen:
                if run.instance not in known:
                    connection.execute(insert(_RUNS).values(event=self._event, **_columns(run)))
            still = {run.instance for run in seen if run.ended_at is None}
            ended = [instance for instance, ended_at in known.items() if ended_at is None and instance not in still]
            connection.execute(update(_RUNS).where(ours & _RUNS.c.instance.in_(ended)).values(ended_at=at))

    def runs(self) -> tuple[NodeRun, ...]:
        """Every run there has been, in the order of their launches."""
        found = select(_RUNS).where(_RUNS.c.event == self._event).order_by(_RUNS.c.launched_at, _RUNS.c.instance)
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
            rows = connection.execute(select(_LOOKS).where(_LOOKS.c.event == self._event))
            return {row.region: row.seen_at.replace(tzinfo=UTC) for row in rows}

    def fire(self, percent: int, budget_usd: int, at: datetime) -> bool:
        """Whether this threshold of this budget is reached for the first time; a raised budget arms it again."""
        values = {"event": self._event, "budget_usd": budget_usd, "percent": percent, "reached_at": _utc(at)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_THRESHOLDS).values(**values))
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
