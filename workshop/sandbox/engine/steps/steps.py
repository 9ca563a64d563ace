"""Single steps: intent into the journal, provider call, result into the journal. The same code previews."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workshop.model.outcome import Change, Operation
from workshop.sandbox.engine.errors import Interrupted, StepFailed
from workshop.sandbox.engine.registration.hooks import Hooks
from workshop.sandbox.engine.state.deployment import Key, State
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.steps.requests import create_request, delete_request, read_request, update_request
from workshop.sandbox.engine.urns import is_default_provider, is_provider, name_of
from workshop.sandbox.engine.values import Secret, plain, with_secrets_of
from workshop.sandbox.providers.provider import UNKNOWN, NoAnswer, NotReady, ProviderError, ReadRequest, Waiting


def now() -> str:
    """The time as the state file has it."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@contextmanager
def failing_as(urn: str, action: str) -> Generator[None]:
    """Names the resource and the action in what a provider raises."""
    try:
        yield
    except ProviderError as error:
        raise StepFailed(urn, action, str(error)) from error


@dataclass
class Steps:
    """Carries out steps on a state. changes: everything done so far, or planned in a preview.

    drift: by URN, what others were found to have changed. may_continue: asked before each step; False stops the run.
    waiting: entered while a provider waits for what it has made.
    """

    state: State
    registry: Registry
    hooks: Hooks
    is_preview: bool
    on_change: Callable[[Change], None] | None = None
    may_continue: Callable[[], bool] = lambda: True
    waiting: Waiting = nullcontext
    changes: list[Change] = field(default_factory=list[Change])
    drift: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def note(self, operation: Operation, record: Record, properties: Iterable[str] = ()) -> None:
        """Adds to the changes; providers that the engine made itself don't count, as in the CLI."""
        if is_default_provider(record.urn):
            return
        change = Change(
            operation=operation,
            type=record.type,
            name=name_of(record.urn),
            urn=record.urn,
            properties=tuple(properties),
            drift=self.drift.get(record.urn, ()),
        )
        self.changes.append(change)
        if self.on_change:
            self.on_change(change)

    def create(self, new: Record, replaced: Record | None = None, properties: Iterable[str] = ()) -> Record:
        """Creates a resource; replaced: the one it succeeds, deleted already or at the end of the run."""
        self._before_step(new)
        self.hooks.run("before_create", old=None, new=new)
        created = new
        provider = self.registry.serving(new)
        if provider:
            if self._is_real(new):
                self.state.begin("creating", new)
            with failing_as(new.urn, "create"), self._ending_on_refusal(new), self._keeping_what_is_not_ready(new):
                answer = provider.create(create_request(new, self.waiting, is_preview=self.is_preview))
            if not answer.id and not self.is_preview:
                raise StepFailed(new.urn, "create", "the provider gave it no id")
            created = new.but(id=answer.id, outputs=outputs_of(new, answer.outputs))
        created = created.but(created=now(), modified=now())
        put = [created]
        remove: list[Key] = []
        if replaced and not replaced.pending_replacement and not replaced.external:
            put.append(replaced.but(delete=True))
        elif replaced:
            remove.append(replaced.key)
        self.state.commit(remove=remove, put=reversed(put), end=new.urn)
        self._configure(created)
        self.note("replace" if replaced else "create", created, properties)
        if new.custom:
            self.hooks.run("after_create", old=None, new=created)
        return created

    def update(self, old: Record, new: Record, properties: Iterable[str]) -> Record:
        """Changes a resource in place."""
        self._before_step(new)
        new = new.but(id=old.id, created=old.created)
        self.hooks.run("before_update", old=old, new=new)
        updated = new
        provider = self.registry.serving(new)
        if provider:
            if self._is_real(new):
                self.state.begin("updating", new)
            with failing_as(new.urn, "update"), self._ending_on_refusal(new):
                outputs = provider.update(update_request(old, new, self.waiting, is_preview=self.is_preview))
            updated = new.but(outputs=outputs_of(new, outputs))
        updated = updated.but(modified=now())
        self.state.commit(put=[updated], end=new.urn)
        self._configure(updated)
        self.note("update", updated, properties)
        if new.custom:
            self.hooks.run("after_update", old=old, new=updated)
        return updated

    def same(self, old: Record, new: Record, *, is_step: bool) -> Record:
        """Nothing differs; what only the engine cares for (options, dependencies) is brought up to date.

        is_step: False right after an import, which then was the only step.
        """
        kept = new.but(id=old.id, outputs=old.outputs, created=old.created, modified=old.modified)
        if kept != old:
            self.state.commit(put=[kept])
        self._configure(kept)
        if is_step:
            self.note("same", kept)
        return kept

    def read(self, new: Record, id: object) -> Record:
        """Reads a resource that others own."""
        self._before_step(new)
        if id is UNKNOWN:
            read = new.but(external=True)
        else:
            provider = self.registry.serving(new)
            assert provider is not None
            inputs = plain(new.inputs)
            with failing_as(new.urn, "read"):
                found = provider.read(
                    ReadRequest(urn=new.urn, kind=new.type, id=str(id), inputs=inputs, outputs=inputs)
                )
            if found is None:
                raise StepFailed(new.urn, "read", f"there is none with id {id}")
            read = new.but(external=True, id=found.id, outputs=outputs_of(new, found.outputs))
        self.state.commit(put=[read])
        self.note("read", read)
        return read

    def adopt(self, new: Record) -> Record:
        """Imports what exists under new.import_id; the answer is what it is now, to be compared with `new`."""
        self._before_step(new)
        provider = self.registry.serving(new)
        assert provider is not None
        with failing_as(new.urn, "import"):
            found = provider.read(ReadRequest(urn=new.urn, kind=new.type, id=new.import_id, inputs={}, outputs={}))
        if found is None:
            raise StepFailed(
                new.urn,
                "import",
                f"there is none with id {new.import_id}: fix the id, or leave import_ out to create it",
            )
        inputs = with_secrets_of(dict(found.inputs), new.inputs)
        adopted = new.but(
            id=found.id, inputs=inputs, outputs=outputs_of(new, found.outputs), created=now(), modified=now()
        )
        self.state.commit(put=[adopted])
        self.note("import", adopted)
        return adopted

    def refresh(self, old: Record) -> Record | None:
        """Reads a managed resource back into the state; None when it is gone."""
        if not old.custom or is_provider(old.type) or old.pending_replacement or old.delete:
            return old
        self._before_step(old)
        provider = self.registry.serving(old)
        assert provider is not None
        with failing_as(old.urn, "refresh"):
            found = provider.read(read_request(old))
        self.drift[old.urn] = ("it is gone: somebody deleted it",) if found is None else found.drift
        if found is None:
            self.state.commit(remove=[old.key], end=old.urn)
            return None
        refreshed = old.but(
            id=found.id,
            inputs=with_secrets_of(dict(found.inputs), old.inputs),
            outputs=outputs_of(old, found.outputs),
        )
        if refreshed != old:
            refreshed = refreshed.but(modified=now())
            self.state.commit(put=[refreshed], end=old.urn)
        return refreshed

    def delete(self, old: Record, *, is_gone_with_another: bool, is_replaced: bool = False) -> None:
        """Deletes a resource, or only forgets it: retained, read, or gone with the one it is deleted with.

        is_replaced: its successor is created next, and until then the state remembers that it is due.
        """
        self._before_step(old)
        self.hooks.run("before_delete", old=old, new=None)
        provider = self.registry.serving(old) if self._is_provider_asked(old, is_gone_with_another) else None
        if provider and not self.is_preview:
            self.state.begin("deleting", old)
            with failing_as(old.urn, "delete"), self._ending_on_refusal(old):
                provider.delete(delete_request(old))
        if is_replaced:
            self.state.commit(put=[old.but(pending_replacement=True)], end=old.urn)
        else:
            self.state.commit(remove=[old.key], end=old.urn)
            if not old.delete:
                self.note("delete", old)
        self.hooks.run("after_delete", old=old, new=None)

    @contextmanager
    def _keeping_what_is_not_ready(self, new: Record) -> Generator[None]:
        """What exists but does not work is in the state, with why, and the next run sees to it."""
        try:
            yield
        except NotReady as error:
            made = new.but(
                id=error.resource.id,
                outputs=outputs_of(new, error.resource.outputs),
                init_errors=[str(error)],
                created=now(),
                modified=now(),
            )
            self.state.commit(put=[made], end=new.urn)
            raise

    def _is_provider_asked(self, old: Record, is_gone_with_another: bool) -> bool:
        return old.custom and not (old.external or old.retain_on_delete or is_gone_with_another)

    def _is_real(self, record: Record) -> bool:
        return not self.is_preview and not is_provider(record.type)

    def _before_step(self, record: Record) -> None:
        if not self.may_continue():
            raise Interrupted(
                f"stopped before {record.type} {name_of(record.urn)}: run the same command again to go on"
            )

    def _configure(self, record: Record) -> None:
        if is_provider(record.type):
            self.registry.configure(record)

    @contextmanager
    def _ending_on_refusal(self, record: Record) -> Generator[None]:
        """A refusal is a result; no answer is none, and the next run looks what was done."""
        try:
            yield
        except NoAnswer:
            raise
        except ProviderError:
            if record.urn in self.state.pending:
                self.state.commit(end=record.urn)
            raise


def outputs_of(record: Record, outputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a provider answered, with secrets where the inputs or the options have them."""
    marked: dict[str, Any] = with_secrets_of(dict(outputs), record.inputs)
    for name in record.additional_secret_outputs:
        if name in marked and not isinstance(marked[name], Secret):
            marked[name] = Secret(plain(marked[name]))
    return marked


def changed_paths(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the properties that differ."""
    return tuple(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
