"""proxies-healthy and subdomain-apps: every region's proxy serves the same version, and apps too."""

from __future__ import annotations

from typing import Final

import httpx

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed
from workshop.checks.coder.api import Proxy, build_info, proxies
from workshop.checks.site import Site
from workshop.dns.check import name_to_ask
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region, Role

_SERVER_FAILED: Final = 500


class ProxiesHealthy(RegionCheck):
    """The server hears from every region's proxy, and both run the same version."""

    id = "proxies-healthy"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "a healthy proxy of the server's version"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """What the server says of the region's proxy, by the proxy's host."""
        coder = site.systems.coder
        version = build_info(coder).version
        known = proxies(coder)
        found = next((one for one in known if _host(one) == region.domain), None)
        needed = f"healthy, {version}"
        if found is None:
            hosts = ", ".join(sorted(_host(one) for one in known)) or "none"
            return failed(f"no proxy at {region.domain}; there is {hosts}", needed, "coder wsproxy create")
        status = found.status.status if found.status else "unknown"
        state = "healthy" if found.healthy and status in ("ok", "unknown") else f"not healthy: {status}"
        is_same = found.version == version or region.role is Role.CONTROL_PLANE
        seen = f"{state}, {found.version or version}"
        if state == "healthy" and is_same:
            return passed(seen, needed)
        if not is_same:
            return failed(seen, needed, "pulumi up puts the same image everywhere, proxies after the server")
        return failed(seen, needed, f"kubectl --context {region.cluster.context} logs -n {_deployment(site, region)}")


class SubdomainApps(RegionCheck):
    """A name under a region's wildcard reaches that region, and Coder there takes it for an app."""

    id = "subdomain-apps"
    stage = Stage.BEFORE_EVENT
    asks = "the region's hosts on port 443"
    needed = "the app handler answers under the wildcard"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """An app that does not exist is enough: where wildcards are not served, the dashboard's API answers instead."""
        host = name_to_ask(f"*.{region.domain}")
        response = site.knock(host, "api/v2/buildinfo")
        found = f"{host}: {response.status_code}"
        if response.status_code >= _SERVER_FAILED:
            return failed(found, self.needed, "see the logs of the proxy and of its balancer")
        if response.headers.get("content-type", "").startswith("application/json") and response.is_success:
            return failed(
                f"{host}: the dashboard's API", self.needed, f"set CODER_WILDCARD_ACCESS_URL=*.{region.domain}"
            )
        return passed(found, self.needed)


def _host(proxy: Proxy) -> str:
    return httpx.URL(proxy.path_app_url).host


def _deployment(site: Site, region: Region) -> str:
    workload = site.settings.server if region.role is Role.CONTROL_PLANE else site.settings.proxy
    return f"{workload.namespace} deployment/{workload.deployment}"
