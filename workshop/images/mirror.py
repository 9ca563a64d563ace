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
from workshop.model.counting import counted
from workshop.model.images.mirroring import (
    Arrival,
    MirroredImage,
    MirrorReport,
    MirrorRequest,
    State,
    own_tag,
    own_tag_among,
)
from workshop.model.images.parts import parts_of
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
    """An image in the home region with its tag. parts: every manifest that belongs to it.

    is_out: whether its source does not answer. problem: why its signatures may be missing.
    """

    image: Image
    digest: str
    tag: str
    state: State
    parts: frozenset[str] = frozenset()
    is_out: bool = False
    problem: str = ""

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
        current, out = None, ""
        try:
            current = self._regctl.digest(f"{image.source}:{image.tag}")
        except ImagesFailure as failure:
            out = str(failure)
        try:
            there = self._home.images(image.repository)
        except ImagesFailure as failure:
            return [_failed(image, image.digest or "", str(failure))]
        found = [] if current else [_failed(image, "", out or _GONE)]
        wanted = [digest for digest in dict.fromkeys((current, image.digest)) if digest]
        return [*found, *(self._planned(image, digest, there, is_out=bool(out)) for digest in wanted)]

    def _planned(self, image: Image, digest: str, there: Mapping[str, Kept], *, is_out: bool) -> _Copied:
        tag = own_tag_among(there[digest].tags, digest) if digest in there else None
        return _Copied(
            image=image,
            digest=digest,
            tag=tag or own_tag(image.tag, self._clock.now().date(), digest),
            state=State.UNCHANGED if tag else State.COPIED,
            is_out=is_out,
        )

    def _carry_out(self, planned: _Copied | MirroredImage, is_dry: bool) -> _Copied | MirroredImage:
        """Copies what is missing, also of one that has its tag: signatures come later."""
        if isinstance(planned, MirroredImage):
            return planned
        if is_dry:
            return self._foreseen(planned)
        image, digest = planned.image, planned.digest
        try:
            problem = self._copy_home(planned)
            if planned.state is State.COPIED:
                self._home.tag(image.repository, digest, planned.tag)
            parts = parts_of(self._home.entries(image.repository), digest)
        except ImagesFailure as failure:
            return planned.reported({}, str(failure))
        return replace(planned, parts=parts, problem=problem)

    def _copy_home(self, planned: _Copied) -> str:
        """Why its signatures may be missing. What is here with our tag stays good without its source, which may be out,
        or have deleted it (Coder's keeps seven days).
        """
        image, digest = planned.image, planned.digest
        is_here = planned.state is State.UNCHANGED
        if is_here and planned.is_out:
            return ""
        try:
            self._regctl.copy(f"{image.source}@{digest}", f"{self._home.host}/{image.repository}@{digest}")
        except NotThere:
            if not is_here:
                raise
        except ImagesFailure as failure:
            if not is_here:
                raise
            return str(failure)
        return ""

    def _foreseen(self, planned: _Copied) -> MirroredImage:
        """What a run would find, without waiting for anything."""
        if planned.state is State.COPIED:
            return replace(planned, state=State.WOULD_COPY).reported({})
        try:
            repository = planned.image.repository
            parts = parts_of(self._home.entries(repository), planned.digest)
            missing = [
                name for name in self._request.replicas if parts - self._registries[name].images(repository).keys()
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
        problems = [copied.problem] if copied.problem else []
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
                if missing := copied.parts - there.keys():
                    raise ImagesFailure(f"{counted(len(missing), 'manifest')} of it did not come: run it again")
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
