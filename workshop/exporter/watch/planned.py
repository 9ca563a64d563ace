"""What follows from settings and the clock: window and plan."""

from __future__ import annotations

from datetime import datetime

from workshop.exporter.watch.sample import Sample, Samples
from workshop.model.plan.plan import Plan
from workshop.model.plan.warm import plan_warm
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import phase_at


def planned_samples(settings: Settings, plan: Plan, region: str, now: datetime) -> Samples:
    """Of one region. plan: of the event."""
    at, here = {"region": region}, plan.regions[region]
    nodes, window, phase = here.nodes, settings.window, phase_at(settings.window, now)
    warm = plan_warm(settings)
    is_warm = warm is not None and warm.ready_from <= now < warm.given_up_at
    samples = [
        Sample("workshop_window_open", float(phase is not None and phase.is_in_window), at),
        Sample("workshop_users_planned", nodes.users, at),
        Sample("workshop_nodes_planned", nodes.nodes, at),
        Sample("workshop_storage_planned_gib", float(nodes.allocatable_storage_gib), at),
        Sample("workshop_warm_nodes_planned", nodes.nodes if is_warm else 0, at),
    ]
    if nodes.nodes:
        samples.append(Sample("workshop_node_usd_per_hour", float(nodes.usd_per_hour / nodes.nodes), at))
    for organization, planned in here.provisioners.items():
        samples.append(Sample("workshop_provisioners_planned", planned, {"organization": organization, **at}))
    if window is not None and phase is not None:
        samples += [
            Sample("workshop_window_phase", 1, {"phase": phase.value, **at}),
            Sample("workshop_window_start_timestamp_seconds", window.start.timestamp(), at),
            Sample("workshop_window_closes_timestamp_seconds", window.closes_at.timestamp(), at),
        ]
    return tuple(samples)
