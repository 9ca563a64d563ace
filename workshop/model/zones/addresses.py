"""Which addresses may be a public target: those that the internet routes to one host, as they stand.

`ipaddress` knows most of IANA's special-purpose registries; the table has what depends on Python's version or is
routed and yet no host's own: documentation, translation, tunnels, benchmarks.
"""

from __future__ import annotations

import ipaddress
from typing import Final

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SPECIAL: Final[tuple[tuple[Network, str], ...]] = tuple(
    (ipaddress.ip_network(network), use)
    for network, use in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "IETF protocols"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "6to4 relays"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarks"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "IPv4-translated"),
        ("64:ff9b:1::/48", "IPv4-translated"),
        ("100::/64", "discarded"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "benchmarks"),
        ("2001:10::/28", "ORCHID"),
        ("2001:20::/28", "ORCHID"),
        ("2001::/23", "IETF protocols"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3ffe::/16", "6bone"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
"""IANA's IPv4 and IPv6 special-purpose address registries; of two that hold an address, the first gives its name."""

_ASSIGNED: Final = ipaddress.IPv6Network("2000::/3")
"""All of IPv6 that IANA gives to hosts; the rest is reserved."""


def not_public(address: Address) -> str:
    """Why an address can't be a public target, in a word or two; empty where it can."""
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        return "a zone id"
    special = next((use for network, use in _SPECIAL if address in network), "")
    if special:
        return special
    is_routed = address.is_global and (address.version == 4 or address in _ASSIGNED)
    return "" if is_routed else "reserved"


def holds_other_than_public(network: Network) -> str:
    """What a network holds beside public addresses; empty where there is nothing."""
    beside = next(
        (use for special, use in _SPECIAL if special.version == network.version and _overlap(special, network)), ""
    )
    return beside or not_public(network.network_address) or not_public(network.broadcast_address)


def _overlap(one: Network, other: Network) -> bool:
    return one[0] in other or other[0] in one
