"""Bad changes of a zone file. The line that has to be named ends with `# HERE`, or is the first."""

from __future__ import annotations

from dataclasses import dataclass

from workshop.model.observations import ExistingRecord
from workshop.model.zones.changes import Before

HEAD = "zone: coderdemo.io\ndomains: [coderdemo.io]\n"
LB = "coder-ohio.elb.us-east-2.amazonaws.com"
OREGON = "coder-oregon.elb.us-west-2.amazonaws.com"


@dataclass(frozen=True, kw_only=True)
class BadChange:
    """text: the zone file. before: records as they were. rule and words: what the refusal says."""

    name: str
    text: str
    rule: str
    words: str
    before: tuple[Before, ...] = ()
    path: str = "zones/coderdemo.io.yaml"


def records(*lines: str, head: str = HEAD) -> str:
    return head + "records:\n" + "".join(f"  {line}\n" for line in lines)


def was(host: str, target: str = LB, ttl: int = 300, *, retiring: bool = False) -> Before:
    return Before(zone="coderdemo.io", host=host, target=target, ttl_seconds=ttl, is_retiring=retiring)


def form(name: str, words: str, *lines: str) -> BadChange:
    return BadChange(name=name, text=records(*lines), rule="zone-file", words=words)


def one(entry: str) -> str:
    return f"- {{host: a.coderdemo.io, {entry}}} # HERE"


def host(name: str) -> str:
    return f'- {{host: "{name}", region: us-east-2}} # HERE'


def leads(name: str, target: str) -> str:
    return f"- {{host: {name}, target: {target}}}"


FORMS = (
    form("not YAML", "mapping values are not allowed", "- host: a: b # HERE"),
    form("a key given twice", "is given twice", "- host: a.coderdemo.io", "  host: b.coderdemo.io # HERE"),
    form("an unknown key", "unknown key records[0].tll", one("region: us-east-2, tll: 300")),
    form("no host", "records[0].host is missing", "- {region: us-east-2} # HERE"),
    form("neither region nor target", "has neither region nor target", one("ttl: 300")),
    form("both region and target", "has both region and target", one(f"region: us-east-2, target: {LB}")),
    form("TTL 0", "ttl is '0'", one("region: us-east-2, ttl: 0")),
    form("a TTL of a day", "ttl is '86400'", one("region: us-east-2, ttl: 86400")),
    form("a TTL with a unit", "ttl is '5m'", one("region: us-east-2, ttl: 5m")),
    form("proxied in words", "proxied is 'yes'", one("region: us-east-2, proxied: yes")),
    form("a proxied TTL", "Cloudflare then sets itself", one("region: us-east-2, proxied: true, ttl: 60")),
    form("upper case", "must be in lower case (demo.coderdemo.io)", host("Demo.coderdemo.io")),
    form("a trailing dot", "must not end with a dot", host("demo.coderdemo.io.")),
    form("an invisible character", "U+200B, an invisible character", host("de\u200bmo.coderdemo.io")),
    form("a no-break space", "U+00A0, an invisible character", host("demo\u00a0.coderdemo.io")),
    form("a Cyrillic look-alike", "cyrillic small letter o", host("dem\u043e.coderdemo.io")),
    form("a punycode look-alike", "is punycode", host("xn--dem-eqb.coderdemo.io")),
    form("a wildcard inside a name", "* only as its whole first label", host("a.*.coderdemo.io")),
    form("half a wildcard", "* only as its whole first label", host("a*.coderdemo.io")),
    form("a label that is too long", "1 to 63 of a-z", host(f"{'a' * 64}.coderdemo.io")),
    form("an underscore", "1 to 63 of a-z", host("_dmarc.coderdemo.io")),
    form("a certificate's challenge", "is an ACME challenge", host("_acme-challenge.coderdemo.io")),
    form("a URL as target", "without scheme, port or path", one("target: https://x.example.com")),
    form("a port in the target", "without scheme, port or path", one("target: x.example.com:8443")),
    form("a wildcard as target", "is a wildcard", one('target: "*.coderdemo.io"')),
    form("half an address", "is not an IPv4 or IPv6 address", one("target: 198.41.128")),
    form("an address in octal", "is not an IPv4 or IPv6 address", one("target: 198.41.128.010")),
    form("a private address", "is not a public address", one("target: 10.0.0.7")),
    form("this machine's address", "is not a public address", one("target: 127.0.0.1")),
    form(
        "a right-to-left comment", "U+202E, an invisible character", one('region: us-east-2, comment: "for \u202egnp"')
    ),
    form(
        "a comment with our mark", "which marks this project", one("region: us-east-2, comment: ai-coder-workshop/dns")
    ),
    BadChange(
        name="a file under another name",
        text="zone: coderdemo.com # HERE\ndomains: [coderdemo.com]\n",
        rule="zone-file",
        words="the file is zones/coderdemo.io.yaml",
    ),
)

NAMES = (
    BadChange(
        name="a foreign zone",
        text=records("- {host: www.coder.com, region: us-east-2} # HERE"),
        rule="zone-names",
        words="www.coder.com is not at or under coderdemo.io",
    ),
    BadChange(
        name="a domain of another zone",
        text="zone: coderdemo.io\ndomains:\n  - coder.com # HERE\n",
        rule="zone-names",
        words="coder.com is not in zone coderdemo.io",
    ),
    BadChange(
        name="a zone whose name only ends the same",
        text=records("- {host: a.notcoderdemo.io, region: us-east-2} # HERE"),
        rule="zone-names",
        words="is not at or under",
    ),
    BadChange(
        name="twins",
        text=records(
            "- {host: a.coderdemo.io, region: us-east-2}", "- {host: a.coderdemo.io, region: us-west-2} # HERE"
        ),
        rule="zone-names",
        words="only one is allowed",
    ),
    BadChange(
        name="an address beside a CNAME",
        text=records(
            "- {host: a.coderdemo.io, region: us-east-2}",
            "- {host: a.coderdemo.io, target: 198.41.128.7} # HERE",
            head=f"{HEAD}destinations: [198.41.128.0/24]\n",
        ),
        rule="zone-names",
        words="has A here and CNAME from zones/coderdemo.io.yaml:5",
    ),
    BadChange(
        name="a host that the regions have",
        text=records(
            "- {host: oregon-proxy.ai.coder.com, region: us-east-2} # HERE",
            head="zone: coder.com\ndomains: [ai.coder.com]\n",
        ),
        rule="zone-names",
        words="CNAME from workshop:regions[1]",
        path="zones/coder.com.yaml",
    ),
    BadChange(
        name="a host that must exist and does not",
        text=f"{HEAD}must_exist:\n  - demo.coderdemo.io # HERE\n",
        rule="zone-names",
        words="demo.coderdemo.io must exist, but has no record",
    ),
    BadChange(
        name="an unknown region",
        text=records("- {host: a.coderdemo.io, region: ap-south-1} # HERE"),
        rule="zone-names",
        words="which is not in this stack",
    ),
)

SHADOWS = (
    BadChange(
        name="a shadowed proxy host",
        text=records(
            "- {host: api.oregon-proxy.ai.coder.com, region: us-east-2} # HERE",
            head="zone: coder.com\ndomains: [ai.coder.com]\n",
        ),
        rule="zone-shadowing",
        words="hides part of *.oregon-proxy.ai.coder.com",
        path="zones/coder.com.yaml",
    ),
    BadChange(
        name="a name under a wildcard of the file",
        text=records(
            '- {host: "*.coderdemo.io", region: us-east-2}', "- {host: a.coderdemo.io, region: us-west-2} # HERE"
        ),
        rule="zone-shadowing",
        words="hides part of *.coderdemo.io",
    ),
    BadChange(
        name="a deep name behind the proxy",
        text=records("- {host: a.b.coderdemo.io, region: us-east-2, proxied: true} # HERE"),
        rule="zone-shadowing",
        words="Cloudflare's certificate covers the zone and one label below it",
    ),
)

TARGETS = (
    BadChange(
        name="a record that leads to itself",
        text=records(f"{leads('a.coderdemo.io', 'a.coderdemo.io')} # HERE"),
        rule="zone-targets",
        words="a.coderdemo.io -> a.coderdemo.io",
    ),
    BadChange(
        name="a loop of two",
        text=records(f"{leads('a.coderdemo.io', 'b.coderdemo.io')} # HERE", leads("b.coderdemo.io", "a.coderdemo.io")),
        rule="zone-targets",
        words="a.coderdemo.io -> b.coderdemo.io -> a.coderdemo.io",
    ),
    BadChange(
        name="a loop through a wildcard",
        text=records('- {host: "*.coderdemo.io", target: x.coderdemo.io} # HERE'),
        rule="zone-targets",
        words="is in a loop",
    ),
    BadChange(
        name="a CNAME at the apex",
        text=records("- {host: coderdemo.io, region: us-east-2} # HERE"),
        rule="zone-targets",
        words="is the zone's apex and can't be a CNAME",
    ),
    BadChange(
        name="a dangling target",
        text=records(f"{leads('a.coderdemo.io', 'gone.coderdemo.io')} # HERE"),
        rule="zone-targets",
        words="points to gone.coderdemo.io, which has no record",
    ),
    BadChange(
        name="a foreign target",
        text=records(f"{leads('a.coderdemo.io', 'evil.example.com')} # HERE"),
        rule="zone-targets",
        words="no load balancer of a region, and not in destinations",
    ),
    BadChange(
        name="a target that only ends like a destination",
        text=records(
            f"{leads('a.coderdemo.io', 'evil-example.com')} # HERE", head=f"{HEAD}destinations: [example.com]\n"
        ),
        rule="zone-targets",
        words="evil-example.com",
    ),
    BadChange(
        name="an address out of all destinations",
        text=records(
            f"{leads('a.coderdemo.io', '198.41.129.7')} # HERE", head=f"{HEAD}destinations: [198.41.128.0/24]\n"
        ),
        rule="zone-targets",
        words="198.41.129.7",
    ),
)

CHANGES = (
    BadChange(
        name="a deleted wildcard",
        text=records("- {host: a.coderdemo.io, region: us-east-2}").replace("records:", "records: # HERE"),
        before=(was("a.coderdemo.io"), was("*.a.coderdemo.io", retiring=True)),
        rule="zone-changes",
        words="*.a.coderdemo.io is deleted and a.coderdemo.io stays",
    ),
    BadChange(
        name="a record that goes unretired",
        text=f"{HEAD}records: [] # HERE\n",
        before=(was("a.coderdemo.io"),),
        rule="zone-changes",
        words="is deleted without having been retired",
    ),
    BadChange(
        name="too many records that go",
        text=f"{HEAD}records: []\n".replace("zone:", "limits: {deletions: 1} # HERE\nzone:"),
        before=(was("a.coderdemo.io", retiring=True), was("b.coderdemo.io", retiring=True)),
        rule="zone-changes",
        words="2 records deleted in one change of coderdemo.io, deletions allows 1",
    ),
    BadChange(
        name="too many changed targets",
        text=records(
            *(f"- {{host: {name}.coderdemo.io, region: us-west-2}}" for name in "abc"),
            head=f"{HEAD}limits: {{changed_targets: 2}} # HERE\n",
        ),
        before=tuple(was(f"{name}.coderdemo.io") for name in "abc"),
        rule="zone-changes",
        words="3 records retargeted in one change of coderdemo.io, changed_targets allows 2",
    ),
    BadChange(
        name="a cut-over while the TTL is long",
        text=records("- {host: a.coderdemo.io, region: us-west-2} # HERE"),
        before=(was("a.coderdemo.io", ttl=3600),),
        rule="zone-changes",
        words="apply it, wait 3600 s",
    ),
    BadChange(
        name="a TTL that rises with the cut-over",
        text=records("- {host: a.coderdemo.io, region: us-west-2, ttl: 3600} # HERE"),
        before=(was("a.coderdemo.io", ttl=60),),
        rule="zone-changes",
        words="its TTL goes from 60 to 3600",
    ),
)

BAD_CHANGES = (*FORMS, *NAMES, *SHADOWS, *TARGETS, *CHANGES)


def existing(before: Before) -> ExistingRecord:
    """As Cloudflare would have it, ours."""
    return ExistingRecord(
        zone=before.zone,
        id=before.host,
        name=before.host,
        type="CNAME",
        content=before.target,
        ttl_seconds=before.ttl_seconds,
        is_proxied=False,
        comment="ai-coder-workshop",
    )
