"""provisioners-idle and no-backlog: builds start at once when everybody starts a workspace."""

from __future__ import annotations

from workshop.checks.check import CheckOutcome, RegionCheck, StackCheck, failed, passed, warning
from workshop.checks.coder.api import BuildInfo, Daemon, build_info, daemons, pending_jobs
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.exporter import REGION_TAG
from workshop.model.plan.workloads import PROVISIONER
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region

_SAME_VERSION = "run provisioners of the server's version: set their chart's coder.image.tag"


class ProvisionersIdle(RegionCheck):
    """As many provisioners as planned wait for work, by organization and by tags, and speak the server's protocol."""

    id = "provisioners-idle"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "as many idle provisioners as planned"

    def concerns(self, region: Region) -> bool:
        """Where provisioners run."""
        return region.hosts_provisioners

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Those that Coder hears from, and that take builds of this region's templates."""
        planned = site.plan.regions[region.name].provisioners
        server = build_info(site.systems.coder)
        if not _numbers(server.provisioner_api_version):
            raise Inconclusive(
                f"Coder {server.version} does not say which protocol its provisioners have to speak", _SAME_VERSION
            )
        here = {name: _here(daemons(site.systems.coder, name), region) for name in planned}
        speechless = [one for found in here.values() for one in found if not _understands(one, server)]
        here = {name: [one for one in found if one not in speechless] for name, found in here.items()}
        idle = {name: sum(one.status == "idle" for one in found) for name, found in here.items()}
        found = ", ".join(f"{name} {idle[name]} of {len(here[name])} idle" for name in planned)
        needed = ", ".join(f"{name} {count} idle" for name, count in planned.items())
        short = [name for name, count in planned.items() if idle[name] < count]
        if speechless:
            api = f"API {speechless[0].api_version or 'unknown'}, the server's is {server.provisioner_api_version}"
            found = f"{found}; {counted(len(speechless), 'provisioner')} of another protocol ({api})"
        others = sorted({one.version for found in here.values() for one in found} - {server.version})
        if not short and not speechless and others:
            versions = ", ".join(one or "an unknown version" for one in others)
            return warning(f"{found}; {versions}, the server {server.version}", needed, _SAME_VERSION)
        if not short:
            return failed(found, needed, _SAME_VERSION) if speechless else passed(found, needed)
        namespace = next(one.namespace for one in site.settings.organizations if one.name == short[0])
        if speechless:
            return failed(found, needed, _SAME_VERSION)
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
        """In each organization; a job that nobody takes is given up by Coder after half an hour."""
        waiting = {one.name: pending_jobs(site.systems.coder, one.name) for one in site.settings.organizations}
        found = ", ".join(f"{name} {len(jobs)}" for name, jobs in waiting.items())
        jobs = [job for of_organization in waiting.values() for job in of_organization]
        if jobs:
            oldest = min(jobs, key=lambda job: job.created_at)
            minutes = max(0, int((site.now - oldest.created_at).total_seconds() // 60))
            tags = ", ".join(f"{key}={value}" for key, value in sorted(oldest.tags.items()) if value)
            found = f"{found}; the oldest for {counted(minutes, 'minute')}{f', tagged {tags}' if tags else ''}"
            return failed(found, self.needed, "coder provisioner jobs list --status pending")
        return passed(found, self.needed)


def _here(found: list[Daemon], region: Region) -> list[Daemon]:
    """A provisioner takes builds whose tags are all among its own; one of a single user's takes only his."""
    return [
        one
        for one in found
        if one.tags.get(REGION_TAG) == region.name
        and one.tags.get("scope", "organization") == "organization"
        and not one.tags.get("owner")
    ]


def _understands(daemon: Daemon, server: BuildInfo) -> bool:
    """The same major version of the protocol, and no newer minor one than the server's."""
    spoken, known = _numbers(daemon.api_version), _numbers(server.provisioner_api_version)
    return bool(spoken and known) and spoken[:1] == known[:1] and spoken <= known


def _numbers(version: str) -> list[int]:
    parts = version.split(".")
    return [int(part) for part in parts] if all(part.isascii() and part.isdigit() for part in parts) else []
