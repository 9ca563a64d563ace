"""dns-records: every host and its wildcard leads to its own region, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from policies.framework.kinds import exactly
from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig
from policies.framework.reading import Reading, wrong
from workshop.model.plan.plan import Plan
from workshop.model.zones.addresses import not_public
from workshop.model.zones.plan import PlannedRecord
from workshop.model.zones.types import ends_in_number

RECORD = exactly("cloudflare:index/dnsRecord:DnsRecord", "cloudflare:index/record:Record")
TYPES = ("A", "AAAA", "CNAME")
TTL_SECONDS = (60, 3_600)
"""Cloudflare's least, and an hour: a longer one outlives a failover within a workshop."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One record: its name, type, target, life and protection."""
    name = host(declared.props.member("name"))
    kind = declared.props.member("type").text()
    if kind not in TYPES:
        yield Problem(problem=f"type is '{kind}', must be one of {', '.join(TYPES)}", fix="declare hosts only")
    content = declared.props.optional("value") or declared.props.member("content")
    target = content.text().rstrip(".").lower()
    yield from no_target(kind, target)
    stack = context.stack
    record = planned(name, kind, stack.plan) if stack else None
    if record is None or not record.is_proxied:
        yield from wrong_life(declared)
    if not (record and record.is_retiring) and not declared.is_protected:
        yield Problem(
            problem="the record is not protected",
            why="dropping it from the program would delete the host",
            fix="declare it with protect=True",
        )
    yield from foreign_name(name, domains(context, stack))
    if stack is not None:
        yield from wrong_target(name, kind, target, stack.plan)


_FIXES = {
    "A": "give it an IPv4 address; a host needs a CNAME, an IPv6 address an AAAA record",
    "AAAA": "give it an IPv6 address; a host needs a CNAME, an IPv4 address an A record",
    "CNAME": "give it a load balancer's host; an IPv4 address needs an A record, an IPv6 address an AAAA record",
}


def no_target(kind: str, target: str) -> Iterator[Problem]:
    """Content that is no host, or no address of the record's kind."""
    versions = {"A": 4, "AAAA": 6}
    try:
        address = ip_address(target)
    except ValueError:
        address = None
    version = address.version if address else None
    if version != versions.get(kind) or (version is None and ("." not in target or ends_in_number(target))):
        yield Problem(
            problem=f"content is '{target}', not a valid target of a {kind} record",
            fix=_FIXES.get(kind, "declare a CNAME, A or AAAA record"),
        )
    elif address is not None and (use := not_public(address)):
        yield Problem(
            problem=f"content is '{target}', not a public address ({use})",
            why="nobody on the internet reaches it, or reaches another host",
            fix="give it the host's public address",
        )


def wrong_life(declared: Declared) -> Iterator[Problem]:
    """A time to live out of bounds, or a record behind Cloudflare's proxy, where deep wildcards have no certificate."""
    ttl, (low, high) = declared.props.member("ttl").integer(), TTL_SECONDS
    if not low <= ttl <= high:
        yield Problem(problem=f"ttl is {ttl}, must be {low} to {high} seconds", fix="set ttl to 300")
    proxied = declared.props.optional("proxied")
    if proxied is not None and proxied.boolean():
        yield Problem(
            problem="proxied is true, must be false",
            why="TLS ends at the cluster; Cloudflare has no certificate for wildcards below a subdomain",
            fix="set proxied to false",
        )


def domains(context: Context, stack: StackConfig | None) -> frozenset[str]:
    """Domains in which this stack may declare records; none given means any."""
    given = frozenset(domain.text() for domain in context.options.member("domains").items_or_none())
    served = stack.plan.dns.served if stack else frozenset[str]()
    return given | served if given else served


def foreign_name(name: str, allowed: frozenset[str]) -> Iterator[Problem]:
    """A name outside the domains, or one that hides part of a wildcard."""
    if not allowed:
        return
    if name.removeprefix("*.") in allowed:
        return
    over = next((domain for domain in sorted(allowed, key=len, reverse=True) if name.endswith(f".{domain}")), None)
    if over is None:
        yield Problem(
            problem=f"'{name}' is not in {', '.join(sorted(allowed))}",
            why="records of others are not touched",
            fix="remove it, or name its domain in the settings",
        )
    else:
        yield Problem(
            problem=f"'{name}' hides part of *.{over}",
            why="workspace apps under it would lead elsewhere",
            fix="remove it, or give the host another parent domain",
        )


def wrong_target(name: str, kind: str, target: str, plan: Plan) -> Iterator[Problem]:
    """A host of the plan that leads to another place than its region's load balancer, or its zone file, says."""
    record = planned(name, kind, plan)
    if record is not None and target != record.target:
        whose = f"{record.region}'s load balancer is" if record.region else f"{record.place} says"
        yield Problem(
            problem=f"'{name}' points to '{target}', {whose} {record.target}",
            fix=f"set content to {record.target}",
        )


def planned(name: str, kind: str, plan: Plan) -> PlannedRecord | None:
    """What the settings and zone files say of a name; only a zone file may give it addresses of both kinds."""
    found = plan.dns.by_host.get(name, ())
    return next((record for record in found if record.kind == kind), found[0] if found else None)


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Hosts of the plan without a record, and names with records that cannot stand side by side."""
    records = [resource for resource in resources if RECORD(resource.type)]
    kinds: dict[str, set[str]] = {}
    for record in records:
        name, kind = host(record.props.member("name")), record.props.member("type").text()
        seen = kinds.setdefault(name, set())
        if seen and (kind == "CNAME" or "CNAME" in seen):
            yield Problem(
                problem=f"'{name}' has a CNAME beside another record",
                why="Cloudflare refuses one of them, and the change is partially applied",
                fix="keep one record for the name",
                about=record,
            )
        seen.add(kind)
    stack = context.stack
    if stack is not None and stack.settings.declares_records:
        for record in stack.plan.dns.records:
            if record.kind not in kinds.get(record.host, ()):
                yield Problem(
                    problem=f"'{record.host}' has no record",
                    why=f"participants of {record.region} reach another region or nothing" if record.region else None,
                    fix=f"declare its {record.kind} record, with content {record.target}",
                )


def host(name: Reading) -> str:
    """A record's name in lower case. Raises Unreadable where it is relative to the zone."""
    value = name.text().rstrip(".").lower()
    if "." not in value:
        name.give_up(wrong(name.path, f"'{name.value}'", "a whole domain name"))
    return value


DNS_RECORDS = Policy(
    id="dns-records",
    title="Every host and its wildcard leads to its own region's load balancer.",
    why="participants would reach the wrong region, or nothing",
    fix="Declare a protected, unproxied CNAME for each host and wildcard, ttl 300, and none beside them.",
    source="The 30 September incident: DNS incomplete; RFC 4592; coder/coder issue 11116",
    applies_to=RECORD,
    judge=judge,
    judge_stack=judge_stack,
    options={
        "domains": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "domains that this stack may declare records in: the domain itself and its wildcard",
            },
            default=[],
        )
    },
)
