"""scripts/rehearse-sweep [users|random|all|large] [COUNT]: every case by the real Karpenter, and rows for a table."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from benchmarks.sweep.cluster import REGIONS, Cluster, Launched, clusters_of
from benchmarks.sweep.large import rehearse_many
from benchmarks.sweep.stacks import of_users, pools_of, random_stacks
from workshop.model.plan.cost import nodes_usd_per_hour
from workshop.model.rehearsal.rehearsal import Rehearsal
from workshop.rehearsal.guard import guarded_folder, sandbox_in

_MOST_USERS: Final = 200
_LARGE: Final = 500


@dataclass(frozen=True, kw_only=True)
class Case:
    """One region of one stack, and what Karpenter launched there."""

    name: str
    region: str
    rehearsal: Rehearsal
    launched: Launched

    @property
    def planned(self) -> int:
        """Nodes."""
        return self.rehearsal.plan.regions[self.region].nodes.nodes

    @property
    def is_as_planned(self) -> bool:
        """Whether exactly these were launched, and everybody has a place."""
        return len(self.launched.nodes) == self.planned and not self.launched.waiting

    @property
    def saved_usd(self) -> Decimal:
        """Per hour, of the planned cost."""
        plan = self.rehearsal.plan.regions[self.region].nodes
        return plan.usd_per_hour - nodes_usd_per_hour(self.region, self.launched.nodes.values(), plan.volume_gib)

    def line(self) -> str:
        """For people who watch."""
        plan = self.rehearsal.plan.regions[self.region].nodes
        return (
            f"{'as planned' if self.is_as_planned else 'DIFFERS'}: {self.name}, {self.region}: {plan.users} users, "
            f"{self.planned} nodes planned, {len(self.launched.nodes)} launched, {self.launched.waiting} wait, "
            f"{self.saved_usd:.2f} USD less"
            f"{''.join(f'; {count}: {reason}' for reason, count in self.launched.refused.items())}"
        )


def main(arguments: list[str]) -> int:
    """Ends with 1 where fewer than 95 of 100 stacks are as planned, any has too few nodes, or one costs more."""
    which = arguments[0] if arguments else "all"
    count = int(arguments[1]) if len(arguments) > 1 else 0
    if which == "large":
        return 0 if rehearse_many(count or _LARGE, _say) else 1
    with guarded_folder() as folder:
        paths = sandbox_in(folder)
        with clusters_of(paths, REGIONS, _say) as clusters:
            passed = True
            if which in ("all", "users"):
                passed &= _sweep(clusters, f"1 to {count or _MOST_USERS} users", _by_users(count or _MOST_USERS))
            if which in ("all", "random"):
                drawn = ((f"random stack {one.seed}", one) for one in random_stacks(count or 100))
                passed &= _sweep(clusters, "random stacks", drawn)
    return 0 if passed else 1


def _by_users(most: int) -> Iterator[tuple[str, Rehearsal]]:
    return ((f"{users} users", of_users(users)) for users in range(1, most + 1))


def _sweep(clusters: Mapping[str, Cluster], what: str, stacks: Iterable[tuple[str, Rehearsal]]) -> bool:
    """Regions side by side. What differs in nothing but the other regions' users is judged once."""
    begun = time.monotonic()
    seen: dict[tuple[str, str], Case] = {}
    judged: dict[str, list[Case]] = {}
    with ThreadPoolExecutor() as pool:
        for name, rehearsal in stacks:
            pools = pools_of(rehearsal)
            keys = {region: (region, repr((pools[region]["spec"], rehearsal.plan.regions[region].nodes)))
                    for region, plan in rehearsal.plan.regions.items() if plan.nodes.users}  # fmt: skip
            asked = {
                region: pool.submit(clusters[region].launch, rehearsal, pools[region])
                for region, key in keys.items()
                if key not in seen
            }
            for region, future in asked.items():
                case = Case(name=name, region=region, rehearsal=rehearsal, launched=future.result())
                seen[keys[region]] = case
                _say(case.line())
            judged[name] = [seen[key] for key in keys.values()]
    return _summary(what, judged, seen.values(), time.monotonic() - begun)


def _summary(what: str, judged: Mapping[str, list[Case]], cases: Iterable[Case], seconds: float) -> bool:
    all_cases = list(cases)
    as_planned = sum(all(case.is_as_planned for case in stack) for stack in judged.values())
    short = sum(bool(case.launched.waiting) for case in all_cases)
    dearer = sum(case.saved_usd < 0 for case in all_cases)
    nodes = sum(len(case.launched.nodes) for case in all_cases)
    _say("| stacks | judged | nodes | as planned | too few nodes | dearer | took |\n|---|---|---|---|---|---|---|")
    _say(
        f"| {len(judged)} {what} | {len(all_cases)} regions | {nodes} | {as_planned} of {len(judged)} | {short} "
        f"| {dearer} | {seconds / 60:.1f} min |"
    )
    return as_planned >= len(judged) * 0.95 and not short and not dearer


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
