"""prune: old copies that nothing pins, in every region by itself, since replication deletes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from workshop.images.ecr import Ecr
from workshop.model.images.pruning import prunable


@dataclass(frozen=True, kw_only=True)
class Pruned:
    """What went, or would, from one repository of one region. tags: of the copies; count: of all manifests."""

    region: str
    repository: str
    tags: tuple[str, ...]
    count: int


def prune(
    registries: Mapping[str, Ecr], repositories: Iterable[str], keep: frozenset[str], now: datetime, *, is_dry: bool
) -> tuple[Pruned, ...]:
    """Deletes what may go; nothing where it is dry. keep: digests that must stay. Raises ImagesFailure."""
    done: list[Pruned] = []
    for repository in repositories:
        for region, registry in registries.items():
            entries = registry.entries(repository)
            going = prunable(entries, keep, now)
            if not going:
                continue
            if not is_dry:
                registry.delete(repository, going)
            tags = tuple(tag for digest in going if entries[digest].lists for tag in entries[digest].tags)
            done.append(Pruned(region=region, repository=repository, tags=tags, count=len(going)))
    return tuple(done)
