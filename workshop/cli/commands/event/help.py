"""`workshop event help`: what is wrong with one seat, and what can be done."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import typer

from workshop.cli.commands.event.changes import KEEPER_IS_SILENT_AFTER, Asking, asking
from workshop.cli.options import SANDBOX, AsJson, StackName, Users, Yes
from workshop.cli.problem import CannotRun
from workshop.cli.render.event.help import SeatHelp, print_log, print_seat, seat_json
from workshop.cli.render.message import print_command, print_message
from workshop.model.event.requests import ENGINEER, HAND_TEXT, Ask
from workshop.model.event.seats import workspace_name
from workshop.model.window.phases import moment

PATIENCE: Final = timedelta(seconds=45)
"""For an answer of the keeper, which looks every 15 seconds and then asks Coder."""

_ASK_EVERY_SECONDS: Final = 0.5
_LOGS: Final = ("build", "start", "app")
_QUESTIONS: Final[Mapping[Ask, str]] = {
    Ask.RESTART: "Save {name}, stop it, start it, and put its work back?",
    Ask.MOVE: "Save {name}, make its workspace anew, and put its work back?",
}

Seat = Annotated[str, typer.Argument(metavar="SEAT", help="Such as workshop-27, or 27.")]
Logs = Annotated[str | None, typer.Option("--logs", metavar="WHICH", help=f"All of one log: {', '.join(_LOGS)}.")]
Terminal = Annotated[bool, typer.Option("--terminal", help="How to look in, if its person agreed; it is journaled.")]
Restart = Annotated[bool, typer.Option("--restart", help="Save it, stop and start it, and put its work back.")]
Move = Annotated[bool, typer.Option("--move", help="The same with a new workspace in place of it.")]
Say = Annotated[str | None, typer.Option("--say", metavar="TEXT", help="Write a line into its terminals.")]
Done = Annotated[bool, typer.Option("--done", help="Its person was helped: lower the hand.")]


def help_seat(
    seat: Seat,
    users: Users = None,
    stack: StackName = SANDBOX,
    logs: Logs = None,
    terminal: Terminal = False,
    restart: Restart = False,
    move: Move = False,
    say: Say = None,
    done: Done = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Shows what is wrong with a seat in plain words, what can be done, its last saves, its journal and its logs.

    The keeper fetches the logs from Coder, so it has to run. Of the options one at a time.

    \b
    Examples:
      workshop event help workshop-27
      workshop event help workshop-27 --logs start
      workshop event help workshop-27 --restart
      workshop event help workshop-27 --say 'I am coming'
    """
    with asking(users, stack, as_json=as_json) as asked:
        number = _number(seat)
        asked.check_seat(number)
        given = [logs is not None, terminal, restart, move, say is not None, done]
        if sum(given) > 1:
            raise CannotRun("Say one of --logs, --terminal, --restart, --move, --say and --done.")
        if logs is not None:
            _print_log(asked, number, logs)
        elif terminal:
            _look_in(asked, number)
        elif restart or move:
            _begin_again(asked, number, Ask.MOVE if move else Ask.RESTART, yes=yes)
        elif say is not None:
            _say(asked, number, say)
        elif done:
            _answer(asked, Ask.LOWER_HAND, number, {})
            print_message(asked.screen.results, f"The hand of {workspace_name(number)} is lowered.")
        else:
            _show(asked, number)


def _number(text: str) -> int:
    found = re.fullmatch(r"(?:workshop-)?0*([1-9]\d{0,4})", text)
    if found is None:
        raise CannotRun(f"{text[:40]!r} is no seat: give its name, such as workshop-27, or its number")
    return int(found[1])


def _show(asked: Asking, number: int) -> None:
    store, name = asked.store, workspace_name(number)
    board = store.boards.last()
    found = SeatHelp(
        name=name,
        stack=asked.stack.name,
        now=asked.now,
        at=None if board is None else board.at,
        board=None if board is None else next((one for one in board.seats if one.seat == number), None),
        receipts=tuple(one for one in store.records.receipts() if one.seat == number),
        journal=tuple(one for one in store.records.journal() if one.subject == name),
        consent_until=store.requests.consents(asked.now).get(number),
        logs=_logs(asked, number) if _is_kept(asked) else None,
    )
    if asked.screen.as_json:
        asked.screen.results.print(seat_json(found), soft_wrap=True)
    else:
        print_seat(found, asked.screen.results)


def _logs(asked: Asking, number: int) -> Mapping[str, str]:
    """Raises CannotRun; a seat without a workspace has none."""
    if next(one.workspace_id for one in asked.records.seats() if one.seat == number) is None:
        return {}
    return _answer(asked, Ask.LOGS, number, {})


def _print_log(asked: Asking, number: int, which: str) -> None:
    if which not in _LOGS:
        raise CannotRun(f"--logs {which}: must be one of {', '.join(_LOGS)}")
    text = _logs(asked, number).get(which, "")
    print_log(which, text, asked.screen.results)


def _look_in(asked: Asking, number: int) -> None:
    """The keeper writes it down, and refuses it without consent."""
    answer = _answer(asked, Ask.LOOK_IN, number, {})
    print_message(
        asked.screen.results,
        f"Its person agreed to it until {moment(datetime.fromisoformat(answer['until']))}. The keeper has no terminal "
        "to give: it may save and restore. Go in by your own session; Coder lets site owners in, and from 2.26 on "
        "those with whom its person shares the workspace:",
    )
    print_command(asked.screen.results, answer["command"])


def _begin_again(asked: Asking, number: int, action: Ask, *, yes: bool) -> None:
    question = _QUESTIONS[action].format(name=workspace_name(number))
    if asked.is_confirmed(question, yes=yes):
        _answer(asked, action, number, {})
        asked.say_done(f"{workspace_name(number)} is saved first, and begins again after that.")


def _say(asked: Asking, number: int, text: str) -> None:
    if not 1 <= len(text.strip()) <= HAND_TEXT:
        raise CannotRun(f"--say takes 1 to {HAND_TEXT} characters")
    said = _answer(asked, Ask.MESSAGE, number, {"text": text}).get("said", "")
    print_message(asked.screen.results, f"{workspace_name(number)}: {said}.")


def _is_kept(asked: Asking) -> bool:
    beat = asked.records.event().heartbeat_at
    return beat is not None and (asked.now - beat).total_seconds() <= KEEPER_IS_SILENT_AFTER


def _answer(asked: Asking, action: Ask, seat: int, data: Mapping[str, object]) -> Mapping[str, Any]:
    """What the keeper answers. Raises CannotRun where it refuses, or is silent: then it may yet do it."""
    requests = asked.store.requests
    number = requests.ask(ENGINEER, action, asked.now, seat=seat, data=data)
    with asked.screen.saying("Asking the keeper"):
        for _ in range(int(PATIENCE.total_seconds() / _ASK_EVERY_SECONDS)):
            if (outcome := requests.outcome(number)) is not None:
                break
            time.sleep(_ASK_EVERY_SECONDS)
        else:
            raise CannotRun("The keeper has not answered; it does what was asked for once it runs: workshop event keep")
    if outcome.problem:
        raise CannotRun(f"{workspace_name(seat)}: {outcome.problem}")
    return outcome.answer
