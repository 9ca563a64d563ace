"""LiteLLM and the key that workspaces use."""

from __future__ import annotations

from typing import Final

from workshop.model.monitoring.rule import Alert, Severity, minutes
from workshop.model.monitoring.series import WINDOW_CLOSED, WINDOW_OPEN
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings

BEFORE_END: Final[tuple[tuple[int, Severity], ...]] = ((7, "warning"), (3, "warning"), (1, "critical"))
"""Days before the end of a key that was issued for longer than the first of them."""

BUDGET_PERCENT: Final = 80

_EXPIRY: Final = "max by (alias) (workshop_litellm_key_expiry_timestamp_seconds)"
_CREATED: Final = "max by (alias) (workshop_litellm_key_created_timestamp_seconds)"
_DAYS_LEFT: Final = f"({_EXPIRY} - time()) / 86400"


def model_alerts(settings: Settings, plan: Plan) -> tuple[Alert, ...]:
    """Keys, money, pods."""
    litellm = f'namespace="{settings.litellm.namespace}"'
    available = f'kube_deployment_status_replicas_available{{{litellm}, deployment="{settings.litellm.deployment}"}}'
    cron_job = f'kube_cronjob_spec_suspend{{cronjob="{settings.rotation.cron_job}"}}'
    longest = BEFORE_END[0][0]
    return (
        *(
            Alert(
                name=f"WorkshopKeyEndsInDays{days}",
                expr=f"""
                    {_DAYS_LEFT} < {days} and {_DAYS_LEFT} > 0
                    and on (alias) ({_EXPIRY} - {_CREATED}) / 86400 > {longest}
                """,
                lasts=minutes(0),
                severity=severity,
                summary=f"LiteLLM's key {{{{ $labels.alias }}}} ends in "
                f'{{{{ $value | printf "%.1f" }}}} days (warned {days} before).',
            )
            for days, severity in BEFORE_END
        ),
        Alert(
            name="WorkshopKeyEndsInWindow",
            expr=f"""
                (scalar(max(workshop_window_closes_timestamp_seconds)) - {_EXPIRY}) / 3600 > 0
                and on () (max(workshop_window_closes_timestamp_seconds) > time()) and {WINDOW_OPEN}
            """,
            lasts=minutes(1),
            severity="critical",
            summary="LiteLLM's key {{ $labels.alias }} ends before the window closes, by "
            '{{ $value | printf "%.1f" }} hours.',
        ),
        Alert(
            name="WorkshopKeyRefused",
            expr='max(workshop_check_verdict{check="litellm-key"}) == 2',
            lasts=minutes(0),
            severity="critical",
            summary="LiteLLM does not accept the key that workspaces use: models answer nobody.",
        ),
        Alert(
            name="WorkshopKeyNearBudget",
            expr=f"""
                100 * max by (alias) (workshop_litellm_key_spend_usd)
                / (max by (alias) (workshop_litellm_key_budget_usd) > 0) > {BUDGET_PERCENT}
            """,
            lasts=minutes(0),
            severity="critical",
            summary="LiteLLM's key {{ $labels.alias }} has spent "
            '{{ $value | printf "%.0f" }} % of its budget; at 100 % models answer nobody.',
        ),
        Alert(
            name="WorkshopModelsDown",
            expr='max(workshop_check_verdict{check="litellm-ready"}) >= 2',
            lasts=minutes(1),
            severity="critical",
            summary="LiteLLM does not answer, or has no database.",
        ),
        Alert(
            name="WorkshopModelPodsMissing",
            expr=f"{plan.litellm} - sum({available}) > 0 and {WINDOW_OPEN}",
            lasts=minutes(3),
            severity="critical",
            summary=f'{{{{ $value | printf "%.0f" }}}} of {plan.litellm} planned pods of LiteLLM are not Ready.',
        ),
        Alert(
            name="WorkshopRotationRuns",
            expr=f"count by (region) ({cron_job} == 0) and {WINDOW_OPEN}",
            lasts=minutes(5),
            severity="critical",
            summary='{{ $value | printf "%.0f" }} CronJobs in {{ $labels.region }} rotate LiteLLM\'s key although the '
            "window is open: each run restarts workspaces.",
        ),
        Alert(
            name="WorkshopRotationHeld",
            expr=f"count by (region) ({cron_job} == 1) and {WINDOW_CLOSED}",
            lasts=minutes(60),
            severity="warning",
            summary='{{ $value | printf "%.0f" }} CronJobs in {{ $labels.region }} that rotate LiteLLM\'s key are '
            "suspended although no window is open.",
        ),
    )
