"""Node pools that are not ours, in the window: which take workspaces, and what Karpenter may do to their nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from workshop.model.names import NODE_TAINT
from workshop.model.settings.window import Window
from workshop.model.window.phases import moment

_DATE: Final = re.compile(r"(\d{1,2}) (\d{1,2}) (\d{1,2}) (\d{1,2}) \*")
_UNITS: Final = {"h": "hours", "m": "minutes", "s": "seconds"}


class _Part(BaseModel):
    """Of an object of Karpenter's, with the defaults of its CRDs (v1)."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel)


class Taint(_Part):
    """What keeps pods away that do not tolerate it."""

    key: str = ""
    value: str = ""
    effect: str = ""


class Budget(_Part):
    """How many nodes may go, when and for which reasons; None: always, and for all."""

    nodes: str = "10%"
    reasons: tuple[str, ...] | None = None
    schedule: str | None = None
    duration: str | None = None


class Disruption(_Part):
    """When nodes may go."""

    consolidation_policy: str = "WhenEmptyOrUnderutilized"
    consolidate_after: str = "0s"
    budgets: tuple[Budget, ...] = (Budget(),)


class NodeTemplate(_Part):
    """What nodes are like."""

    taints: tuple[Taint, ...] = ()
    expire_after: str = "720h"


class Template(_Part):
    """Around it, as in a pod's template."""

    spec: NodeTemplate


class PoolSpec(_Part):
    """A NodePool's."""

    template: Template
    disruption: Disruption = Disruption()
    limits: Mapping[str, int | str] = {}
    replicas: int | None = None

    @property
    def lets_workspaces_in(self) -> bool:
        """Whether workspaces tolerate all its taints: a scheduler takes whatever fits, whichever pool is preferred."""
        tolerated = (NODE_TAINT["key"], NODE_TAINT["value"])
        taints = (one for one in self.template.spec.taints if one.effect != "PreferNoSchedule")
        return all((one.key, one.value) == tolerated for one in taints)

    @property
    def is_closed(self) -> bool:
        """Whether it starts no new nodes."""
        return self.replicas == 0 or any(str(limit) == "0" for limit in self.limits.values())


class AmiTerm(_Part):
    """How an image is selected."""

    alias: str = ""
    id: str = ""


class ClassSpec(_Part):
    """An EC2NodeClass's."""

    ami_selector_terms: tuple[AmiTerm, ...] = Field(default=(AmiTerm(),))

    @property
    def moving_ami(self) -> str:
        """The term that may come to mean another AMI; "" where each names one."""
        for term in self.ami_selector_terms:
            if not term.id and (not term.alias or term.alias.endswith("@latest")):
                return (
                    f"AMI {term.alias}" if term.alias else "AMI by other terms than its id or an alias with a version"
                )
        return ""


def disruptions(
    spec: PoolSpec, node_class: ClassSpec | None, window: Window, born: Sequence[datetime]
) -> Iterator[str]:
    """What may take a node of this pool away in the window. node_class: None where it is not found; born: its nodes."""
    held = {reason for budget in spec.disruption.budgets for reason in _held(budget, window)}
    if "Drifted" not in held:
        moving = "its EC2NodeClass is not found" if node_class is None else node_class.moving_ami
        if moving:
            yield f"may drift ({moving})"
    policy = spec.disruption.consolidation_policy
    if "Underutilized" not in held and policy != "WhenEmpty" and spec.disruption.consolidate_after != "Never":
        yield f"may consolidate ({policy})"
    lasts = spec.template.spec.expire_after
    if lasts != "Never":
        age = duration(lasts)
        ends = min(born, default=window.opens_at) + age if age else None
        if ends is None or ends < window.closes_at:
            when = f" from {moment(ends)}" if ends else ""
            yield f"expires its nodes after {lasts}{when}, which no budget stops"


def duration(text: str) -> timedelta | None:
    """Of hours, minutes and seconds as Karpenter writes them; None for anything else."""
    if not re.fullmatch(r"(?:\d+[hms])+", text):
        return None
    return sum((timedelta(**{_UNITS[unit]: int(n)}) for n, unit in re.findall(r"(\d+)([hms])", text)), timedelta())


def _held(budget: Budget, window: Window) -> Sequence[str]:
    """The reasons for which a budget lets no node go in the whole window. A schedule has to name a date."""
    if budget.nodes not in ("0", "0%"):
        return ()
    reasons = budget.reasons or ("Drifted", "Underutilized", "Empty")
    if budget.schedule is None and budget.duration is None:
        return reasons
    hit, age = _last_hit(budget.schedule or "", window.opens_at), duration(budget.duration or "")
    return reasons if hit and age and hit + age >= window.closes_at else ()


def _last_hit(schedule: str, until: datetime) -> datetime | None:
    match = _DATE.fullmatch(schedule)
    if match is None:
        return None
    minute, hour, day, month = map(int, match.groups())
    for year in (until.astimezone(UTC).year, until.astimezone(UTC).year - 1):
        try:
            hit = datetime(year, month, day, hour, minute, tzinfo=UTC)
        except ValueError:
            continue
        if hit <= until:
            return hit
    return None
