"""Overrides: what the window refuses and the settings let through, by the name of the risk."""

from __future__ import annotations

from collections.abc import Iterable

from workshop.model.findings import Finding
from workshop.model.settings.commands import remove_command, set_command
from workshop.model.settings.stack import Settings
from workshop.model.settings.window import Override
from workshop.model.window.phases import Phase

RULE = "window-override"


def in_force(settings: Settings, phase: Phase | None) -> tuple[Override, ...]:
    """Those of the window, while it is open."""
    return settings.window.overrides if settings.window and phase and phase.is_in_window else ()


def or_take_the_risk(settings: Settings, override: Override) -> str:
    """The end of a refusal's advice: the command that names the risk."""
    taken = len(settings.window.overrides) if settings.window else 0
    return f"or take the risk by name: {set_command(('window', 'overrides', taken), override.value)}"


def report(settings: Settings, phase: Phase | None, lifted: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each override that is set: what it lets through now, or that no rule needs it."""
    found = list(lifted)
    return tuple(
        finding
        for index, override in enumerate(settings.window.overrides if settings.window else ())
        for finding in _of(index, override, [one for one in found if one.override is override], phase)
    )


def _of(index: int, override: Override, lifted: list[Finding], phase: Phase | None) -> Iterable[Finding]:
    where = f"workshop:window.overrides[{index}]"
    remove = remove_command(("window", "overrides", index))
    for finding in lifted:
        yield Finding(
            rule=RULE,
            resource=where,
            problem=f"{override} lets through what {finding.rule} refuses: {finding.resource}: {finding.problem}",
            why=finding.why,
            fix=f"make sure that this is intended, and when it is done {remove}",
        )
    if not lifted:
        needed = (
            "no rule needs it now"
            if phase and phase.is_in_window
            else f"it counts within the window only (now: {phase})"
        )
        yield Finding(
            rule=RULE,
            resource=where,
            problem=f"{override} is set, and {needed}",
            why="it would let the next such change through without a refusal",
            fix=remove,
        )
