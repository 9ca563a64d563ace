"""30 September 2024, as the postmortem tells it; what it leaves open is assumed, and said here.

Told: eleven people, six provisioners, keys for eight hours that are rotated every four, at T+10 too, another image on
the proxies, workspaces that die from T+10 on, five of them, a key that is refused for a few seconds, subdomains that
fail.
Assumed: one node of coder-ws-all in Ohio, whose kubelet has the volume of 50 GiB and offers 44 of it (the volumes were
swapped, docs/sizing.md); 12 GiB of images and logs before anyone comes; people ask at once; builds of 150 s on busy
provisioners; from T+1 on all write evenly, so that the kubelet evicts (10 % free) at T+10, again every minute, and each
eviction frees 1.5 GiB; from T+20 on it is repaired.
"""

from __future__ import annotations

from tests.monitoring.arrival import provisioner_samples, queued
from tests.monitoring.samples import Node, Samples, build, platform, pod, series
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings

PEOPLE = 11
PROVISIONERS = 6
FIRST_DEATH = 600.0
"""Seconds after the start at which the first workspace dies."""

_IMAGES_GIB, _VOLUME_GIB, _OFFERED_GIB, _EVICTS_AT_GIB, _FREED_GIB = 12.0, 50.0, 44.0, 45.0, 1.5
_DEATHS = tuple(FIRST_DEATH + 60 * index for index in range(5))
_REPAIRED = 1200.0


class Incident:
    """Samples by seconds since the start, which is at start_at; from a day before on."""

    def __init__(self, settings: Settings, plan: Plan, start_at: float) -> None:
        self.settings, self.plan, self.start_at = settings, plan, start_at
        self._starts = queued([0.0] * PEOPLE, [150.0] * PEOPLE, PROVISIONERS, 15, "us-east-2")
        self._node = Node("ip-10-0-1-7", "us-east-2", "coder-ws-all", _VOLUME_GIB, _OFFERED_GIB)

    def used_gib(self, seconds: float) -> float:
        """Of the node's volume."""
        written = (_EVICTS_AT_GIB - _IMAGES_GIB) * min(1, max(0, (seconds - 60) / (FIRST_DEATH - 60)))
        if seconds >= _REPAIRED:
            return _IMAGES_GIB + 3
        return _IMAGES_GIB + written - _FREED_GIB * any(0 <= seconds - death < 30 for death in _DEATHS)

    def at(self, seconds: float) -> Samples:
        """What is exposed then."""
        now = self.start_at + seconds
        samples = platform(self.settings, self.plan, self.start_at, now)
        broken = seconds < _REPAIRED
        four_hours = 4 * 3600
        issued = now - (seconds - FIRST_DEATH) % four_hours
        key = {"alias": "litellm-tmp"}
        for kind in ("expiry", "created"):
            samples.pop(series(f"workshop_litellm_key_{kind}_timestamp_seconds", alias="workshop"))
        samples[series("workshop_litellm_key_created_timestamp_seconds", **key)] = issued
        samples[series("workshop_litellm_key_expiry_timestamp_seconds", **key)] = issued + 2 * four_hours
        refused = FIRST_DEATH <= seconds < FIRST_DEATH + 60  # a few seconds; a look a minute sees it or not
        samples[series("workshop_check_verdict", check="litellm-key")] = 2.0 * refused
        for region in self.settings.regions:
            at = {"region": region.name}
            samples[series("workshop_warm_nodes_planned", **at)] = 0  # nobody planned them
            if region.name != "us-east-2" and broken:
                samples[series("workshop_check_verdict", check="running-digests", **at)] = 2
                samples[series("workshop_check_verdict", check="image-digests", **at)] = 2
                samples[series("workshop_check_verdict", check="subdomain-apps", **at)] = 2.0 * (seconds >= FIRST_DEATH)
            for organization in self.settings.organizations:
                own = self._starts if organization.is_default and region.name == "us-east-2" else []
                count = PROVISIONERS if organization.is_default else 2
                samples |= provisioner_samples(own, organization.name, region.name, count, seconds)
                cron = {"namespace": organization.namespace, "cronjob": self.settings.rotation.cron_job}
                samples[series("kube_cronjob_spec_suspend", **at, **cron)] = float(not broken)
        samples |= self._node.samples(self.settings, self.used_gib(seconds), 1, 110)
        dead = sum(death <= seconds for death in _DEATHS)
        for index, start in enumerate(self._starts):
            if start.ready <= seconds:
                samples |= build(f"person-{index}", "succeeded", 1)
                samples |= pod(f"coder-{index}", self._node, "coder-ws", "Failed" if index < dead else "Running")
                if index < dead and seconds >= _DEATHS[index] + 60:
                    samples |= pod(f"coder-{index}-again", self._node, "coder-ws")
        return samples
