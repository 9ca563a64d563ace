"""What a change means for one stack, as blocks of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from workshop.cli.differences import Comparison, Difference
from workshop.cli.render.markdown import Block, folded, plain, table
from workshop.model.comparison import Version, changed_settings, figures, records
from workshop.model.counting import counted

_HEADS = ("what", "before", "after")


def sections(compared: Iterable[Comparison]) -> Iterator[Block]:
    """One for each stack; stacks of which the same is to be said share theirs."""
    stacks: dict[tuple[Block, ...], list[str]] = {}
    for one in compared:
        stacks.setdefault(tuple(_section(one)), []).append(plain(one.stack))
    for blocks, names in stacks.items():
        yield Block(text=f"### {'Stack' if len(names) == 1 else 'Stacks'} {', '.join(names)}\n")
        yield from blocks


def _section(compared: Comparison) -> list[Block]:
    """First the verdict, at last the manifests. A record is shown once: as a record, not as a resource as well."""
    before, after = compared.before, compared.after
    changes = [*_changes(before, after)]
    if not (compared.problems or changes or compared.resources):
        return [Block(text="Nothing changes.\n")]
    shown = {name.rpartition(" (")[0] for name, _, _ in _compared(records(before), records(after))}
    rest = (
        one for one in compared.resources if not (one.resource.is_record and one.resource.inputs.get("name") in shown)
    )
    resources = _resources(tuple(rest))
    return [*_verdict(compared.problems), *changes, *resources, *_checksums(before, after)]


def _verdict(problems: Sequence[str]) -> Iterator[Block]:
    if not problems:
        yield Block(text="Passes the rules of settings and zones.\n")
        return
    yield Block(text=f"**Refused**: {counted(len(problems), 'reason')}.\n")
    lines = "".join(f"{number}. {plain(problem)}\n" for number, problem in enumerate(problems, 1))
    yield Block(text=lines, summary=f"1. {plain(problems[0])[:2000]}\n")


def _changes(before: Version, after: Version) -> Iterator[Block]:
    parts = [("Settings", list(changed_settings(before, after)))]
    if after.plan:
        parts = [
            ("Plan and cost", _compared(figures(before), figures(after))),
            ("Records", _compared(records(before), records(after))),
            *parts,
        ]
    for title, rows in parts:
        if rows:
            summary = f"#### {title}\n\n{len(rows)} differ: too many to show.\n"
            yield Block(text=f"#### {title}\n\n{table(_HEADS, rows)}", summary=summary)


def _resources(found: tuple[Difference, ...]) -> Iterator[Block]:
    if not found:
        return
    counted = Counter(one.what for one in found)
    counts = ", ".join(f"{counted[what]} {what}" for what in ("added", "changed", "removed") if counted[what])
    head = f"#### Resources\n\n{counts}.\n"
    rows = [row for one in found for row in one.rows()]
    yield Block(text=f"{head}\n{table(('resource', 'what', 'before', 'after'), rows)}", summary=head)
    manifests = [one for one in found if one.resource.is_kubernetes]
    if manifests:
        yield Block(text="#### Manifests\n")
    for one in manifests:
        title = f"{one.resource.name} ({one.resource.type.removeprefix('kubernetes:')}), {one.what}"
        yield Block(text=folded(title, one.manifest(), "diff"), summary=f"{plain(title)}: too long to show.\n")


def _checksums(before: Version, after: Version) -> Iterator[Block]:
    """What was reviewed, for who applies it to compare."""
    if after.plan is None:
        return
    old = {file.path: file.checksum for file in before.plan.dns.files} if before.plan else {}
    changed = [file for file in after.plan.dns.files if old.get(file.path) != file.checksum]
    if changed:
        lines = "".join(f"Checksum of {plain(file.path)}: `{file.checksum}`\n" for file in changed)
        yield Block(text=lines, summary=f"{len(changed)} checksums of zone files differ.\n")


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]
