"""mirror: every listed source, by digest, to every region; whatever ends a run, the next one goes on.

An image is copied by digest and tagged last, so that no tag of ours ever names less than all of it: registries refuse
an index whose manifests they lack, and manifests whose layers they lack.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from workshop.images.ecr import Ecr, Kept
from workshop.images.failure import ImagesFailure, NotThere
from workshop.images.regctl import Regctl
from workshop.model.images.mirroring import (
    Arrival,
    MirroredImage,
    MirrorReport,
    MirrorRequest,
    State,
    own_tag,
    own_tag_among,
)
from workshop.model.settings.registry import Image

_AT_A_TIME: Final = 8
_INTERVAL_SECONDS: Final = 2
_GONE: Final = "its source has no such tag: correct it in workshop:image or workshop:mirror"
_COMPLETE: Final = "COMPLETE"
_ON_ITS_WAY: Final = (_COMPLETE, "IN_PROGRESS")


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What tells the time and lets it pass."""

    now: Callable[[], datetime]
    wait: Callable[[float], None]


@dataclass(frozen=True, kw_only=True)
class _Copied:
    """An image in the home region with its tag. parts: every manifest that belongs to it."""

    image: Image
    digest: str
    tag: str
    parts: frozenset[str]
    state: State

    def reported(self, regions: Mapping[str, Arrival], problem: str = "") -> MirroredImage:
        return MirroredImage(
            source=f"{self.image.source}:{self.image.tag}",
            repository=self.image.repository,
            digest=self.digest,
            tag=self.tag,
            state=State.FAILED if problem else self.state,
            regions=regions,
            problem=problem,
        )


class Mirror:
    """One run. registries: by region."""

    def __init__(self, request: MirrorRequest, registries: Mapping[str, Ecr], regctl: Regctl, clock: Clock) -> None:
        self._request = request
        self._home = registries[request.home]
        self._registries = registries
        self._regctl = regctl
        self._clock = clock

    def run(self, *, is_dry: bool = False) -> MirrorReport:
        """What fails keeps no other from being copied. Raises ImagesFailure only where nothing can be."""
        with ThreadPoolExecutor(_AT_A_TIME) as threads:
            wanted = [one for found in threads.map(self._wanted, self._request.images) for one in found]
            copied = list(threads.map(partial(self._carry_out, is_dry=is_dry), wanted))
            deadline = self._clock.now() + timedelta(seconds=self._request.patience_seconds)
            arrived = threads.map(partial(self._everywhere, deadline=deadline), copied)
            return MirrorReport(images=tuple(arrived))

    def _wanted(self, image: Image) -> Sequence[_Copied | MirroredImage]:
        """What the tag leads to now, and what is pinned."""
        where = f"{image.source}:{image.tag}"
        try:
            current = self._regctl.digest(where)
            there = self._home.images(image.repository)
        except ImagesFailure as failure:
            return [_failed(image, image.digest or "", str(failure))]
        found = [] if current else [_failed(image, "", _GONE)]
        return [
            *found,
            *(self._planned(image, digest, there) for digest in dict.fromkeys((current, image.digest)) if digest),
        ]

    def _planned(self, image: Image, digest: str, there: Mapping[str, Kept]) -> _Copied:
        tag = own_tag_among(there[digest].tags, digest) if digest in there else None
        return _Copied(
            image=image,
            digest=digest,
            tag=tag or own_tag(image.tag, self._clock.now().date(), digest),
            parts=frozenset(there),
            state=State.UNCHANGED if tag else State.COPIED,
        )

    def _carry_out(self, planned: _Copied | MirroredImage, is_dry: bool) -> _Copied | MirroredImage:
        """Copies what is missing, also of one that has its tag: signatures come later."""
        if isinstance(planned, MirroredImage):
            return planned
        if is_dry:
            return self._foreseen(planned)
        image, digest = planned.image, planned.digest
        try:
            self._copy_home(planned)
            if planned.state is State.COPIED:
                self._home.tag(image.repository, digest, planned.tag)
            listed = self._home.listed(image.repository, digest)
            there = self._home.images(image.repository)
        except ImagesFailure as failure:
            return planned.reported({}, str(failure))
        new = there.keys() - planned.parts
        about = {f"sha256-{part.removeprefix('sha256:')}" for part in (digest, *listed)}
        signed = {part for part, kept in there.items() if any(tag.partition(".")[0] in about for tag in kept.tags)}
        return replace(planned, parts=frozenset({digest, *listed, *new, *signed}))

    def _copy_home(self, planned: _Copied) -> None:
        """Sources delete old builds (Coder's keeps seven days): what is here with our tag stays good without them."""
        image, digest = planned.image, planned.digest
        try:
            self._regctl.copy(f"{image.source}@{digest}", f"{self._home.host}/{image.repository}@{digest}")
        except NotThere:
            if planned.state is not State.UNCHANGED:
                raise

    def _foreseen(self, planned: _Copied) -> MirroredImage:
        """What a run would find, without waiting for anything."""
        if planned.state is State.COPIED:
            return replace(planned, state=State.WOULD_COPY).reported({})
        try:
            listed = self._home.listed(planned.image.repository, planned.digest)
            whole = replace(planned, parts=frozenset({planned.digest, *listed}))
            missing = [
                name
                for name in self._request.replicas
                if whole.parts - self._registries[name].images(planned.image.repository).keys()
            ]
        except ImagesFailure as failure:
            return planned.reported({}, str(failure))
        regions = dict.fromkeys(self._request.replicas, Arrival.PRESENT) | dict.fromkeys(missing, Arrival.MISSING)
        state = State.WOULD_COPY if missing else State.UNCHANGED
        return replace(planned, state=state).reported({self._request.home: Arrival.HOME, **regions})

    def _everywhere(self, copied: _Copied | MirroredImage, deadline: datetime) -> MirroredImage:
        """Waits for replication, and copies what it does not bring."""
        if isinstance(copied, MirroredImage):
            return copied
        regions = {self._request.home: Arrival.HOME}
        problems: list[str] = []
        for region in self._request.replicas:
            try:
                regions[region] = self._arrival(copied, self._registries[region], deadline)
            except ImagesFailure as failure:
                regions[region] = Arrival.MISSING
                problems.append(f"{region}: {failure}")
        return copied.reported(regions, "; ".join(problems))

    def _arrival(self, copied: _Copied, replica: Ecr, deadline: datetime) -> Arrival:
        repository, arrival = copied.image.repository, Arrival.PRESENT
        while missing := copied.parts - (there := replica.images(repository)).keys():
            statuses = [self._home.replication(repository, part).get(replica.region) for part in missing]
            if any(status not in _ON_ITS_WAY for status in statuses) or self._clock.now() >= deadline:
                at_home = f"{self._home.host}/{repository}@{copied.digest}"
                self._regctl.copy(at_home, f"{replica.host}/{repository}@{copied.digest}")
                there, arrival = replica.images(repository), Arrival.COPIED
                break
            self._clock.wait(_INTERVAL_SECONDS)
        if copied.tag not in there[copied.digest].tags:
            replica.tag(repository, copied.digest, copied.tag)
        return arrival


def _failed(image: Image, digest: str, problem: str) -> MirroredImage:
    return MirroredImage(
        source=f"{image.source}:{image.tag}",
        repository=image.repository,
        digest=digest,
        tag="",
        state=State.FAILED,
        problem=problem,
    )
