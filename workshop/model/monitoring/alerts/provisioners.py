"""Provisioners, one build each at a time."""

from __future__ import annotations

from typing import Final

from workshop.model.monitoring.rule import Alert, minutes
from workshop.model.monitoring.series import WINDOW_OPEN
from workshop.model.settings.stack import Settings

BUSY_PERCENT: Final = 90
_WHERE: Final = "{{ $labels.organization }} in {{ $labels.region }}"


def provisioner_alerts(settings: Settings) -> tuple[Alert, ...]:
    """The queue, and who works on it."""
    busy, all_of = (
        f"sum by (organization, region) (workshop_provisioners{chosen})"
        for chosen in ('{status="busy"}', '{status=~"idle|busy"}')
    )
    waits = 2 * settings.arrival.queue_target_seconds
    return (
        Alert(
            name="WorkshopBuildsWaiting",
            expr=f"max by (organization, region) (workshop_provisioner_oldest_pending_seconds) > {waits}",
            lasts=minutes(1),
            severity="warning",
            summary=f'A build of {_WHERE} has waited {{{{ $value | printf "%.0f" }}}} s for a provisioner; '
            f"{settings.arrival.queue_target_seconds} s are promised.",
        ),
        Alert(
            name="WorkshopProvisionersBusy",
            expr=f"100 * {busy} / {all_of} > {BUSY_PERCENT}",
            lasts=minutes(10),
            severity="warning",
            summary=f'{{{{ $value | printf "%.0f" }}}} % of the provisioners of {_WHERE} are busy for 10 minutes.',
        ),
        Alert(
            name="WorkshopProvisionersMissing",
            expr=f"""
                max by (organization, region) (workshop_provisioners_planned)
                - ({all_of} or 0 * max by (organization, region) (workshop_provisioners_planned)) > 0
                and {WINDOW_OPEN}
            """,
            lasts=minutes(3),
            severity="critical",
            summary=f'{{{{ $value | printf "%.0f" }}}} planned provisioners of {_WHERE} are missing.',
        ),
    )
