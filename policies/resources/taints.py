"""Taints of a node pool that keep workspaces away."""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.policy import Context, Declared, Option, Problem
from policies.framework.reading import Reading
from workshop.model.names import NODE_TAINT

TOLERATED = {
    "toleratedTaints": Option(
        schema={
            "type": "array",
            "items": {"type": "string"},
            "description": "taints that workspaces tolerate, as key=value:effect",
        },
        default=["{key}={value}:{effect}".format_map(NODE_TAINT)],
    )
}


def repelling(declared: Declared, context: Context) -> Iterator[Problem]:
    """Taints that workspaces do not tolerate, and start-up taints, which something else has to remove."""
    tolerated = {taint.text() for taint in context.options.member("toleratedTaints").items_or_none()}
    template = declared.props.optional("spec", "template", "spec")
    taints = template.optional("taints") if template else None
    for taint in taints.items_or_none() if taints else ():
        written = _written(taint)
        if not written.endswith(":PreferNoSchedule") and written not in tolerated:
            yield Problem(
                problem=f"{taint.path} is {written}, which workspaces do not tolerate",
                why="they stay pending, and Karpenter starts no node for them",
                fix=f"remove {taint.path}, or list it in the option toleratedTaints if templates tolerate it",
            )
    at_start = template.optional("startupTaints") if template else None
    for taint in at_start.items_or_none() if at_start else ():
        written = _written(taint)
        if written not in tolerated:
            yield Problem(
                problem=f"{taint.path} is {written}, which workspaces do not tolerate and nothing here removes",
                why="workspaces wait until something removes it",
                fix=f"remove {taint.path}, or list it in the option toleratedTaints if something removes it",
            )


def _written(taint: Reading) -> str:
    value = taint.optional("value")
    return f"{taint.member('key').text()}={value.text() if value else ''}:{taint.member('effect').text()}"
