"""Names that are on live objects: another one would not find what is there."""

from __future__ import annotations

import pytest

from workshop.model import names


def test_names_stay_what_they_are_on_live_objects() -> None:
    constants = {name: value for name, value in vars(names).items() if name.isupper()}

    assert constants == {
        "MARK": "ai-coder-workshop",
        "MANAGED_BY_LABEL": "app.kubernetes.io/managed-by",
        "MANAGED_BY_TAG": "managed-by",
        "FIELD_MANAGER": "ai-coder-workshop",
        "PHASE_ANNOTATION": "ai-coder-workshop/phase",
        "WINDOW_ANNOTATION": "ai-coder-workshop/window",
        "USERS_ANNOTATION": "ai-coder-workshop/users",
        "EVENT_ANNOTATION": "ai-coder-workshop/event",
        "STOPPED_ANNOTATION": "ai-coder-workshop/stopped",
        "EVENT_NAMESPACE": "ai-coder-workshop-event",
        "KEEPER": "ai-coder-workshop-keeper",
        "WORKSPACE_BOUNDS": "ai-coder-workshop-workspace-bounds",
        "DOOR": "ai-coder-workshop-door",
        "DEAD_MAN": "event-dead-man",
        "STOP_MANAGER": "ai-coder-workshop-stop",
        "WARM_NODES": "ai-coder-workshop-warm",
        "WARM_GATE": "ai-coder-workshop/node-is-missing",
        "WARM_KEEPER": "warm-nodes",
        "EXPORTER": "ai-coder-workshop-exporter",
        "EXPORTER_ACCOUNT": "exporter",
        "CODER_METRICS": "coder-metrics",
        "ALERT_RULES": "ai-coder-workshop-alerts",
        "QUEUE_SCALER": "ai-coder-workshop-provisioners",
        "IMAGES_NAMESPACE": "ai-coder-workshop-images",
        "IMAGE_MIRROR": "ai-coder-workshop-image-mirror",
        "IMAGE_PRUNER": "ai-coder-workshop-image-prune",
        "NODE_POOL": "workshop-workspaces",
        "NODE_CLASS": "workshop-workspaces",
        "WORKSPACE_POD_LABELS": {"app.kubernetes.io/name": "coder-workspace"},
        "NODE_LABELS": {
            "node.coder.io/instance": "coder-v2",
            "node.coder.io/managed-by": "karpenter",
            "node.coder.io/name": "coder",
            "node.coder.io/part-of": "coder",
            "node.coder.io/used-for": "coder-ws-all",
        },
        "NODE_TAINT": {"key": "dedicated", "value": "coder-ws", "effect": "NoSchedule"},
    }


@pytest.mark.parametrize(
    ("comment", "scope"),
    [
        ("ai-coder-workshop", "all"),
        ("for the team (ai-coder-workshop)", "all"),
        ("ai-coder-workshop/dns", "dns"),
        ("for the team (ai-coder-workshop/dns)", "dns"),
    ],
)
def test_a_record_has_one_owner(comment: str, scope: str) -> None:
    assert [one for one in ("all", "dns", "registry") if names.is_marked(comment, one)] == [scope]


@pytest.mark.parametrize("comment", ["", "ai-coder-workshop?", "not ai-coder-workshop", "(ai-coder-workshop) "])
def test_what_only_names_the_mark_is_nobodys(comment: str) -> None:
    assert not any(names.is_marked(comment, scope) for scope in ("all", "dns", "registry"))
