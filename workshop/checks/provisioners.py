"""provisioners-idle and no-backlog: builds start at once when everybody starts a workspace."""

from __future__ import annotations

from workshop.checks.check import CheckOutcome, RegionCheck, StackCheck, failed, passed
from workshop.checks.coder import Daemon, daemons, pending_jobs
from workshop.checks.site import Site
from workshop.model.plan.workloads import PROVISIONER
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region

REGION_TAG = "region"
"""Tag of the provisioners' keys that says where they run (coder/ai.coder.com at 6a071df, infra/aws/*/k8s/coder-ws)."""


class ProvisionersIdle(RegionCheck):
    """As many provisioners as planned wait for work, by organization and by the tag of their region."""

    id = "provisioners-idle"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "as many idle provisioners as planned"

    def concerns(self, region: Region) -> bool:
        """Where provisioners run."""
        return region.hosts_provisioners

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Those that Coder hears from."""
        planned = site.plan.regions[region.name].provisioners
        here = {name: _here(daemons(site.systems.coder, name), region) for name in planned}
        idle = {name: sum(one.status == "idle" for one in found) for name, found in here.items()}
        found = ", ".join(f"{name} {idle[name]} of {len(here[name])} idle" for name in planned)
        needed = ", ".join(f"{name} {count} idle" for name, count in planned.items())
        short = [name for name, count in planned.items() if idle[name] < count]
        if not short:
            return passed(found, needed)
        namespace = next(one.namespace for one in site.settings.organizations if one.name == short[0])
        if len(here[short[0]]) >= planned[short[0]]:
            return failed(found, needed, "wait until builds end, or see who runs them: coder provisioner jobs list")
        return failed(
            found,
            needed,
            f"kubectl --context {region.cluster.context} -n {namespace} rollout status deployment {PROVISIONER}",
        )


class NoBacklog(StackCheck):
    """No build waits for a provisioner."""

    id = "no-backlog"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "0 builds waiting"

    def look(self, site: Site) -> CheckOutcome:
        """In each organization."""
        waiting = {one.name: len(pending_jobs(site.systems.coder, one.name)) for one in site.settings.organizations}
        found = ", ".join(f"{name} {count}" for name, count in waiting.items())
        if any(waiting.values()):
            return failed(found, self.needed, "coder provisioner jobs list --status pending")
        return passed(found, self.needed)


def _here(found: list[Daemon], region: Region) -> list[Daemon]:
    return [one for one in found if one.tags.get(REGION_TAG) == region.name]
