"""What preflight found, and the dated record of it that `up` can demand. Pure: whoever reads a clock hands it in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field

from workshop.model.legible import Legible
from workshop.model.settings.stack import Settings


class Stage(StrEnum):
    """When a check can hold: before scaling, before people are let in; opt-in ones write, and only when asked to."""

    BEFORE_UP = "before-up"
    BEFORE_EVENT = "before-event"
    OPT_IN = "opt-in"

    @classmethod
    def _missing_(cls, value: object) -> Stage | None:
        return cls.BEFORE_EVENT if value == "before-doors" else None  # as records before December 2026 have it


class Verdict(StrEnum):
    """What one check, or all of them, come to. A warning stops nothing; inconclusive is never go."""

    GO = "go"
    WARNING = "warning"
    NO_GO = "no-go"
    INCONCLUSIVE = "inconclusive"

    @classmethod
    def _missing_(cls, value: object) -> Verdict | None:
        return cls.INCONCLUSIVE if value == "could not tell" else None  # as records before December 2026 have it


class Result(BaseModel):
    """What one check found in one region ("" for all). fix: what to do; "" where there is nothing to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: Legible
    stage: Stage
    region: Legible = ""
    verdict: Verdict
    found: Legible
    needed: Legible
    fix: Legible = Field(default="", validation_alias=AliasChoices("fix", "mend"))


BEFORE_UP: Final = frozenset(
    {
        "ec2-quota",
        "gate-clean",
        "hosts-resolve",
        "identity",
        "image-digests",
        "litellm-key",
        "litellm-ready",
        "no-drift",
        "previous-nodes",
        "tls-lifetime",
    }
)
"""Ids of the checks that a record must have before `up`; tests/checks holds them to the catalog."""

_WORST_FIRST: Final = (Verdict.NO_GO, Verdict.INCONCLUSIVE)


def overall(results: Iterable[Result]) -> Verdict:
    """No-go before inconclusive, and that before go. No result is inconclusive."""
    verdicts = {result.verdict for result in results}
    if not verdicts:
        return Verdict.INCONCLUSIVE
    return next((verdict for verdict in _WORST_FIRST if verdict in verdicts), Verdict.GO)


class Record(BaseModel):
    """A dated record. checks: those that ran, by id. settings: digest of the stack's settings.

    digest: over everything else in the record.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    made_at: AwareDatetime
    expires_at: AwareDatetime
    settings: str
    checks: tuple[str, ...]
    results: tuple[Result, ...]
    digest: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether its content is what its digest says."""
        return self.digest in (_digest(self), _digest_before_december_2026(self))

    def with_digest(self) -> Record:
        """The same record with the digest of its content."""
        return self.model_copy(update={"digest": _digest(self)})

    def of_stage(self, stage: Stage) -> tuple[Result, ...]:
        """The results of one class of checks."""
        return tuple(result for result in self.results if result.stage is stage)


def make_record(
    stack: str, settings: Settings, checks: Iterable[str], results: Iterable[Result], now: datetime
) -> Record:
    """The record of a run that ended now."""
    record = Record(
        stack=stack,
        made_at=now,
        expires_at=now + settings.preflight.holds,
        settings=settings_digest(settings),
        checks=tuple(sorted(checks)),
        results=tuple(results),
    )
    return record.with_digest()


def settings_digest(settings: Settings) -> str:
    """Changes when any setting does."""
    return _sha256(settings.model_dump(mode="json"))


def _digest(record: Record) -> str:
    return _sha256(record.model_dump(mode="json", exclude={"digest"}))


def _digest_before_december_2026(record: Record) -> str:
    """Of the same content in the words of that time: a record made then counts until it expires."""
    written = record.model_dump(mode="json", exclude={"digest"})
    for result in written["results"]:
        result["mend"] = result.pop("fix")
        result["stage"] = "before-doors" if result["stage"] == Stage.BEFORE_EVENT else result["stage"]
        result["verdict"] = "could not tell" if result["verdict"] == Verdict.INCONCLUSIVE else result["verdict"]
    return _sha256(written)


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
