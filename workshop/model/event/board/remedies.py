"""What can be done for a seat that needs somebody, by what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from workshop.model.event.board.document import BoardSeat, NeedKind


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """text: what it does, or what only a person can do. command: with which; empty where there is none."""

    text: str
    command: str = ""


def _look(log: str, text: str) -> Remedy:
    return Remedy(text=text, command=f"workshop event help {{name}} --logs {log}")


_AGAIN: Final = Remedy(text="start it again with its work", command="workshop event help {name} --restart")
_MOVE: Final = Remedy(text="make its workspace anew, with its work", command="workshop event help {name} --move")
_SAY: Final = Remedy(text="write into its terminals", command="workshop event help {name} --say 'I am coming'")
_DONE: Final = Remedy(text="lower its hand, once that is closed", command="workshop event help {name} --done")
_LOOK_IN: Final = Remedy(text="look into it, if its person agrees", command="workshop event help {name} --terminal")

_REMEDIES: Final[Mapping[NeedKind, tuple[Remedy, ...]]] = {
    NeedKind.HAND: (_SAY, _LOOK_IN, _DONE),
    NeedKind.GAVE_UP: (_look("build", "see why it failed"), _MOVE),
    NeedKind.BUILD_FAILED: (_look("build", "see why it failed; three failures are tried again by themselves"), _MOVE),
    NeedKind.AGENT_LOST: (_AGAIN, _MOVE),
    NeedKind.SCRIPT_FAILED: (_look("start", "see why; the template has to be changed for good"), _AGAIN),
    NeedKind.STOPPED: (_AGAIN,),
    NeedKind.DISK: (Remedy(text="ask its person to delete what they do not need"), _LOOK_IN),
    NeedKind.UNSAVED: (
        Remedy(text="try it again", command="workshop event save --seat {seat}"),
        Remedy(text="where it is too large, raise saving.cap_mib or add saving.excludes in workshop:event, and run up"),
    ),
    NeedKind.KEY: (Remedy(text="a new workspace has a new key with the whole share, three times at most"), _MOVE),
    NeedKind.APP: (_look("app", "see what it said; Coder can't restart an app alone"), _LOOK_IN, _AGAIN),
    NeedKind.LATE: (_look("build", "see what it is at"),),
    NeedKind.MISSING: (Remedy(text="see whether its person has accepted", command="workshop event participants"),),
    NeedKind.IDLE: (_SAY,),
}


def remedies(seat: BoardSeat) -> tuple[Remedy, ...]:
    """For all that it needs, each once, the most urgent first."""
    found = dict.fromkeys(remedy for need in seat.needs for remedy in _REMEDIES[need.kind])
    return tuple(Remedy(text=one.text, command=one.command.format(name=seat.name, seat=seat.seat)) for one in found)
