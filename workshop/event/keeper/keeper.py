"""The keeper: compares what should be with what is, and does the difference, one journaled step at a time."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from sqlalchemy.exc import SQLAlchemyError

from workshop.event.coder.errors import CoderError
from workshop.event.failure import EventFailure
from workshop.event.keeper.in_pods import InPods
from workshop.event.keeper.look import Look, Systems, look
from workshop.event.keeper.own_token import OwnToken
from workshop.event.keeper.perform import Performer, Subject
from workshop.event.keeper.requests import Desk
from workshop.event.keeper.showing import Showing
from workshop.event.keeper.steady_clock import SteadyClock
from workshop.event.mail.beside import MailBeside
from workshop.event.store.cached import CachedStore, Store, remember
from workshop.event.store.local_journal import MAY_NOT_WAIT
from workshop.event.store.records import Superseded
from workshop.event.store.sightings import keep_look, keep_state
from workshop.model.event.decisions import decide
from workshop.model.event.restarts import is_settled
from workshop.model.event.seat_steps import at_this_look, state_of
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import EventState, Observed
from workshop.model.legible import legible
from workshop.model.plan.event import plan_event
from workshop.model.settings.section import given
from workshop.model.settings.stack import Settings

EVERY: Final = timedelta(seconds=15)
"""From one look to the next."""

RETRY_AFTER: Final = timedelta(minutes=1)
"""A step that failed is not tried again before."""

SAVES_AT_ONCE: Final = 10

_Key = tuple[Action, str]


@dataclass(frozen=True, kw_only=True)
class Round:
    """One look and what was done after it. problems: what was not seen and why; failed: steps that failed, and why."""

    at: datetime
    seen: Observed
    done: tuple[Step, ...]
    failed: Mapping[_Key, str]
    problems: Mapping[str, str]

    def text(self) -> str:
        """In one line."""
        done = [f"{one.action} {one.subject}" for one in self.done if (one.action, one.subject) not in self.failed]
        wrong = [f"{action} {subject} failed: {why}" for (action, subject), why in self.failed.items()]
        wrong += [f"{what} was not seen: {why}" for what, why in self.problems.items()]
        return "; ".join([f"done: {', '.join(done) or 'nothing'}", *wrong])


@dataclass(kw_only=True)
class _Running:
    """Steps that take long and run beside the looks, by what does them: warnings do not wait behind saves.

    failed: when a step failed last.
    """

    pools: Mapping[Action, ThreadPoolExecutor]
    steps: dict[_Key, Future[None]] = field(default_factory=dict[_Key, "Future[None]"])
    failed: dict[_Key, datetime] = field(default_factory=dict[_Key, datetime])


class Keeper:
    """Keeps one event, as the newest of its keepers; a context manager."""

    def __init__(
        self,
        settings: Settings,
        systems: Systems,
        store: Store,
        in_pods: InPods,
        *,
        clock: Callable[[], datetime],
        journal: Path,
        mail: MailBeside | None = None,
    ) -> None:
        """Takes the event over from any keeper before. journal: a file for what is done while the store is away.

        mail: None where none is sent; it ends with the keeper.

        Raises ValueError where no event or window is set, SQLAlchemyError where the store is away.
        """
        self._settings = settings
        self._event = given(settings.event)
        self._systems = systems
        self._clock = SteadyClock(clock, store.records.event().heartbeat_at)
        self._memory = CachedStore(store, settings, journal)
        self._showing = Showing(settings, store, self._memory, in_pods.measures, systems.seat_keys)
        self._performer = Performer(self._event, systems, self._memory, in_pods)
        self._mail = mail
        self._token = OwnToken(systems.coder, given(plan_event(settings)).gone_at)
        self._desk = Desk(settings, store, systems.coder, in_pods.links, in_pods.tells)
        self._generation = store.records.take_over(self._clock())
        copying, telling = ThreadPoolExecutor(SAVES_AT_ONCE), ThreadPoolExecutor(SAVES_AT_ONCE)
        self._running = _Running(pools={Action.SAVE: copying, Action.RESTORE: copying, Action.WARN: telling})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        for pool in self._running.pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self._desk.close()
        self._showing.close()
        if self._mail is not None:
            self._mail.close()

    def run(self) -> None:
        """Looks and does what is due, every 15 seconds, until another keeper has taken over."""
        while True:
            try:
                sys.stdout.write(legible(self.once(wait=False).text()) + "\n")
            except Superseded:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look is in 15 seconds
                sys.stderr.write(legible(f"this look failed: {type(error).__name__}: {error}") + "\n")
            time.sleep(EVERY.total_seconds())

    def once(self, *, wait: bool = True) -> Round:
        """Looks once and does what is due. wait: for what takes long too, which else goes on beside the next looks.

        While the store is away, only what may not wait goes on. Raises Superseded where another keeper has taken over.
        """
        now, memory = self._clock(), self._memory
        kept = memory.recall(self._generation, now)
        found = look(self._systems, self._event.name, self._event.template.partition("/")[0], kept.seats, now)
        problems = {
            "the keeper's clock": self._clock.problem(),
            "the keeper's token": "" if "Coder" in found.problems else self._token.problem(),
            "mail": self._mail.problem if self._mail else "",
        }
        found = replace(found, problems={**found.problems, **{what: why for what, why in problems.items() if why}})
        seen = self._seen(found, now)
        if not memory.is_away:
            kept = self._write_down(kept, found, seen, wait=wait)
        done: list[Step] = []
        failed: dict[_Key, str] = {}
        for step in decide(self._event, kept, seen):
            key = (step.action, step.subject)
            failed_at = self._running.failed.get(key)
            if memory.is_away and step.action not in MAY_NOT_WAIT:
                continue
            if key in self._running.steps or (failed_at is not None and now - failed_at < RETRY_AFTER):
                continue
            memory.begin(self._generation, step, now)
            if (pool := self._running.pools.get(step.action)) is not None:
                self._running.steps[key] = pool.submit(self._do, step, kept, seen, failed)
            else:
                self._do(step, kept, seen, failed)
            done.append(step)
        for key, running in list(self._running.steps.items()):
            if wait or running.done():
                del self._running.steps[key]
                if (error := running.exception()) is not None:
                    failed[key] = f"not written down: {type(error).__name__}"
        if not memory.is_away:
            with suppress(SQLAlchemyError):  # the next look says that it is away
                self._showing.keep(kept, seen, found.said(), all_of_it=wait)
                if self._mail is not None:
                    self._mail.go_on(wait=wait)
        return Round(at=now, seen=seen, done=tuple(done), failed=failed, problems=found.problems)

    def _write_down(self, kept: EventState, found: Look, seen: Observed, *, wait: bool) -> EventState:
        """Keeps what was seen, and answers what people asked for. Time and money wait for neither."""
        memory = self._memory
        try:
            kept = self._notice(kept, seen)
            keep_look(memory.records, found.said(), seen.now)
            if self._desk.answer_all(kept, self._generation, seen.now, seen.regions, wait=wait):
                kept = memory.recall(self._generation, seen.now)
        except SQLAlchemyError:
            memory.is_away = True
        except Exception as error:  # noqa: BLE001 - a defect there must not keep seats running
            sys.stderr.write(legible(f"requests were not answered: {type(error).__name__}: {error}") + "\n")
        return kept

    def _seen(self, found: Look, now: datetime) -> Observed:
        """What was found, with the bill that it makes."""
        running = {
            region: None if runs is None else {run.instance: run.launched_at for run in runs if run.ended_at is None}
            for region, runs in found.runs.items()
        }
        return Observed(
            now=now,
            workspaces=found.workspaces,
            idle_provisioners=(found.provisioners or {}).get("idle", 0),
            provisioners=found.provisioners,
            proxies=found.proxies,
            regions=found.regions,
            instances=running,
            bill=self._memory.bill(found.runs, now),
        )

    def _notice(self, kept: EventState, seen: Observed) -> EventState:
        """Keeps which workspaces belong to seats, and in which builds somebody could work."""
        changed = False
        before = {record.seat: record for record in self._memory.records.seats()}
        for seat in kept.seats:
            found = at_this_look(seat, kept, seen)
            workspace, state = found.workspace, state_of(found, seen.now)
            ends_at = found.end if found.is_up else None
            if seen.workspaces is not None and seat.number in before:
                keep_state(self._memory.records, before[seat.number], state, ends_at, seen.now)
            if workspace is None:
                continue
            if is_settled(found, seen.now):
                self._memory.records.change_seat(seat.number, restart_wanted_at=None, move_wanted_at=None)
                changed = True
            if seat.workspace_id != workspace.id:
                self._memory.records.change_seat(seat.number, workspace_id=workspace.id)
                changed = True
            if workspace.is_ready and seat.ready_build != workspace.build:
                self._memory.records.change_seat(seat.number, ready_build=workspace.build)
                changed = True
        return remember(self._memory.records, self._settings) if changed else kept

    def _do(self, step: Step, kept: EventState, seen: Observed, failed: dict[_Key, str]) -> None:
        """Does a step that was begun, and writes down how it ended."""
        key, problem, said = (step.action, step.subject), "", ""
        try:
            said = self._performer.perform(step, self._subject(step, kept, seen), seen.now)
        except Exception as error:  # noqa: BLE001 - one seat's defect must not end the others' keeper
            is_known = isinstance(error, (CoderError, EventFailure))
            problem = str(error) if is_known else f"failed unexpectedly: {type(error).__name__}: {error}"
            failed[key] = problem
            self._running.failed[key] = seen.now
        else:
            self._running.failed.pop(key, None)
        try:
            self._memory.finish(self._generation, step, self._clock(), said=said, problem=problem)
        except OSError as error:  # a full disk must not keep other steps from being done
            failed[key] = f"not written down: {error.strerror}"

    def _subject(self, step: Step, kept: EventState, seen: Observed) -> Subject | None:
        seat = next((one for one in kept.seats if one.number == step.seat), None)
        if seat is None:
            return None
        record = next(one for one in self._memory.seats() if one.seat == seat.number)
        now = at_this_look(seat, kept, seen)
        return Subject(seat=seat, record=record, workspace=now.workspace, pod=now.pod)
