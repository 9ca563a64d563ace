"""Which of the settings' regions a resource's cluster is."""

from __future__ import annotations

from policies.framework.policy import Declared, StackConfig
from workshop.model.settings.regions import Region


def region_of_cluster(declared: Declared, stack: StackConfig | None) -> Region | None:
    """The region whose cluster the resource's provider reaches; None where that is not known."""
    context = declared.cluster
    if stack is None or context is None:
        return None
    return next((region for region in stack.settings.regions if region.cluster.context == context), None)
