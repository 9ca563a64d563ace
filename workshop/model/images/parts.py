"""Manifests in a repository, and which of them make up an image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A manifest in a repository. lists: digests of the manifests that it lists; subject: what it is about."""

    tags: tuple[str, ...]
    pushed_at: datetime
    lists: tuple[str, ...] = ()
    subject: str | None = None

    @property
    def about(self) -> frozenset[str]:
        """What it is about by tags that name a digest, as older clients attach signatures."""
        return frozenset(f"sha256:{tag.removeprefix('sha256-').partition('.')[0]}" for tag in self.tags)


def parts_of(entries: Mapping[str, Entry], digest: str) -> frozenset[str]:
    """Digests of an image: what it lists, whatever is about one of these, and so on. Some may be missing in entries."""
    parts: set[str] = set()
    more = {digest}
    while more - parts:
        parts |= more
        listed = {part for one in parts if one in entries for part in entries[one].lists}
        more = listed | {one for one, entry in entries.items() if entry.subject in parts or entry.about & parts}
    return frozenset(parts)
