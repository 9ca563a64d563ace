"""Decides, registration by registration, what has to be done, as Pulumi's step generator does."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from workshop.sandbox.engine import urns
from workshop.sandbox.engine.errors import EngineError, StepFailed
from workshop.sandbox.engine.paths import any_covers, with_ignored
from workshop.sandbox.engine.planning.deletions import delete_all, kept_by_protection, leftovers
from workshop.sandbox.engine.planning.replacements import dependents_to_replace
from workshop.sandbox.engine.policies.judging import Judging
from workshop.sandbox.engine.registration.aliases import alias_urns
from workshop.sandbox.engine.registration.goals import Goal
from workshop.sandbox.engine.state.deployment import State
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.steps.requests import diff_request
from workshop.sandbox.engine.steps.steps import Steps, changed_paths, failing_as
from workshop.sandbox.engine.values import UNKNOWN_TEXT, plain, with_secrets_of
from workshop.sandbox.providers.provider import CheckRequest, Diff, Provider

Mode = Literal["update", "destroy"]


@dataclass
class Planner:
    """One run's plan. news: what the program declared, by URN."""

    project: str
    stack: str
    mode: Mode
    state: State
    registry: Registry
    steps: Steps
    judging: Judging
    is_refreshing: bool
    news: dict[str, Record] = field(default_factory=dict[str, Record])
    goals: dict[str, Goal] = field(default_factory=dict[str, Goal])

    def __post_init__(self) -> None:
        self._olds = {record.urn: record for record in self.state.records.values() if not record.delete}
        self._alias_of: dict[str, str] = {}
        self._aliased: dict[str, str] = {}
        self._deleted: set[str] = set()
        self._replaced: set[str] = set()
        self._imported: set[str] = set()
        self._default_providers: dict[tuple[str, str], str] = {}
        self.skipped: set[str] = set()

    # -- what the monitor asks ---------------------------------------------------------------------

    def register(self, goal: Goal) -> Record:
        """Brings one resource to what the program wants. Raises EngineError."""
        urn = self._claim(goal)
        old = self._old(urn, goal)
        provider_ref = goal.provider or self._default_provider(goal)
        new = goal.record(urn, provider_ref).but(aliases=[self._alias_of[urn]] if urn in self._alias_of else [])
        if old and self.is_refreshing:
            old = self.steps.refresh(old)
        if self.mode == "destroy":
            return self._carried_over(old, new)
        record = self._bring_about(goal, old, new)
        self.news[urn] = record
        return record

    def read(self, goal: Goal, id: object) -> Record:
        """Reads a resource that is not managed. Raises EngineError."""
        urn = self._claim(goal)
        record = self.steps.read(goal.record(urn, goal.provider or self._default_provider(goal)), id)
        self.news[urn] = record
        return record

    def register_outputs(self, urn: str, outputs: dict[str, Any]) -> None:
        """Outputs of a component or of the stack."""
        if self.mode == "destroy":
            return
        record = self.news.get(urn)
        if record is None:
            raise EngineError(f"{urn}: outputs of a resource that was not registered")
        complete = record.but(outputs=outputs)
        if complete != record:
            self.news[urn] = complete
            self.steps.state.commit(put=[complete])

    def finish(self) -> None:
        """The program has ended well: deletes what it no longer declares, then asks the stack policies."""
        records = list(self.state.records.values())
        kept = kept_by_protection(records) if self.mode == "destroy" else []
        for record in kept:
            self.steps.note("same", record)
        declared = {record.urn for record in kept} if self.mode == "destroy" else self.news.keys()
        doomed = leftovers(records, declared)
        if self.is_refreshing:
            doomed = [found for record in doomed if (found := self.steps.refresh(record))]
        delete_all(self.steps, doomed)
        if self.mode == "destroy" and self.is_refreshing:
            self.state.prune()
        if self.mode != "destroy":
            self._judge_stack(doomed if self.is_refreshing else [])

    def _judge_stack(self, refreshed: Sequence[Record]) -> None:
        """refreshed: what was deleted after that; Pulumi hands it to stack policies too (docs/real-cli.md)."""
        resources = [
            (record, self.goals.get(urn), self.registry.provider_record(record.provider) if record.provider else None)
            for urn, record in [*self.news.items(), *((record.urn, record) for record in refreshed)]
        ]
        self.judging.judge_stack(resources, self._stack_urn)

    @property
    def _stack_urn(self) -> str:
        name = f"{self.project}-{self.stack}"
        return urns.create_urn(self.stack, self.project, "", urns.STACK_TYPE, name)

    @property
    def stack_record(self) -> Record | None:
        """The stack itself, with its outputs."""
        return self.news.get(self._stack_urn)

    # -- names, aliases, providers -----------------------------------------------------------------

    def _claim(self, goal: Goal) -> str:
        urn = urns.create_urn(self.stack, self.project, goal.parent, goal.type, goal.name)
        if urn in self.goals:
            raise EngineError(f"{goal.type} {goal.name}: declared twice: give each resource of a type its own name")
        if urn in self._aliased:
            raise EngineError(f"{urn}: {self._aliased[urn]} has taken this resource over by an alias")
        self.goals[urn] = goal
        return urn

    def _old(self, urn: str, goal: Goal) -> Record | None:
        if urn in self._olds:
            return self._olds[urn]
        for alias in alias_urns(goal, self.stack, self.project, self._alias_of):
            old = self._olds.get(alias)
            if old is None:
                continue
            if alias in self.goals or alias in self._aliased:
                raise EngineError(f"{urn}: its alias {alias} is already another resource of the program")
            self._aliased[alias] = urn
            self._alias_of[urn] = alias
            del self._olds[alias]
            self._olds |= {record.urn: record for record in self.state.rename(alias, urn) if not record.delete}
            return self._olds[urn]
        return None

    def _default_provider(self, goal: Goal) -> str:
        if not goal.custom or urns.is_provider(goal.type):
            return ""
        return self.default_provider(urns.package_of(goal.type), goal.version, f"{goal.type} {goal.name}")

    def known_default_provider(self, package: str, version: str) -> str:
        """The reference of a default provider that is there already, or nothing."""
        return self._default_providers.get((package, version), "")

    def default_provider(self, package: str, version: str, where: str) -> str:
        """The reference of the provider for resources that name none. Raises EngineError."""
        key = (package, version)
        if key not in self._default_providers:
            name = f"default_{version.replace('.', '_').replace('-', '_').replace('+', '_')}" if version else "default"
            inputs = self.registry.default_inputs(package, version, where)
            goal = Goal(type=urns.PROVIDER_PREFIX + package, name=name, custom=True, parent="", inputs=inputs)
            record = self.register(goal)
            self._default_providers[key] = urns.reference(record.urn, record.id or UNKNOWN_TEXT)
        return self._default_providers[key]

    def _carried_over(self, old: Record | None, new: Record) -> Record:
        """Before a destroy nothing is made or changed; a provider, also a new one, gets its present configuration."""
        if urns.is_provider(new.type):
            served = (old or new.but(id=str(uuid4()))).but(inputs=new.inputs)
            self.registry.configure(served)
            return old or served
        if old is None:
            self.skipped.add(new.urn)
            return new
        return old

    # -- one resource ------------------------------------------------------------------------------

    def _bring_about(self, goal: Goal, old: Record | None, new: Record) -> Record:
        provider = self.registry.serving(new)
        is_deleted_already = new.urn in self._deleted
        if provider and goal.import_id and (old is None or old.external or (old.import_id or old.id) != goal.import_id):
            if old:
                raise StepFailed(
                    new.urn,
                    "import",
                    f"it exists in the state as {old.id or old.urn}: leave import_ out, or delete it first",
                )
            old = self.steps.adopt(new)
            self._imported.add(new.urn)
        is_fresh = old is None or old.external or is_deleted_already
        inputs = new.inputs if old is None else with_ignored(new.inputs, old.inputs, goal.ignore_changes)
        seed = secrets.token_bytes(32)
        new = self._checked(provider, None if is_fresh else old, new.but(inputs=inputs), seed)
        self._judge(new, goal)
        if old is None:
            return self.steps.create(new)
        if is_deleted_already or old.external:
            self._deleted.discard(new.urn)
            return self.steps.create(new, replaced=old)
        return self._compare(goal, provider, old, new, seed)

    def _checked(self, provider: Provider | None, old: Record | None, new: Record, seed: bytes) -> Record:
        if provider is None:
            return new
        old_inputs = plain(old.inputs) if old else None
        with failing_as(new.urn, "check"):
            checked = provider.check(
                CheckRequest(urn=new.urn, kind=new.type, old_inputs=old_inputs, inputs=plain(new.inputs), seed=seed)
            )
        if checked.failures:
            reasons = "; ".join(f"{failure.property}: {failure.reason}" for failure in checked.failures)
            raise StepFailed(new.urn, "check", reasons)
        return new.but(inputs=with_secrets_of(dict(checked.inputs), new.inputs))

    def _judge(self, new: Record, goal: Goal) -> None:
        self.judging.judge(new, goal, self.registry.provider_record(new.provider) if new.provider else None)

    def _compare(self, goal: Goal, provider: Provider | None, old: Record, new: Record, seed: bytes) -> Record:
        diff = self._diff(provider, old, new)
        replaces = {*diff.replaces, *(path for path in diff.changed if any_covers(goal.replace_on_changes, path))}
        changed = tuple(sorted({*diff.changed, *replaces}))
        if replaces or old.pending_replacement:
            return self._replace(goal, provider, old, new, seed, diff, changed)
        if changed or old.init_errors:
            return self.steps.update(old, new, changed)
        return self.steps.same(old, new, is_step=new.urn not in self._imported)

    def _diff(self, provider: Provider | None, old: Record, new: Record) -> Diff:
        if old.custom != new.custom or bool(old.provider) != bool(new.provider):
            return Diff(changed=("provider",), replaces=("provider",))
        if new.deleted_with in self._replaced:
            return Diff(changed=("deletedWith",), replaces=("deletedWith",))
        if provider is None:
            return Diff(changed=changed_paths(old.inputs, new.inputs))
        with failing_as(new.urn, "diff"):
            return provider.diff(diff_request(old, new))

    def _replace(
        self,
        goal: Goal,
        provider: Provider | None,
        old: Record,
        new: Record,
        seed: bytes,
        diff: Diff,
        changed: Iterable[str],
    ) -> Record:
        if old.protect and new.protect:
            raise StepFailed(
                new.urn,
                "replace",
                f"it is protected and {', '.join(changed)} can't be changed in place: unprotect it first",
            )
        if goal.import_id:
            raise StepFailed(
                new.urn,
                "replace",
                f"it is imported and {', '.join(changed)} can't be changed in place: "
                "make the program say what is there, or leave import_ out",
            )
        self._replaced.add(new.urn)
        new = self._checked(provider, None, new.but(inputs=goal.inputs), seed)
        is_first_deleted = diff.is_delete_before_replace
        if goal.delete_before_replace is not None:
            is_first_deleted = goal.delete_before_replace
        if is_first_deleted and not old.pending_replacement:
            self._delete_with_dependents(old)
            old = old.but(pending_replacement=True)
        return self.steps.create(new, replaced=old, properties=changed)

    def _delete_with_dependents(self, old: Record) -> None:
        doomed = dependents_to_replace(old, self._olds, self.news, self.registry)
        for record in reversed(doomed):
            if record.protect:
                raise StepFailed(record.urn, "replace", f"it is protected, and {old.urn} can't be replaced without it")
        self._deleted |= {old.urn, *(record.urn for record in doomed)}
        for record in (*reversed(doomed), old):
            if record.urn in self._olds and not record.pending_replacement:
                self.steps.delete(record, is_gone_with_another=record.deleted_with in self._deleted, is_replaced=True)
                self._olds[record.urn] = record.but(pending_replacement=True)
        self._deleted.discard(old.urn)
