"""What goes at the end of a run, and in which order."""

from __future__ import annotations

from collections.abc import Container, Iterable

from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.engine.state.records import Record, in_dependency_order
from workshop.sandbox.engine.steps.steps import Steps
from workshop.sandbox.engine.urns import name_of


def leftovers(records: Iterable[Record], declared: Container[str]) -> list[Record]:
    """Replaced resources and those that the program declares no longer; dependents come first."""
    ordered = in_dependency_order(records)
    return [record for record in reversed(ordered) if record.delete or record.urn not in declared]


def kept_by_protection(records: Iterable[Record]) -> list[Record]:
    """Protected resources and everything they depend on: what `destroy --exclude-protected` leaves."""
    ordered = in_dependency_order(records)
    kept: set[str] = {record.urn for record in ordered if record.protect and not record.delete}
    for record in reversed(ordered):
        if record.urn in kept:
            kept.update(record.all_dependencies())
    return [record for record in ordered if record.urn in kept and not record.delete]


def delete_all(steps: Steps, doomed: Iterable[Record]) -> None:
    """Deletes them in this order. Raises EngineError before the first where a protected one is among them."""
    doomed = list(doomed)
    protected = [record for record in doomed if record.protect and not record.delete]
    if protected:
        names = ", ".join(f"{record.type} {name_of(record.urn)}" for record in protected)
        raise EngineError(
            f"{names}: protected, but the program declares it no longer: declare it again, "
            "or remove protect in one run and the resource in the next"
        )
    gone: set[str] = {record.urn for record in doomed}
    for record in doomed:
        if record.pending_replacement:
            steps.state.commit(remove=[record.key])
        else:
            steps.delete(record, is_gone_with_another=record.deleted_with in gone)
