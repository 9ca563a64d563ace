"""Addresses that are nobody's target, as dns-records judges them."""

from __future__ import annotations

import pytest

from policies.dns_records import DNS_RECORDS
from policies.pack.testing import judge
from tests.policies.test_dns_records import found, record


@pytest.mark.parametrize(
    ("kind", "target", "use"),
    [
        ("A", "10.0.0.1", "private"),
        ("A", "203.0.113.7", "documentation"),
        ("A", "169.254.169.254", "link-local"),
        ("AAAA", "fd00::1", "private"),
        ("AAAA", "::ffff:8.8.8.8", "IPv4-mapped"),
        ("AAAA", "64:ff9b::808:808", "IPv4-translated"),
        ("AAAA", "2002:808:808::1", "6to4"),
        ("AAAA", "3fff::1", "documentation"),
        ("AAAA", "2606:4700::1%1", "a zone id"),
    ],
)
def test_dns_8_fail_on_an_address_that_is_not_public(kind: str, target: str, use: str) -> None:
    assert judge(DNS_RECORDS, record(target=target).with_input("type", kind)) == [
        found(
            f"content is '{target}', not a public address ({use})",
            "give it the host's public address",
            "nobody on the internet reaches it, or reaches another host",
        )
    ]
