"""Which addresses may be a target, each with its neighbours on both sides of the line."""

from __future__ import annotations

import ipaddress

import pytest

from tests.dns.bad_changes import HEAD, records
from tests.dns.test_bad_changes import plan_of
from workshop.model.findings import Refused
from workshop.model.zones.addresses import holds_other_than_public, not_public

SPECIAL = {
    "this network": ("0.0.0.0", "0.255.255.255"),
    "private": (
        *("10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "192.168.255.255"),
        *("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    ),
    "carrier-grade NAT": ("100.64.0.0", "100.127.255.255"),
    "loopback": ("127.0.0.1", "127.255.255.255", "::1"),
    "link-local": ("169.254.0.0", "169.254.169.254", "fe80::1", "febf::1"),
    "IETF protocols": ("192.0.0.0", "192.0.0.9", "192.0.0.255", "2001:1::1", "2001:4:112::1", "2001:1ff::1"),
    "documentation": (
        *("192.0.2.0", "192.0.2.255", "198.51.100.7", "203.0.113.7"),
        *("2001:db8::1", "2001:db8:ffff::1", "3fff::1", "3fff:fff:ffff::1"),
    ),
    "6to4 relays": ("192.88.99.1",),
    "benchmarks": ("198.18.0.0", "198.19.255.255", "2001:2::1"),
    "multicast": ("224.0.0.1", "239.255.255.255", "ff02::1"),
    "reserved": ("240.0.0.0", "255.255.255.255", "4000::1", "1fff::1", "f000::1"),
    "unspecified": ("::",),
    "IPv4-mapped": ("::ffff:8.8.8.8", "::ffff:10.0.0.1"),
    "IPv4-compatible": ("::8.8.8.8",),
    "IPv4-translated": ("64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::1"),
    "discarded": ("100::1",),
    "Teredo": ("2001::1", "2001:0:ffff::1"),
    "ORCHID": ("2001:10::1", "2001:20::1", "2001:2f::1"),
    "6to4": ("2002:808:808::1", "2002:a00:1::1"),
    "6bone": ("3ffe::1",),
    "segment routing": ("5f00::1",),
    "site-local": ("fec0::1",),
    "a zone id": ("fe80::1%eth0", "2606:4700::1%1"),
}
PUBLIC = (
    *("1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"),
    *("169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255"),
    *("192.88.100.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255"),
    *("198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"),
    *("2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "3fff:1000::1"),
)


@pytest.mark.parametrize(("use", "address"), [(use, one) for use, addresses in SPECIAL.items() for one in addresses])
def test_dns_8_an_address_that_is_not_public_is_named(use: str, address: str) -> None:
    assert not_public(ipaddress.ip_address(address)) == use


@pytest.mark.parametrize("address", PUBLIC)
def test_dns_8_a_public_address_passes(address: str) -> None:
    assert not_public(ipaddress.ip_address(address)) == ""


def refusals(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        plan_of(text)
    return [one.problem for one in refused.value.findings]


@pytest.mark.parametrize("address", ["::ffff:808:808", "64:ff9b::808:808", "2002:808:808::1", "3fff::1", "203.0.113.7"])
def test_dns_8_a_zone_file_takes_public_addresses_only(address: str) -> None:
    (told,) = refusals(records(f"- {{host: a.coderdemo.io, target: '{address}'}}"))
    assert f"records[0].target is '{address}': is not a public address (" in told


@pytest.mark.parametrize("target", ["fe80::1%eth0", "2606:4700::1%eth0", "2606:4700::1%25eth0"])
def test_dns_8_a_zone_id_is_no_part_of_a_target(target: str) -> None:
    assert len(refusals(records(f"- {{host: a.coderdemo.io, target: '{target}'}}"))) == 1


@pytest.mark.parametrize("target", ["0x7f.1", "example.0x7f000001", "a.1", "1.2.3.4.5x.0"])
def test_dns_8_a_name_that_programs_take_for_an_address_is_refused(target: str) -> None:
    (told,) = refusals(records(f"- {{host: a.coderdemo.io, target: '{target}'}}"))
    assert "makes programs take it for an address" in told


@pytest.mark.parametrize(
    ("network", "use"),
    [
        ("0.0.0.0/0", "this network"),
        ("::/0", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("10.1.0.0/16", "private"),
        ("192.0.0.0/8", "IETF protocols"),
        ("203.0.113.0/24", "documentation"),
        ("2000::/3", "Teredo"),
        ("2001:db8:1::/48", "documentation"),
        ("4000::/3", "segment routing"),
        ("6000::/16", "reserved"),
        ("198.41.128.0/17", ""),
        ("2606:4700::/32", ""),
        ("8.8.8.8/32", ""),
    ],
)
def test_dns_8_a_destination_holds_public_addresses_only(network: str, use: str) -> None:
    assert holds_other_than_public(ipaddress.ip_network(network)) == use
    text = f"{HEAD}destinations: ['{network}']\n"
    if use:
        assert f"holds addresses that are not public ({use})" in refusals(text)[0]
    else:
        assert plan_of(text).dns.files[0].zone.destinations == (network,)
