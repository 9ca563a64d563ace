"""Whether images still get from where they are published to the registries."""

from __future__ import annotations

from typing import Final

from workshop.model.cron import longest_pause
from workshop.model.images.mirroring import RUN
from workshop.model.monitoring.rule import Alert, minutes
from workshop.model.names import IMAGE_MIRROR
from workshop.model.settings.stack import Settings

_JOB: Final = f'{{cronjob="{IMAGE_MIRROR}"}}'


def image_alerts(settings: Settings) -> tuple[Alert, ...]:
    """Of the CronJob, where there is one: a run that fails counts as one that never was."""
    if settings.mirror is None:
        return ()
    overdue = (longest_pause(settings.mirror.schedule) + RUN).total_seconds() / 3600
    return (
        Alert(
            name="WorkshopMirrorOverdue",
            expr=f"""
                (time() - max by (region) (
                    kube_cronjob_status_last_successful_time{_JOB} or kube_cronjob_created{_JOB}
                )) / 3600 > {overdue:g}
            """,
            lasts=minutes(5),
            severity="warning",
            summary='No run of the image mirror has succeeded for {{ $value | printf "%.1f" }} hours; '
            f"by its schedule one should every {overdue:g}.",
        ),
    )
