"""The tables: what the plan says for each region, and what changes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich import box
from rich.table import Table

from workshop.cli.retained import Retained
from workshop.model.outcome import Change
from workshop.model.plan.plan import Plan

_ORDER: Final = ("delete", "replace", "update", "create", "import")
_STYLES: Final = {"delete": "red", "replace": "magenta", "update": "yellow", "create": "green", "import": "cyan"}
_NAMES_SHOWN: Final = 6


def plan_table(plan: Plan) -> Table:
    """Users, nodes and storage, a row for each region."""
    table = plain_table("region", "users", "nodes", "users/node", "limited by", "volume", "free at peak")
    for region in plan.regions.values():
        nodes = region.nodes
        table.add_row(
            region.name,
            str(nodes.users),
            str(nodes.nodes),
            str(nodes.users_per_node),
            nodes.binding.replace("_", " "),
            f"{nodes.volume_gib} GiB",
            f"{nodes.headroom_percent:.1f} %",
        )
    return table


def provisioners_table(plan: Plan) -> Table:
    """Provisioners of each organization, a row for each region."""
    organizations = list(dict.fromkeys(name for region in plan.regions.values() for name in region.provisioners))
    table = plain_table("provisioners of", *organizations)
    for region in plan.regions.values():
        table.add_row(region.name, *(str(region.provisioners.get(name, "-")) for name in organizations))
    return table


def hosts_table(plan: Plan) -> Table:
    """The DNS names of each region."""
    table = plain_table("region", "role", "hosts")
    for region in plan.regions.values():
        table.add_row(region.name, region.role.value, ", ".join(region.hosts))
    return table


def change_table(changes: Iterable[Change]) -> Table:
    """What differs out there, by operation and kind; an update names the properties."""
    table = plain_table("change", "kind", "count", "which")

    def key(change: Change) -> tuple[int, str, tuple[str, ...]]:
        return (_ORDER.index(change.operation), _kind(change.type), change.properties)

    for (operation, kind, properties), group in groupby(
        sorted((c for c in changes if c.operation in _ORDER), key=key), key
    ):
        names = [change.name for change in group]
        shown = _listed(names)
        detail = f"{shown}: {', '.join(properties)}" if properties else shown
        name = _ORDER[operation]
        table.add_row("adopt" if name == "import" else name, kind, str(len(names)), detail, style=_STYLES[name])
    return table


def retained_table(retained: Iterable[Retained]) -> Table:
    """What stays, by kind."""
    table = plain_table("kind", "count", "which")

    def key(resource: Retained) -> str:
        return _kind(resource.type)

    for kind, group in groupby(sorted(retained, key=key), key):
        names = [resource.name for resource in group]
        table.add_row(kind, str(len(names)), _listed(names))
    return table


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if names[_NAMES_SHOWN:] else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


def _kind(token: str) -> str:
    """aws:ecr/repository:Repository -> Repository (aws)."""
    package, _, rest = token.partition(":")
    return f"{rest.rpartition(':')[2]} ({package})" if rest else token


def plain_table(*columns: str) -> Table:
    """An empty table in the one style that there is: narrow, so that 80 columns hold it."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
