"""A workshop in which nothing goes wrong, by a seed: people come within three minutes and work for an hour.

Assumed: builds of 45 s with a spread of 25 %, agents 15 s later, nodes warm, 10 to 18 GiB of images and logs on a
node, 5 to 18 GiB written by each person, evenly over the hour; in workshops of more than 50 one build fails and one
container restarts in every second one, which is below the target of 2 %.
"""

from __future__ import annotations

import random

from tests.monitoring.arrival import Start, provisioner_samples, queued
from tests.monitoring.samples import Node, Samples, build, platform, pod, series
from workshop.model.names import NODE_POOL
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings


class Healthy:
    """Samples by seconds since the start, which is at start_at."""

    def __init__(self, settings: Settings, plan: Plan, seed: int, start_at: float) -> None:
        self.settings, self.plan, self.start_at = settings, plan, start_at
        dice = random.Random(seed)
        self._starts: list[Start] = []
        self._nodes: list[tuple[Node, float, list[tuple[str, float]]]] = []
        self._default = next(one for one in settings.organizations if one.is_default)
        left = settings.users
        for region in settings.regions:
            nodes = plan.regions[region.name].nodes
            users = min(nodes.users, left)
            left -= users
            asked = [dice.uniform(0, 180) for _ in range(users)]
            builds = [max(10, dice.gauss(45, 11)) for _ in range(users)]
            provisioners = plan.regions[region.name].provisioners[self._default.name]
            self._starts += queued(asked, builds, provisioners, 15, region.name)
            people = [(f"{region.name}-{index}", dice.uniform(5, 18)) for index in range(users)]
            for index in range(nodes.nodes):
                offered = float(nodes.allocatable_storage_gib)
                node = Node(f"{region.name}-n{index}", region.name, NODE_POOL, nodes.volume_gib, offered)
                self._nodes.append((node, dice.uniform(10, 18), people[index :: nodes.nodes]))
        names = [name for _, _, people in self._nodes for name, _ in people]
        affordable = settings.users * 2 > 100  # one of so many is below 2 %
        self._fails = {dice.choice(names)} if affordable and dice.random() < 0.5 else set[str]()
        self._restarts = {dice.choice(names): dice.uniform(600, 3000)} if affordable and dice.random() < 0.5 else {}

    def at(self, seconds: float) -> Samples:
        """What is exposed then."""
        samples = platform(self.settings, self.plan, self.start_at, self.start_at + seconds)
        for region in self.settings.regions:
            at, here = {"region": region.name}, [one for one in self._starts if one.region == region.name]
            nodes = self.plan.regions[region.name].nodes
            running = sum(one.ready <= seconds for one in here)
            samples[series("workshop_people_to_come", **at)] = len(here) - running
            samples[series("workshop_places_left", **at)] = nodes.nodes * nodes.users_per_node - running
            for organization in self.settings.organizations:
                own = here if organization is self._default else []
                planned = self.plan.regions[region.name].provisioners[organization.name]
                samples |= provisioner_samples(own, organization.name, region.name, planned, seconds)
        for node, images, people in self._nodes:
            begun = [(name, gib) for name, gib in people if self._ready(name, node.region) <= seconds]
            share = min(1, max(0, seconds / 3600))
            used = images + sum(gib * share for _, gib in begun)
            samples |= node.samples(self.settings, used, 1, 110)
            for name, _ in begun:
                restarts = int(self._restarts.get(name, 1e9) <= seconds)
                samples |= pod(f"coder-{name}", node, self._default.namespace, restarts=restarts)
                samples |= build(name, "succeeded", 1)
                if name in self._fails:
                    failed = {"status": "failed", "workspace_transition": "start", "owner": name}
                    samples[series("coderd_workspace_builds_total", **failed)] = 1
        return samples

    def _ready(self, name: str, region: str) -> float:
        here = [one for one in self._starts if one.region == region]
        return here[int(name.rpartition("-")[2])].ready
