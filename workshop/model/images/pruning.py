"""Which copies may go: old ones of ours that nothing pins, with all that belongs to them and to nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from workshop.model.images.mirroring import own_tag_among
from workshop.model.images.parts import Entry

KEPT: Final = timedelta(days=30)
"""After a copy was made nobody deletes it: longer than a monthly workshop's preparation."""


def prunable(entries: Mapping[str, Entry], keep: Iterable[str], now: datetime) -> tuple[str, ...]:
    """Digests in the order in which they may be deleted: what lists others first. keep: digests that must stay.

    A copy goes if it has our own tag and no other, is older than KEPT, and is not the newest; its manifests go with it
    unless something else lists them, and so do signatures and attestations of what goes.
    """
    kept = set(keep)
    copies = {digest: entry for digest, entry in entries.items() if own_tag_among(entry.tags, digest)}
    newest = max(copies, key=lambda digest: copies[digest].pushed_at, default=None)
    going = [
        digest
        for digest, entry in sorted(copies.items(), key=lambda item: item[1].pushed_at)
        if digest not in kept and digest != newest and _has_no_other_tag(entry, digest) and now - entry.pushed_at > KEPT
    ]
    stays = {part for digest, entry in entries.items() if digest not in going for part in entry.lists} | kept
    parts = [
        part
        for digest in going
        for part in entries[digest].lists
        if part in entries and part not in stays and not entries[part].tags
    ]
    gone = {*going, *parts}
    attached = [digest for digest, entry in entries.items() if digest not in gone and _is_about(entry, gone, stays)]
    return tuple(dict.fromkeys((*attached, *going, *parts)))


def _has_no_other_tag(entry: Entry, digest: str) -> bool:
    """Than ours, of which two runs around midnight give two."""
    return all(own_tag_among((tag,), digest) for tag in entry.tags)


def _is_about(entry: Entry, gone: set[str], stays: set[str]) -> bool:
    """By its subject, or by tags that name a digest, all of them of what goes."""
    if entry.subject is None:
        return bool(entry.about) and entry.about <= gone
    return entry.subject in gone and entry.subject not in stays and entry.about <= gone | {entry.subject}
