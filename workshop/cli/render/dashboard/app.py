"""The board, live in a terminal: a table of seats, the most urgent first, and what can be done for one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from datetime import datetime
from threading import Event, Thread
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Static

from workshop.cli.render.dashboard.dialogs import Admission, Details, Question
from workshop.cli.render.dashboard.source import Source, Unanswered
from workshop.event.store.requests import Outcome
from workshop.model.event.board.document import Board, BoardSeat
from workshop.model.event.board.lines import age, headline, summary, waits, warnings, why
from workshop.model.event.requests import Ask

READ_EVERY_SECONDS: Final = 5.0
"""The keeper writes every 15."""

_SAID: Final = 3
_COLUMNS: Final = {"seat": 12, "state": 9, "person": 9, "for": 11}
"""Their widths; why somebody needs help has the rest."""


class Dashboard(App[None]):
    """Shows what the source last said, with its age, whatever becomes of the source. seats: the table of them."""

    CSS = """
    #headline { text-style: bold; padding: 0 1; }
    #summary, #warnings, #said { padding: 0 1; height: auto; }
    #warnings { color: $text-warning; }
    DataTable { height: 1fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", priority=False),
        Binding("enter", "details", "Details", show=False),
        Binding("r", "request('restart')", "Restart"),
        Binding("x", "request('extend')", "Extend"),
        Binding("s", "request('save')", "Save"),
        Binding("m", "request('message')", "Message"),
        Binding("e", "request('finish')", "End"),
        Binding("f", "request('move')", "Fresh"),
        Binding("l", "request('lower-hand')", "Hand"),
        Binding("a", "admit", "Admit"),
    ]

    def __init__(self, source: Source, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._source = source
        self._clock = clock
        self._board: Board | None = None
        self._problem = ""
        self._stopped = Event()
        self._asked: dict[int, str] = {}
        self._said: list[str] = []
        names = ("headline", "summary", "warnings", "said")
        self._texts = {name: Static(id=name, markup=False) for name in names}
        self.seats = DataTable[Text](cursor_type="row", zebra_stripes=True, cell_padding=0)

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        *above, said = self._texts.values()
        yield from above
        yield self.seats
        yield said
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begins to read: in a thread that nobody waits for, so that leaving takes no time whatever the source does."""
        table = self.seats
        for name, width in _COLUMNS.items():
            table.add_column(name, key=name, width=width)
        table.add_column("why", key="why")
        table.focus()
        self._write("headline", "reading ...")
        self._write("said", "")
        self.set_interval(1, self._show_ages)
        Thread(target=self._read_on, daemon=True).start()

    def on_unmount(self) -> None:
        """Ends reading."""
        self._stopped.set()

    def _read_on(self) -> None:
        while not self._stopped.is_set():
            try:
                found, problem = self._source.board(), ""
                outcomes = [self._source.outcome(number) for number in list(self._asked)]
            except Unanswered as error:
                found, problem, outcomes = None, str(error), []
            try:
                self.call_from_thread(self.show, found, problem, [one for one in outcomes if one is not None])
            except (RuntimeError, CancelledError):  # it was left meanwhile
                return
            self._stopped.wait(READ_EVERY_SECONDS)

    def show(self, board: Board | None, problem: str, outcomes: list[Outcome]) -> None:
        """What was read, or why nothing was: then the last one stays."""
        if self._stopped.is_set():
            return
        self._problem = problem
        for outcome in outcomes:
            if what := self._asked.pop(outcome.number, ""):
                self._say(f"{what}: {outcome.problem or 'done'}")
        if board is not None:
            self._board = board
            self._show_seats(board)
        self._show_ages()

    def _show_ages(self) -> None:
        board, now = self._board, self._clock()
        if board is None:
            self._write("headline", self._problem or "the keeper has not looked yet: run it with workshop event keep")
            return
        self._write("headline", f"{headline(board, now)} ({age(board, now)})")
        self._write("summary", "\n".join(f"{label:<9} {text}" for label, text in summary(board, now).items()))
        said = [f"the store: {self._problem}"] if self._problem else []
        self._write("warnings", "\n".join(f"! {one}" for one in [*said, *warnings(board, now)]))

    def _say(self, text: str) -> None:
        """Shows what came of what was asked for, the last few."""
        self._said = [*self._said, f"{self._clock():%H:%M:%S} UTC {text}"][-_SAID:]
        self._write("said", "\n".join(self._said))

    def _write(self, what: str, text: str) -> None:
        shown = self._texts[what]
        shown.display = bool(text)
        shown.update(Text(text))

    def _show_seats(self, board: Board) -> None:
        """In place: rows stay the same rows, and the one that is selected stays selected wherever it moves."""
        table, now, selected = self.seats, self._clock(), self.selected
        seats = {seat.name: seat for seat in board.seats}
        for gone in {str(key.value) for key in table.rows} - seats.keys():
            table.remove_row(gone)
        for name, seat in seats.items():
            cells = _cells(seat, now)
            if name not in table.rows:
                table.add_row(*cells.values(), key=name)
                continue
            for column, cell in cells.items():
                if table.get_cell(name, column) != cell:
                    table.update_cell(name, column, cell, update_width=column == "why")
        order = {name: position for position, name in enumerate(seats)}
        table.sort("seat", key=lambda cell: order[cell.plain])
        if selected is not None and selected.name in seats:
            table.move_cursor(row=table.get_row_index(selected.name), scroll=False)

    @property
    def selected(self) -> BoardSeat | None:
        """The seat whose row the cursor is on."""
        table = self.seats
        if self._board is None or not table.is_valid_coordinate(table.cursor_coordinate):
            return None
        name = table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value
        return next((seat for seat in self._board.seats if seat.name == name), None)

    @on(DataTable.RowSelected)
    def action_details(self) -> None:
        """All that is known of the selected seat."""
        if (seat := self.selected) is not None:
            self.push_screen(Details(seat, self._clock()))

    def action_request(self, action: str) -> None:
        """Asks whether it is meant, and then the keeper."""
        seat, ask = self.selected, Ask(action)
        if seat is None:
            return

        def answered(data: Mapping[str, object] | None) -> None:
            if data is not None:
                self._ask(ask, seat.seat, data, f"{ask} {seat.name}")

        self.push_screen(Question(ask, seat), answered)

    def action_admit(self) -> None:
        """Asks whom of those at the door."""

        def chosen(identity: str | None) -> None:
            if identity is not None:
                self._ask(Ask.ADMIT, None, {"waiting": identity}, "admit")

        try:
            waiting = self._source.waiting()
        except Unanswered as error:
            self._say(f"not asked: {error}")
            return
        if waiting:
            self.push_screen(Admission(waiting), chosen)
        else:
            self._say("nobody waits at the door")

    def _ask(self, ask: Ask, seat: int | None, data: Mapping[str, object], what: str) -> None:
        try:
            self._asked[self._source.ask(ask, seat, data)] = what
        except Unanswered as error:
            self._say(f"{what}: not asked: {error}")
            return
        self._say(f"{what}: the keeper does it at its next look")


def _cells(seat: BoardSeat, now: datetime) -> Mapping[str, Text]:
    style = "bold" if seat.needs else ""
    texts = {
        "seat": seat.name,
        "state": seat.state,
        "person": seat.presence.value,
        "for": waits(seat, now),
        "why": why(seat),
    }
    return {column: Text(text, style=style) for column, text in texts.items()}
