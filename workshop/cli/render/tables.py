"""The tables: what the plan says for each region."""

from __future__ import annotations

from rich import box
from rich.table import Table

from workshop.model.plan.arrival import ArrivalPlan
from workshop.model.plan.plan import Plan


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


def arrival_table(arrival: ArrivalPlan) -> Table:
    """What people wait for, stage by stage on average, a row for each region."""
    table = plain_table("region", "users", "queue", "build", "node", "pull", "agent", "start", "worst", "needs")
    for name, region in arrival.regions.items():
        stages = region.mean
        seconds = (stages.queue, stages.build, stages.bind, stages.pull, stages.agent, stages.total, region.slowest)
        needed = "-" if region.needed is None else str(region.needed)
        table.add_row(name, str(region.users), *(f"{one:.0f}" for one in seconds), needed)
    return table


def hosts_table(plan: Plan) -> Table:
    """The DNS names of each region."""
    table = plain_table("region", "role", "hosts")
    for region in plan.regions.values():
        table.add_row(region.name, region.role.value, ", ".join(region.hosts))
    return table


def plain_table(*columns: str) -> Table:
    """An empty table in the one style that there is: narrow, so that 80 columns hold it."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), collapse_padding=True)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
