"""running-digests: every pod of server and proxies runs the pinned image, and there are as many as planned."""

from __future__ import annotations

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.clients import pods_of_workload
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region, Role


class RunningDigests(RegionCheck):
    """What nodes say that they run, not what the Deployment asks for."""

    id = "running-digests"
    stage = Stage.BEFORE_EVENT
    asks = "a cluster"
    needed = "every pod Ready on the pinned image"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """The server's pods in the control plane's region, the proxy's elsewhere."""
        is_server = region.role is Role.CONTROL_PLANE
        workload = site.settings.server if is_server else site.settings.proxy
        replicas, digest = site.plan.server if is_server else site.plan.proxy, site.settings.image.digest or "unset"
        needed = f"{replicas} Ready on {digest}"
        fix = (
            f"kubectl --context {region.cluster.context} -n {workload.namespace} "
            f"rollout status deployment {workload.deployment}; pulumi up sets the image"
        )
        pods = pods_of_workload(site, region, workload)
        if pods is None:
            return failed(
                f"Deployment {workload.namespace}/{workload.deployment} not found",
                needed,
                "correct workshop:server or workshop:proxy",
            )
        other = {
            pod.name: pod.image_ids.get(workload.container, "nothing yet")
            for pod in pods
            if not pod.image_ids.get(workload.container, "").endswith(f"@{digest}")
        }
        unsteady = [pod for pod in pods if not pod.is_steady(site.now)]
        ready = len(pods) - len(unsteady)
        if other:
            return failed(", ".join(f"{name} runs {image}" for name, image in other.items()), needed, fix)
        if ready < replicas:
            why = f": {', '.join(pod.why_not() for pod in unsteady)}" if unsteady else ""
            return failed(f"{ready} of {counted(len(pods), 'pod')} Ready{why}", needed, fix)
        return passed(f"{ready} Ready on {digest[:19]}", needed)
