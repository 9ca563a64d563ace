"""How people reach their workspaces: names, proxies, and the image that must be the same everywhere."""

from __future__ import annotations

from workshop.model.monitoring.rule import Alert, minutes


def route_alerts() -> tuple[Alert, ...]:
    """From a name to an app."""
    return (
        Alert(
            name="WorkshopSubdomainsFail",
            expr=f"{_verdict('subdomain-apps')} >= 2",
            lasts=minutes(2),
            severity="critical",
            summary="Apps on subdomains of {{ $labels.region }} are not served.",
        ),
        Alert(
            name="WorkshopProxyUnhealthy",
            expr="min by (proxy_id) (coderd_proxyhealth_health_check_results) < 1",
            lasts=minutes(2),
            severity="critical",
            summary="Coder's server does not find proxy {{ $labels.proxy_id }} healthy "
            '({{ $value | printf "%.0f" }}: 0 unregistered, -1 unhealthy, -2 unreachable).',
        ),
        Alert(
            name="WorkshopNamesUnresolved",
            expr=f"{_verdict('hosts-resolve')} >= 2",
            lasts=minutes(3),
            severity="critical",
            summary="A host of {{ $labels.region }} or a name under its wildcard does not lead to its balancer.",
        ),
        Alert(
            name="WorkshopImagesDiffer",
            expr=f"{_verdict('running-digests')} == 2",
            lasts=minutes(5),
            severity="critical",
            summary="Coder's pods in {{ $labels.region }} do not run the pinned image: proxies of another version than "
            "the server serve no subdomains.",
        ),
        Alert(
            name="WorkshopRegistryLags",
            expr="""
                (time() - max by (region) (
                    workshop_check_since_timestamp_seconds{check=~"image-digests|workspace-images"}
                    and on (check, region) (workshop_check_verdict == 2)
                )) / 60 > 30
            """,
            lasts=minutes(0),
            severity="warning",
            summary="{{ $labels.region }}'s registry has lacked an image for "
            '{{ $value | printf "%.0f" }} minutes; replication takes less than 30.',
        ),
    )


def _verdict(check: str) -> str:
    return f'max by (region) (workshop_check_verdict{{check="{check}"}})'
