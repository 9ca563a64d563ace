"""What the live dashboard asks before it asks the keeper, and what it shows of one seat."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from workshop.model.counting import elapsed
from workshop.model.event.board.document import BoardSeat
from workshop.model.event.board.lines import details
from workshop.model.event.requests import HAND_TEXT, Ask

EXTEND_MINUTES: Final = 30

_WHAT: Final[Mapping[Ask, str]] = {
    Ask.RESTART: "Save the work of {name}, stop it, start it, and put the work back? Its person is interrupted.",
    Ask.EXTEND: "For how many minutes more shall {name} run?",
    Ask.SAVE: "Save the work of {name} now?",
    Ask.MESSAGE: "What is to be written into the terminals of {name}?",
    Ask.FINISH: "Save and stop {name} for good? Only an extension starts it again.",
    Ask.MOVE: "Save {name}, make its workspace anew, and put the work back? Its person is interrupted.",
    Ask.LOWER_HAND: "Was {name} helped?",
}
_BOX: Final = """
{name} {{ align: center middle; }}
{name} Vertical {{ width: 70; max-width: 95%; height: auto; border: round $accent; padding: 1 2; }}
{name} Vertical {{ background: $surface; }}
{name} OptionList {{ height: auto; max-height: 15; }}
"""


class Question(ModalScreen[Mapping[str, object] | None]):
    """Whether something is meant; answers what goes with it, None where it is not."""

    CSS = _BOX.format(name="Question")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes"),
        Binding("n,escape", "no", "No"),
    ]

    def __init__(self, ask: Ask, seat: BoardSeat) -> None:
        super().__init__()
        self._ask_for = ask
        self._seat = seat

    def compose(self) -> ComposeResult:
        """A question, and a field where something goes with it."""
        with Vertical():
            yield Static(Text(_WHAT[self._ask_for].format(name=self._seat.name)))
            if self._ask_for is Ask.EXTEND:
                yield Input(str(EXTEND_MINUTES), type="integer", max_length=5)
            elif self._ask_for is Ask.MESSAGE:
                yield Input(max_length=HAND_TEXT)
            is_typed = self._ask_for in (Ask.EXTEND, Ask.MESSAGE)
            yield Static(Text("Enter: yes   Esc: no" if is_typed else "y: yes   n: no"))

    def on_input_submitted(self, typed: Input.Submitted) -> None:
        """What was typed is meant; nothing is nothing."""
        if self._ask_for is Ask.MESSAGE:
            self.dismiss({"text": typed.value.strip()} if typed.value.strip() else None)
        elif typed.value.isdecimal() and int(typed.value) > 0:
            self.dismiss({"minutes": int(typed.value)})

    def action_yes(self) -> None:
        """It is meant."""
        if self._ask_for not in (Ask.EXTEND, Ask.MESSAGE):
            self.dismiss({})

    def action_no(self) -> None:
        """It is not."""
        self.dismiss(None)


class Admission(ModalScreen[str | None]):
    """Who of those at the door gets a seat; answers their id."""

    CSS = _BOX.format(name="Admission")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "no", "No")]

    def __init__(self, waiting: Mapping[str, str]) -> None:
        super().__init__()
        self._waiting = waiting

    def compose(self) -> ComposeResult:
        """A line for each, the first who came first."""
        with Vertical():
            yield Static("Who gets a seat?")
            yield OptionList(*(Option(Text(text), id=identity) for identity, text in self._waiting.items()))
            yield Static("Enter: yes   Esc: nobody")

    def on_option_list_option_selected(self, chosen: OptionList.OptionSelected) -> None:
        """This one."""
        self.dismiss(chosen.option.id)

    def action_no(self) -> None:
        """Nobody."""
        self.dismiss(None)


class Details(ModalScreen[None]):
    """All that the board has of one seat."""

    CSS = _BOX.format(name="Details")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Close")]

    def __init__(self, seat: BoardSeat, now: datetime) -> None:
        super().__init__()
        self._seat = seat
        self._now = now

    def compose(self) -> ComposeResult:
        """Facts, needs, and where there is more."""
        with Vertical():
            for label, text in details(self._seat, self._now).items():
                yield Static(Text(f"{label:<10} {text}"))
            for need in self._seat.needs:
                since = "" if need.since is None else f" ({elapsed(self._now - need.since)})"
                yield Static(Text(f"! {need.text}{since}"))
            yield Static(Text(f"\nLogs, journal and what to do: workshop event help {self._seat.name}\nEsc: back"))

    def action_close(self) -> None:
        """Back to the table."""
        self.dismiss(None)
