"""hosts-resolve and tls-lifetime: every host resolves, and its certificate is trusted until the window has closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from workshop.checks.check import CheckOutcome, RegionCheck, failed, passed, warning
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.dns.check import Checked, certificate, check_records, name_to_ask
from workshop.model.preflight.record import Stage
from workshop.model.settings.regions import Region

SPARE: Final = timedelta(days=7)
"""A certificate that ends sooner after the window should have been renewed already; the limit is ours."""


class HostsResolve(RegionCheck):
    """A region's host and a name nobody has asked for under its wildcard resolve to its balancer, on every server."""

    id = "hosts-resolve"
    stage = Stage.BEFORE_UP
    asks = "name servers"
    needed = "the region's balancer, from every server"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Asks every server for both."""
        records = [one for one in site.plan.dns.records if one.is_regions and one.region == region.name]
        servers = {zone: site.systems.name_servers(zone) for zone in {record.zone for record in records}}
        checked = check_records(records, servers)
        if not checked:
            raise Inconclusive("no server was asked: load_balancer_host is not set", "pulumi up lists what is not set")
        needed = f"{region.load_balancer_host}, from every server"
        silent = [one for one in checked if one.answer.problem.startswith("no answer")]
        off = [one for one in checked if one.verdict != "ok" and one not in silent]
        if off:
            return failed(
                _by_answer(off), needed, "scripts/workshop dns drift; after a change wait until the TTL is over"
            )
        if silent:
            raise Inconclusive(
                "; ".join(f"{one.server}: {one.answer.problem}" for one in silent), "ask from where port 53 is open"
            )
        hosts = ", ".join(dict.fromkeys(one.record.host for one in checked))
        return passed(f"{hosts}: as planned at {len({one.server for one in checked})} servers", needed)


class TlsLifetime(RegionCheck):
    """The certificates of a region's host and wildcard are trusted, and last until the window closes."""

    id = "tls-lifetime"
    stage = Stage.BEFORE_UP
    asks = "the region's hosts on port 443"
    needed = "trusted certificates that outlast the window"

    def look(self, site: Site, region: Region) -> CheckOutcome:
        """Connects as a browser does."""
        ends = site.settings.window.closes_at if site.settings.window else site.now
        needed = f"valid until {ends:%Y-%m-%d %H:%M %Z}"
        door = site.systems.door
        hosts = (region.domain, name_to_ask(f"*.{region.domain}"))
        shown = [certificate(host, address=door.address, port=door.port, authority=door.authority) for host in hosts]
        renew = "see cert-manager or ACME: kubectl get certificate -A, then renew"
        if bad := [one for one in shown if one.is_reached and one.problem]:
            return failed("; ".join(f"{one.host}: {one.problem}" for one in bad), needed, renew)
        if unreached := [one for one in shown if not one.is_reached]:
            found = "; ".join(f"{one.host}: {one.problem}" for one in unreached)
            raise Inconclusive(found, "see the region's balancer")
        expiry, host = min((one.expires_at, one.host) for one in shown if one.expires_at)
        found = f"until {expiry:%Y-%m-%d %H:%M %Z}"
        if expiry < ends:
            return failed(f"{host}: {found}", needed, renew)
        if expiry < ends + SPARE:
            return warning(f"{host}: {found}", f"{needed}, and {SPARE.days} days to spare", renew)
        return passed(found, needed)


def _by_answer(checked: list[Checked]) -> str:
    """Which hosts got which answer, and from how many servers."""
    hosts: dict[str, list[Checked]] = {}
    for one in checked:
        answer = one.answer.problem or f"{one.verdict}: {' -> '.join(one.answer.chain[1:]) or 'no address'}"
        hosts.setdefault(f"{one.record.host} {answer}", []).append(one)
    return "; ".join(f"{answer} ({', '.join(str(one.server) for one in asked)})" for answer, asked in hosts.items())
