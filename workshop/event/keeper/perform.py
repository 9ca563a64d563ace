"""Does one step. Each looks before it changes anything, so that it may be done twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from workshop.event.coder.builds import Transition
from workshop.event.coder.errors import CoderRefused
from workshop.event.coder.templates import Template
from workshop.event.failure import EventFailure
from workshop.event.keeper.accounts import Accounts
from workshop.event.keeper.in_pods import InPods
from workshop.event.keeper.look import Systems
from workshop.event.keeper.recent import KNOWN_SECONDS, Recent
from workshop.event.keeper.seat_keys import SeatKeys
from workshop.event.store.cached import CachedStore
from workshop.event.store.records import SeatRecord
from workshop.event.systems.cluster import Cluster, workspace_on
from workshop.event.systems.instances import terminate
from workshop.event.work.export import DigestError
from workshop.event.work.unpack import UnpackError
from workshop.model.counting import counted
from workshop.model.event.receipts import to_restore
from workshop.model.event.restarts import wanted_since
from workshop.model.event.seats import CODERS_NET, SAVE_TIME, Seat
from workshop.model.event.steps import Action, Step
from workshop.model.event.world import Pod, Workspace
from workshop.model.names import NODE_POOL
from workshop.model.settings.event import Event
from workshop.model.window.phases import moment
from workshop.model.workspace_pods import is_workspace

_STAYED_NAMES: Final = 5
"""That are said of files which a restore left alone."""

_TRANSITIONS: Final[dict[Action, Transition]] = {
    Action.START: "start",
    Action.STOP: "stop",
    Action.DELETE: "delete",
    Action.REPLACE: "delete",
}


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A seat that a step is about: what is planned, kept and seen of it."""

    seat: Seat
    record: SeatRecord
    workspace: Workspace | None
    pod: Pod | None


class Performer:
    """Does an event's steps. Raises EventFailure or CoderError where one could not be done."""

    def __init__(self, event: Event, systems: Systems, memory: CachedStore, in_pods: InPods) -> None:
        self._event = event
        self._systems = systems
        self._memory = memory
        self._records = memory.records
        self._in_pods = in_pods
        self._accounts = Accounts(event, systems.coder, memory.records)
        self._template = Recent(self._ask_template, KNOWN_SECONDS)

    def perform(self, step: Step, subject: Subject | None, now: datetime) -> str:
        """Does a step; answers what there is to say of it."""
        if subject is not None:
            return self._of_seat(step, subject, now)
        match step.action:
            case Action.END:
                self._memory.end(step.end or now, step.why)
            case Action.SETTLE:
                self._records.settle(now)
            case Action.REVOKE:
                self._revoke()
            case Action.CLOSE_POOL:
                self._cluster(step).stop_pool(NODE_POOL, self._event.name, now)
            case Action.END_CLAIM:
                self._end_claim(step, now)
            case Action.TERMINATE:
                terminate(self._systems.ec2[step.region or ""], step.instance or "")
            case _:
                raise EventFailure(f"there is no seat {step.seat}")
        return ""

    def _of_seat(self, step: Step, subject: Subject, now: datetime) -> str:
        match step.action:
            case Action.ACCOUNT:
                return self._accounts.find_or_make(subject.record)
            case Action.BAN:
                return self._accounts.ban(subject.record)
            case Action.RELEASE:
                return self._accounts.release(subject.record)
            case Action.CREATE:
                return self._create(step, subject.seat, now)
            case Action.WARN:
                return self._warn(step, subject, now)
            case Action.SAVE:
                return self._save(subject, now)
            case Action.RESTORE:
                return self._restore(subject)
            case Action.CANCEL:
                return self._cancel(subject)
            case Action.EXTEND:
                self._systems.coder.extend(step.workspace_id or "", (step.end or now) + SAVE_TIME + CODERS_NET)
                return ""
            case _:
                return self._build(step, subject)

    def _cluster(self, step: Step) -> Cluster:
        return self._systems.clusters[step.region or ""]

    def _end_claim(self, step: Step, now: datetime) -> None:
        """Nobody may come while the node goes: it is cordoned, and looked at once more."""
        cluster, claim = self._cluster(step), step.claim or ""
        node = next((one.node for one in cluster.claims(NODE_POOL) if one.name == claim), None)
        if node is not None:
            cluster.cordon(node)
            seats = frozenset(one.workspace_id for one in self._memory.seats() if one.workspace_id)
            for pod in cluster.pods():
                is_here = pod["spec"].get("nodeName") == node and is_workspace(pod, is_on_workspace_node=True)
                if is_here and workspace_on(pod, seats) is None:
                    raise EventFailure(f"{pod['metadata']['name']}, which is somebody else's, has come to {node}")
        cluster.delete_claim(claim)
        if step.instance is not None:
            self._memory.add_ended_claim(step.instance, now)

    def _create(self, step: Step, seat: Seat, now: datetime) -> str:
        self._bring_back(seat)
        parameters = dict(self._event.parameters)
        if self._event.region_parameter is not None:
            parameters[self._event.region_parameter] = seat.region
        parameter, key = self._event.ai_parameter, ""
        if parameter is not None and self._systems.coder.workspace_of(seat.owner or "", seat.name) is None:
            parameters[parameter] = key = self._key(seat, parameter, now)
        try:
            made = self._systems.coder.create_workspace(
                seat.owner or "",
                seat.name,
                template_id=self._template().id,
                parameters=parameters,
                ttl=(step.end or seat.last_end) + SAVE_TIME + CODERS_NET - now,
            )
        except CoderRefused as refused:
            if key and key in str(refused):  # Coder may repeat a value that the template does not take
                raise EventFailure(str(refused).replace(key, "(the seat's key)")) from None
            raise
        if made.created_at < seat.spans[0].starts_at:
            problem = f"its person had a workspace {seat.name} of their own before: have it renamed or deleted"
            self._records.count_failure(seat.number, problem)
            raise EventFailure(problem)
        self._records.change_seat(seat.number, workspace_id=made.id)
        return ""

    def _key(self, seat: Seat, parameter: str, now: datetime) -> str:
        """A new key, in place of the one before: that was in a workspace that is gone, or nowhere.

        Coder drops in silence what a template does not ask for.
        """
        asked = self._systems.coder.rich_parameters(self._template().active_version_id)
        if parameter not in {one.name for one in asked}:
            problem = f"template {self._event.template} has no parameter {parameter}"
            raise EventFailure(f"{problem} (workshop:event.ai_parameter)")
        alias = f"{self._event.name}-{seat.name}"
        self._records.change_seat(seat.number, key_alias=alias)  # before there is one: none is forgotten
        keys = self._seat_keys()
        keys.revoke([alias])
        return keys.issue(alias, now)

    def _revoke(self) -> None:
        owners = {one.key_alias: one.seat for one in self._records.seats() if one.key_alias is not None}
        self._seat_keys().revoke([*owners])
        for number in owners.values():
            self._records.change_seat(number, key_alias=None)

    def _seat_keys(self) -> SeatKeys:
        if self._systems.seat_keys is None:
            raise EventFailure("workshop:event has no ai_parameter any more: delete the event's keys in LiteLLM")
        return self._systems.seat_keys

    def _ask_template(self) -> Template:
        organization, _, name = self._event.template.partition("/")
        known = self._systems.coder.organization(organization)
        template = None if known is None else self._systems.coder.template(known.id, name)
        if template is None:
            raise EventFailure(f"Coder has no template {self._event.template}")
        return template

    def _build(self, step: Step, subject: Subject) -> str:
        if step.action == Action.START:
            self._bring_back(subject.seat)
        if step.action == Action.REPLACE:
            self._records.count_failure(subject.seat.number, step.why)
        made = self._systems.coder.build(step.workspace_id or "", _TRANSITIONS[step.action])
        return "another build is under way" if made is None else ""

    def _bring_back(self, seat: Seat) -> None:
        """Has the work put back of a seat that is begun again: before it is, so that it is never forgotten."""
        if wanted_since(seat) is not None:
            self._records.change_seat(seat.number, restore_from=seat.number)

    def _cancel(self, subject: Subject) -> str:
        """Most templates let nobody but an owner cancel: then the build ends, and what it made is stopped after it."""
        if subject.workspace is not None:
            try:
                self._systems.coder.cancel_build(subject.workspace.build_id)
            except CoderRefused as refused:
                if refused.status != HTTPStatus.FORBIDDEN:
                    raise
                return "it may not be canceled: it is stopped once it is built"
        return ""

    def _warn(self, step: Step, subject: Subject, now: datetime) -> str:
        """Said before it is kept: who is killed in between says it twice."""
        if step.end is None or step.minutes is None:
            return ""
        left = counted(max(round((step.end - now) / timedelta(minutes=1)), 1), "minute")
        text = f"{subject.seat.name} stops in {left}, at {moment(step.end)}. Your work is saved before."
        said = self._in_pods.tells(subject.seat, subject.pod, text)
        self._records.add_notice(subject.seat.number, step.minutes, step.end, now)
        return said

    def _restore(self, subject: Subject) -> str:
        seat, workspace = subject.seat, subject.workspace
        if subject.pod is None or workspace is None or seat.restore_from is None:
            raise EventFailure("its pod is gone")
        receipt = to_restore(self._records.receipts(), seat.restore_from, workspace.id, workspace.build)
        whose = f"work of seat {seat.restore_from}"
        if receipt is None:
            said = f"there is no {whose} that is not in it already"
        else:
            whose = f"{whose}, saved {moment(receipt.at)}"
            try:
                said = f"{whose}: restored{_stayed(self._in_pods.restores(subject.pod, receipt))}"
            except (DigestError, UnpackError) as error:  # it will never be another archive
                said = f"{whose}: not restored: {error}"
        self._records.change_seat(seat.number, restore_from=None, restored=said)
        return said

    def _save(self, subject: Subject, now: datetime) -> str:
        if subject.pod is None:
            raise EventFailure("its pod is gone")
        # While Coder is away: what it said last.
        build = (subject.seat.ready_build or 1) if subject.workspace is None else subject.workspace.build
        last = self._memory.last_receipts().get(subject.seat.number)
        previous = last if last is not None and last.is_good else None
        receipt = self._in_pods.saves(subject.seat, subject.pod, build, now, previous)
        self._memory.add_receipt(receipt)
        if not receipt.is_final:
            raise EventFailure(receipt.reason)
        return receipt.result.value


def _stayed(names: tuple[str, ...]) -> str:
    """Which files a restore found in its way."""
    if not names:
        return ""
    more = f" and {len(names) - _STAYED_NAMES} more" if len(names) > _STAYED_NAMES else ""
    return f"; already there, not replaced: {', '.join(names[:_STAYED_NAMES])}{more}"
