"""What a check is: asked of the whole stack or of each region, it answers its outcome, or why it is inconclusive."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from workshop.checks.site import Site
from workshop.model.preflight.record import Stage, Verdict
from workshop.model.settings.regions import Region

LIMIT_SECONDS = 20.0
"""For one part of a check; clients give up before, and name whom they asked."""


@dataclass(frozen=True, kw_only=True)
class CheckOutcome:
    """What a part of a check found, and what it needs."""

    verdict: Verdict
    found: str
    needed: str
    fix: str = ""


def passed(found: str, needed: str) -> CheckOutcome:
    """Go."""
    return CheckOutcome(verdict=Verdict.GO, found=found, needed=needed)


def failed(found: str, needed: str, fix: str) -> CheckOutcome:
    """No-go."""
    return CheckOutcome(verdict=Verdict.NO_GO, found=found, needed=needed, fix=fix)


def warning(found: str, needed: str, fix: str) -> CheckOutcome:
    """Good enough to go, with something to know."""
    return CheckOutcome(verdict=Verdict.WARNING, found=found, needed=needed, fix=fix)


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is looked at in one go, with one time limit. region: "" for the stack as a whole."""

    region: str
    look: Callable[[], CheckOutcome]


class Check(ABC):
    """One check.

    id: stable, kebab-case, in screens and records. asks: which systems it depends on, in words. needed: what it wants
    to see, also where it is inconclusive.
    """

    id: ClassVar[str]
    stage: ClassVar[Stage]
    asks: ClassVar[str]
    needed: ClassVar[str]
    limit_seconds: ClassVar[float] = LIMIT_SECONDS

    @abstractmethod
    def parts(self, site: Site) -> Iterator[Part]:
        """What there is to look at in this stack. `look` may raise Inconclusive; anything else is a defect."""


class StackCheck(Check):
    """Looks once."""

    @abstractmethod
    def look(self, site: Site) -> CheckOutcome:
        """Raises Inconclusive."""

    def parts(self, site: Site) -> Iterator[Part]:
        """One."""
        yield Part(region="", look=lambda: self.look(site))


class RegionCheck(Check):
    """Looks at every region by itself."""

    @abstractmethod
    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Raises Inconclusive."""

    def parts(self, site: Site) -> Iterator[Part]:
        """One a region."""
        for region in site.settings.regions:
            if self.concerns(region):
                yield Part(region=region.name, look=lambda region=region: self.look(site, region))

    def concerns(self, region: Region) -> bool:  # noqa: ARG002 -- for those that leave regions out
        """Whether there is anything to look at."""
        return True
