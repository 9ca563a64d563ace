"""What a change means, as blocks of Markdown: first what this command cannot judge, then stack by stack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workshop.cli.differences import Comparison, Difference
from workshop.cli.render.markdown import Block, code, folded, table
from workshop.model.comparison import Version, figures, guards, is_guard, is_settings, records
from workshop.model.counting import counted
from workshop.model.settings.file.leaves import changed_leaves

_HEADS = ("what", "before", "after")

_NOT_LOOKED_UP: Final = (
    "Not looked up: no system was asked, so nothing here says what is there now. Resources are those of a first `up`, "
    "declared by this command's own version of the program; `(not set)` and account `000000000000` stand for settings "
    "without a value. Whether clusters, registries and records are as assumed, and what `up` would do to them, the "
    "preview on a trusted branch says.\n"
)

_FIRST: Final = ("policies/", ".github/", "components/", "workshop/", "__main__.py", "scripts/", ".ci/", "requirements")
"""Where the files are that matter most to a reviewer; other guards follow by name."""

_MOST_FILES: Final = 60

_IN_RECORDS: Final = re.compile(r"records\[(?P<host>[^\]]+)\]\.(?:host|region|target|ttl|proxied|retiring)")
"""What the table of records says of a record as well."""


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A file of settings or zones that is not the same in both commits. rows: place, before and after of each value."""

    path: str
    rows: tuple[tuple[str, str, str], ...]


def document(
    before: str,
    after: str,
    changed: Mapping[str, str],
    compared: Sequence[Comparison],
    shared: Sequence[Shared],
    left_out: Sequence[str],
) -> list[Block]:
    """The whole comment. before, after: hashes; changed: what happened to each file; left_out: stacks."""
    title = f"## Workshop: `{before[:10]}` to `{after[:10]}`\n\n"
    if not changed:
        return [Block(text=f"{title}Nothing changes: both commits hold the same files.\n")]
    blocks = [Block(text=title + _NOT_LOOKED_UP), *_guards(changed)]
    if left_out:
        names = ", ".join(code(name) for name in left_out[:_MOST_FILES])
        text = f"**Not compared**, since {len(compared)} stacks are the most: {counted(len(left_out), 'stack')}"
        blocks.append(Block(text=f"{text}: {names}.\n", summary=f"{text}.\n"))
    blocks += _shared(shared, compared)
    blocks += sections(compared)
    return [*blocks, *_others(changed)]


def sections(compared: Iterable[Comparison]) -> Iterator[Block]:
    """One for each stack; stacks of which the same is to be said share theirs."""
    stacks: dict[tuple[Block, ...], list[str]] = {}
    for one in compared:
        stacks.setdefault(tuple(_section(one)), []).append(code(one.stack))
    for blocks, names in stacks.items():
        yield Block(text=f"### {'Stack' if len(names) == 1 else 'Stacks'} {', '.join(names)}\n")
        yield from blocks


def _guards(changed: Mapping[str, str]) -> Iterator[Block]:
    """Said first, since what refuses nothing afterwards may be what refused before."""
    files = [path for path in changed if is_guard(path)]
    if not files:
        return
    files.sort(
        key=lambda path: next((rank for rank, start in enumerate(_FIRST) if path.startswith(start)), len(_FIRST))
    )
    is_one = len(files) == 1
    head = (
        f"### Not judged here\n\n**{counted(len(files), 'file')} that {'decides' if is_one else 'decide'} what runs or "
        f"what is refused {'differs' if is_one else 'differ'}.** This command does not judge "
        f"{'it: read it' if is_one else 'them: read them'}.\n"
    )
    rest = Counter(path.partition("/")[0] for path in files[_MOST_FILES:])
    more = "".join(f"\n{number} more in {code(folder)}.\n" for folder, number in rest.most_common(_MOST_FILES))
    rows = [(path, changed[path]) for path in files[:_MOST_FILES]]
    by_folder = Counter(path.partition("/")[0] for path in files).most_common(10)
    summary = ", ".join(f"{number} in {code(folder[:100])}" for folder, number in by_folder)
    yield Block(text=f"{head}\n{table(('file', 'what'), rows)}{more}", summary=f"{head}\n{summary}.\n")


def _shared(files: Sequence[Shared], compared: Sequence[Comparison]) -> Iterator[Block]:
    """Values of zone files and defaults; what stands with a stack is left out: its values, records, checksums."""
    shown = {_host(name) for one in compared for name, _, _ in _compared(records(one.before), records(one.after))}
    planned = {file.path: file.checksum for one in compared if one.after.plan for file in one.after.plan.dns.files}
    own = {f"Pulumi.{one.stack}.yaml" for one in compared}
    rows: list[tuple[str, str, str, str]] = []
    for file in files:
        for path, before, after in file.rows if file.path not in own else ():
            in_records = _IN_RECORDS.fullmatch(path)
            is_shown = in_records["host"] in shown if in_records else planned.get(path) == after
            if not is_shown:
                rows.append((file.path, path, before, after))
    if rows:
        title = "### Zone files, defaults and other settings\n\n"
        text = title + table(("file", *_HEADS), rows)
        paths = list(dict.fromkeys(row[0] for row in rows))
        names = ", ".join(code(path[:100]) for path in paths[:10])
        yield Block(text=text, summary=f"{title}{len(rows)} values differ, too many to show, in {names}.\n")
    rewritten = [file.path for file in files if not file.rows]
    if rewritten:
        text = f"Only comments, order or the way values are written: {counted(len(rewritten), 'file')}"
        names = ", ".join(code(path) for path in rewritten)
        yield Block(text=f"{text}: {names}.\n", summary=f"{text}.\n")


def _host(name: str) -> str:
    return name.rpartition(" (")[0]


def _others(changed: Mapping[str, str]) -> Iterator[Block]:
    """So that every file that differs is accounted for."""
    files = [path for path in changed if not is_guard(path) and not is_settings(path)]
    if files:
        text = f"Documents and pictures, not looked at: {counted(len(files), 'file')}"
        names = ", ".join(code(path) for path in files)
        yield Block(text=f"{text}: {names}.\n", summary=f"{text}.\n")


def _section(compared: Comparison) -> list[Block]:
    """First the verdict, at last the manifests. A record is shown once: as a record, not as a resource as well."""
    before, after = compared.before, compared.after
    changes = [*_loosened(before, after), *_changes(before, after)]
    if not after.is_there:
        text = (
            "**Removed**: its settings are no longer there. Nothing is deleted by that; `destroy` would have done it.\n"
        )
        return [Block(text=text), *changes]
    if not (compared.problems or changes or compared.resources or before.problems):
        return [Block(text="No difference in settings, plan, cost, records and resources.\n")]
    shown = {_host(name) for name, _, _ in _compared(records(before), records(after))}
    rest = (
        one for one in compared.resources if not (one.resource.is_record and one.resource.inputs.get("name") in shown)
    )
    resources = _resources(tuple(rest))
    return [*_verdict(compared), *changes, *resources, *_checksums(before, after)]


def _verdict(compared: Comparison) -> Iterator[Block]:
    before, problems = compared.before, compared.problems
    if not before.is_there:
        yield Block(text="New: the base has no such stack.\n")
    elif before.problems:
        lines = _numbered(before.problems)
        text = "The base gives no plan, so there is nothing to compare the plan with"
        yield Block(text=f"{text}:\n\n{lines}", summary=f"{text}.\n")
    if not problems:
        yield Block(text="Passes the rules of settings and zones.\n")
        return
    yield Block(text=f"**Refused**: {counted(len(problems), 'reason')}.\n")
    yield Block(text=_numbered(problems), summary=_numbered(problems[:1]))


def _loosened(before: Version, after: Version) -> Iterator[Block]:
    """Before all that they would have held back."""
    found = [one for one in guards(before, after) if one.is_loosened]
    if found:
        rows = [(f"{one.zone}: {one.guard}", one.before, one.after) for one in found]
        text = f"**Loosened**: {counted(len(found), 'guard')} of the zones.\n"
        yield Block(text=f"{text}\n{table(('guard', 'before', 'after'), rows)}", summary=text)


def _numbered(problems: Sequence[str]) -> str:
    return "".join(f"{number}. {code(problem)}\n" for number, problem in enumerate(problems, 1))


def _changes(before: Version, after: Version) -> Iterator[Block]:
    parts = [("Settings", list(changed_leaves(before.values, after.values)))]
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
        yield Block(text=folded(title, one.manifest(), "diff"), summary=f"{code(title)}: too long to show.\n")


def _checksums(before: Version, after: Version) -> Iterator[Block]:
    """What was reviewed, for who applies it to compare."""
    if after.plan is None:
        return
    old = {file.path: file.checksum for file in before.plan.dns.files} if before.plan else {}
    changed = [file for file in after.plan.dns.files if old.get(file.path) != file.checksum]
    if changed:
        lines = "".join(f"Checksum of {code(file.path)}: `{file.checksum}`\n" for file in changed)
        yield Block(text=lines, summary=f"{len(changed)} checksums of zone files differ.\n")


def _compared(before: Mapping[str, str], after: Mapping[str, str]) -> list[tuple[str, str, str]]:
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name, ""), after.get(name, "")) for name in names if before.get(name) != after.get(name)]
