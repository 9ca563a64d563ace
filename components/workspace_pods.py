"""What admission policies say of workspaces' pods, as CEL: which they are, and what their containers take together."""

from __future__ import annotations

from typing import Final

from workshop.model.names import NODE_TAINT, WORKSPACE_POD_LABELS

_DAEMON_SET: Final = "o.apiVersion == 'apps/v1' && o.kind == 'DaemonSet' && o.?controller.orValue(false)"
"""An owner whose pods are on every node; what they take is planned for."""


def workspaces_only() -> list[dict[str, str]]:
    """Conditions under which a pod is judged: it may be a workspace. Templates need no label."""
    no_daemon_set = f"!object.metadata.?ownerReferences.orValue([]).exists(o, {_DAEMON_SET})"
    return [
        {"name": "workspaces-only", "expression": _may_be_workspace()},
        {"name": "no-daemon-set", "expression": no_daemon_set},
    ]


def containers() -> list[dict[str, str]]:
    """Variables of which `fits` makes use: containers that start first, and those of them that stay."""
    return [
        {"name": "initial", "expression": "object.spec.?initContainers.orValue([])"},
        {"name": "sidecars", "expression": "variables.initial.filter(c, c.?restartPolicy.orValue('') == 'Always')"},
    ]


def fits(amount: str, most: str) -> str:
    """Whether what runs at one time stays within `most`, by the `amount` of container c: sidecars run all the time."""
    beside = f"variables.sidecars.map(c, {amount}).sum()"
    return (
        f"object.spec.containers.map(c, {amount}).sum() + {beside} <= {most} && variables.initial.all(c, "
        f"c.?restartPolicy.orValue('') == 'Always' || {amount} + {beside} <= {most})"
    )


def _may_be_workspace() -> str:
    """What may get on a workspace node: it tolerates their taint, or names a node itself."""
    labelled = " && ".join(
        f"object.metadata.?labels['{key}'].orValue('') == '{value}'" for key, value in WORKSPACE_POD_LABELS.items()
    )
    key, value, effect = NODE_TAINT["key"], NODE_TAINT["value"], NODE_TAINT["effect"]
    tolerates = (
        f"t.?key.orValue('') in ['', '{key}'] && t.?effect.orValue('') in ['', '{effect}']"
        f" && (t.?operator.orValue('Equal') == 'Exists' || t.?value.orValue('') == '{value}')"
    )
    return (
        f"({labelled}) || object.spec.?nodeName.orValue('') != ''"
        f" || object.spec.?tolerations.orValue([]).exists(t, {tolerates})"
    )
