"""Every alert of a stack, by group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workshop.model.monitoring.alerts.images import image_alerts
from workshop.model.monitoring.alerts.models import model_alerts
from workshop.model.monitoring.alerts.plan import plan_alerts
from workshop.model.monitoring.alerts.provisioners import provisioner_alerts
from workshop.model.monitoring.alerts.routes import route_alerts
from workshop.model.monitoring.alerts.storage import storage_alerts
from workshop.model.monitoring.alerts.watching import watching_alerts
from workshop.model.monitoring.alerts.workspaces import workspace_alerts
from workshop.model.monitoring.rule import Alert, rules_file
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings


def alert_groups(settings: Settings, plan: Plan) -> Mapping[str, tuple[Alert, ...]]:
    """Thresholds are the settings' and the plan's, which is that of the event whatever the time is now."""
    return {
        "storage": storage_alerts(settings, plan),
        "workspaces": workspace_alerts(settings),
        "provisioners": provisioner_alerts(settings),
        "models": model_alerts(settings, plan),
        "routes": route_alerts(),
        "images": image_alerts(settings),
        "plan": plan_alerts(settings),
        "watching": watching_alerts(),
    }


def rules_of(settings: Settings, plan: Plan) -> dict[str, Any]:
    """The same as Prometheus reads them, with links to the runbooks."""
    url = settings.monitoring.runbooks_url if settings.monitoring else None
    return rules_file(alert_groups(settings, plan), url or "docs/runbooks")
