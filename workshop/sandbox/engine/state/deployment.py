"""The stack's state: records in memory, a version 3 deployment on disk, a journal between the two."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from workshop.sandbox.engine.errors import StateError
from workshop.sandbox.engine.state.journal import Journal, read_journal
from workshop.sandbox.engine.state.records import Record, in_dependency_order, record_from_json, record_to_json
from workshop.sandbox.engine.state.references import pruned, renamed
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json

VERSION = 3

PendingKind = Literal["creating", "updating", "deleting"]
Key = tuple[str, str]


@dataclass(frozen=True)
class Pending:
    """An operation that was begun and of which no result is known."""

    kind: PendingKind
    record: Record


class State:
    """Records and pending operations. With a journal every change is on disk before the next begins.

    secrets_providers: what encrypts this stack's secrets on the real CLI, as its export says. Without it
    `pulumi stack import` can't take a state that has secrets.
    """

    def __init__(
        self, records: Iterable[Record] = (), pending: Iterable[Pending] = (), secrets_providers: Json = None
    ) -> None:
        self.records: dict[Key, Record] = {record.key: record for record in records}
        self.pending: dict[str, Pending] = {operation.record.urn: operation for operation in pending}
        self.secrets_providers = secrets_providers
        self.journal: Journal | None = None
        self.is_changed = False
        self._texts: dict[Key, str] = {}
        self._naming: dict[str, dict[Key, None]] | None = None  # made by the first rename

    def copy(self) -> State:
        """The same state, changes to which reach no disk."""
        return State(self.records.values(), self.pending.values(), self.secrets_providers)

    def live(self, urn: str) -> Record | None:
        """The record of this URN that is not waiting for deletion."""
        return self.records.get((urn, ""))

    def begin(self, kind: PendingKind, record: Record) -> None:
        """Notes what is about to be done. Raises StateError, and then it must not be done."""
        self._apply(begin=Pending(kind, record))
        if self.journal:
            self.journal.write({"begin": kind, "record": record_to_json(record)}, sync=True)

    def commit(self, *, put: Iterable[Record] = (), remove: Iterable[Key] = (), end: str | None = None) -> None:
        """Notes what was done, in one entry: records removed, then put, and the URN whose operation ended."""
        put, remove = tuple(put), tuple(remove)
        self._apply(put=put, remove=remove, end=end)
        if self.journal:
            records = [record_to_json(record) for record in put]
            for record, fields in zip(put, records, strict=True):
                self._texts[record.key] = json.dumps(fields)
            self.journal.write({"put": records, "remove": remove, "end": end}, sync=False)

    def rename(self, old: str, new: str) -> list[Record]:
        """An alias was matched: whatever refers to the old URN means the new one. Answers the records it changed."""
        changed = self._rename(old, new)
        if self.journal:
            self.journal.write({"rename": [old, new]}, sync=False)
        return changed

    def prune(self) -> None:
        """Drops references to what is gone and properties that depend on nothing, as the CLI does after a refresh."""
        present = {record.urn for record in self.records.values()}
        now = (pruned(record, present) for record in self.records.values())
        self.commit(put=[record for record in now if record != self.records[record.key]])

    def replay(self, entry: Mapping[str, Json]) -> None:
        """Applies a journal entry; applying it twice is the same as once. Raises ValueError, KeyError."""
        if "begin" in entry:
            self._apply(begin=Pending(entry["begin"], record_from_json(entry["record"])))
        elif "rename" in entry:
            self._rename(*entry["rename"])
        else:
            self._apply(
                put=tuple(record_from_json(fields) for fields in entry["put"]),
                remove=tuple((urn, id) for urn, id in entry["remove"]),
                end=entry["end"],
            )

    def _apply(
        self,
        put: tuple[Record, ...] = (),
        remove: tuple[Key, ...] = (),
        begin: Pending | None = None,
        end: str | None = None,
    ) -> None:
        self.is_changed = True
        for key in remove:
            self.records.pop(key, None)
            self._texts.pop(key, None)
        for record in put:
            self.records[record.key] = record
            self._texts.pop(record.key, None)
        self._index(put)
        if begin:
            self.pending[begin.record.urn] = begin
        if end:
            self.pending.pop(end, None)

    def _rename(self, old: str, new: str) -> list[Record]:
        self.is_changed = True
        if self._naming is None:
            self._naming = {}
            self._index(self.records.values())
        found = [(key, self.records[key]) for key in self._naming.pop(old, ()) if key in self.records]
        changed = [renamed(record, old, new) for _, record in found]
        for (key, _), record in zip(found, changed, strict=True):
            self._texts.pop(key, None)
            if record.key != key:
                del self.records[key]
            self.records[record.key] = record
        self._index(changed)
        return changed

    def _index(self, records: Iterable[Record]) -> None:
        """Keeps up by which records a URN is named, so that a rename needn't look at all of them."""
        if self._naming is not None:
            for record in records:
                for urn in (record.urn, *record.all_dependencies()):
                    self._naming.setdefault(urn, {})[record.key] = None

    def text(self) -> str:
        """The deployment as JSON, one resource a line."""
        ordered = in_dependency_order(self.records.values())
        resources = [self._texts.get(record.key) or json.dumps(record_to_json(record)) for record in ordered]
        pending = [
            {"type": operation.kind, "resource": record_to_json(operation.record)}
            for operation in self.pending.values()
        ]
        manifest = {"time": datetime.now(UTC).isoformat(), "magic": "", "version": ""}
        lines = ",\n".join(resources)
        secrets = f'"secrets_providers": {json.dumps(self.secrets_providers)},\n' if self.secrets_providers else ""
        return (
            f'{{"version": {VERSION}, "deployment": {{\n"manifest": {json.dumps(manifest)},\n'
            f'{secrets}"resources": [\n{lines}\n],\n"pending_operations": {json.dumps(pending)}}}}}\n'
        )


@dataclass(frozen=True)
class StateFile:
    """Where a stack's state lives: the file, the last good one beside it, the journal."""

    path: Path

    @property
    def backup(self) -> Path:
        """The state before the last run that changed it."""
        return self.path.with_name(self.path.name + ".bak")

    @property
    def journal(self) -> Path:
        """The steps of a run that is under way or was cut short."""
        return self.path.with_suffix(".journal")

    @property
    def lock(self) -> Path:
        """Names who is changing the stack."""
        return self.path.with_suffix(".lock")

    def load(self) -> State:
        """Reads the state, with the journal of a run that was cut short. Raises StateError."""
        state = self._read()
        for entry in read_journal(self.journal):
            try:
                state.replay(entry)
            except (ValueError, KeyError, TypeError) as error:
                raise StateError(f"{self.journal}: an entry can't be understood ({error})") from error
        return state

    def _read(self) -> State:
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return State()
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{self.path}: can't read the state: {error}") from error
        try:
            return _state_of(json.loads(text))
        except _Newer as newer:
            raise StateError(
                f"{self.path}: the state has version {newer}, this engine reads {VERSION}: "
                "use the newer release of this project that wrote it"
            ) from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateError(
                f"{self.path}: the state is damaged ({str(error).splitlines()[0]}): restore the last good one: "
                f"cp {shlex.quote(str(self.backup))} {shlex.quote(str(self.path))}"
            ) from error

    def open(self, state: State) -> State:
        """The state with a journal: from here on every step is on disk before the next. Raises StateError."""
        if state.is_changed:
            self.save(state)  # the steps of a run that was cut short
        self.journal.unlink(missing_ok=True)  # at most half an entry, to which nothing may be appended
        state.journal = Journal(self.journal)
        return state

    def close(self, state: State) -> None:
        """Folds the journal into the file, where there is anything to fold. Raises StateError."""
        if state.journal:
            state.journal.close()
            state.journal = None
        if state.is_changed:
            self.save(state)
        else:
            self.journal.unlink(missing_ok=True)

    def save(self, state: State) -> None:
        """Folds everything into the file, keeps the previous one, drops the journal. Raises StateError."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                write_private(self.backup, self.path.read_text(encoding="utf-8"))
            write_private(self.path, state.text())
            _sync_directory(self.path.parent)  # the journal may only go when the state is there to stay
            self.journal.unlink(missing_ok=True)
        except OSError as error:
            raise StateError(
                f"{self.path}: can't write the state: {error.strerror}: everything done is in {self.journal.name} "
                "and is folded in by the next run"
            ) from error
        state.is_changed = False


class _Newer(Exception):
    """The state's version is not known here."""


def _state_of(content: Json) -> State:
    version = content["version"]
    if isinstance(version, int) and version > VERSION:
        raise _Newer(version)
    if version != VERSION:
        raise ValueError(f"version {version}")
    deployment: Json = content["deployment"]
    resources: list[Json] = deployment.get("resources") or []
    operations: list[Json] = deployment.get("pending_operations") or []
    return State(
        [record_from_json(fields) for fields in resources],
        [Pending(operation["type"], record_from_json(operation["resource"])) for operation in operations],
        deployment.get("secrets_providers"),
    )


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
