"""What is shown of an event: its last board, and a sample of it every five minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Engine, delete, func, insert, select

from workshop.event.store.tables import BOARDS, SAMPLES
from workshop.model.event.board.document import Board, Sample

SAMPLE_EVERY: Final = timedelta(minutes=5)


class Boards:
    """One event's. Methods raise sqlalchemy.exc.SQLAlchemyError where the database is away."""

    def __init__(self, engine: Engine, event: str) -> None:
        self._engine = engine
        self._event = event

    def last(self) -> Board | None:
        """None before the keeper's first look, and where another version of it wrote the last one."""
        with self._engine.connect() as connection:
            found = connection.scalar(select(BOARDS.c.board).where(BOARDS.c.event == self._event))
        try:
            return None if found is None else Board.model_validate(found)
        except ValidationError:
            return None

    def keep(self, board: Board) -> None:
        """In place of the last one; every five minutes what is in it is kept for good, too."""
        with self._engine.begin() as connection:
            connection.execute(delete(BOARDS).where(BOARDS.c.event == self._event))
            values = {"at": board.at, "board": board.model_dump(mode="json")}
            connection.execute(insert(BOARDS).values(event=self._event, **values))
            last = connection.scalar(select(func.max(SAMPLES.c.at)).where(SAMPLES.c.event == self._event))
            if last is None or board.at >= last + SAMPLE_EVERY:
                values = {"at": board.at, "sample": Sample.of(board).model_dump(mode="json")}
                connection.execute(insert(SAMPLES).values(event=self._event, **values))

    def samples(self) -> tuple[Sample, ...]:
        """The oldest first."""
        found = select(SAMPLES.c.sample).where(SAMPLES.c.event == self._event).order_by(SAMPLES.c.at)
        with self._engine.connect() as connection:
            return tuple(Sample.model_validate(sample) for sample in connection.scalars(found))
