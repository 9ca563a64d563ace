"""Constrained types of a zone file's values; the message of each says what is needed."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from workshop.model.names import MARK
from workshop.model.zones.addresses import holds_other_than_public, not_public

Kind = Literal["A", "AAAA", "CNAME"]

TTL_SECONDS: Final = (60, 3600)
"""Cloudflare's least, and an hour: a longer one outlives a failover within a workshop (policy dns-records)."""

AUTOMATIC_TTL: Final = 1
"""What Cloudflare calls the life of a proxied record, which it sets itself."""

LONGEST_NAME: Final = 253
"""Characters of a name in text: 255 octets as it is sent, with a length before each label (RFC 1035, 3.1)."""

CHECK_LABEL: Final = len("check-0123456789ab")
"""Characters of the random label that `dns check` puts in place of a wildcard's asterisk."""

_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def kind_of(target: str) -> Kind:
    """The type of record that points to this target."""
    try:
        return "A" if ipaddress.ip_address(target).version == 4 else "AAAA"
    except ValueError:
        return "CNAME"


def plain_text(text: str) -> str:
    """A text in which everything can be seen. Raises ValueError."""
    for letter in text:
        if not letter.isprintable():  # nor is any space but the common one
            raise ValueError(f"contains U+{ord(letter):04X}, an invisible character; retype it")
    return text


def ends_in_number(name: str) -> bool:
    """Whether programs take a name for an address, as `203.0.113` or `0x7f.1` (WHATWG, URL: ends in a number)."""
    return re.fullmatch(r"[0-9]+|0x[0-9a-f]*", name.rpartition(".")[2]) is not None


def _domain(name: str) -> str:
    """A domain name as zone files write it. Raises ValueError."""
    plain_text(name)
    if not name.isascii():
        letter = next(letter for letter in name if not letter.isascii())
        called = unicodedata.name(letter, "a letter without a name")
        raise ValueError(
            f"contains {letter} (U+{ord(letter):04X}, {called.lower()}); only a-z, 0-9, - and . are allowed"
        )
    if name != name.lower():
        raise ValueError(f"must be in lower case ({name.lower()}): DNS takes both for the same name")
    if name.endswith("."):
        raise ValueError(f"must not end with a dot ({name.removesuffix('.')}): names here are always fully qualified")
    labels = name.split(".")
    if any(label.startswith("xn--") for label in labels):
        raise ValueError("is punycode, which can look like another name; use a name in ASCII")
    wrong = next((label for label in labels if not _LABEL.fullmatch(label)), None)
    if wrong is not None:
        raise ValueError(f"is not a domain name: '{wrong}' must be 1 to 63 of a-z, 0-9 and -, no - at either end")
    if ends_in_number(name):
        raise ValueError(f"is not a domain name: '{labels[-1]}' at its end makes programs take it for an address")
    if len(labels) < 2 or len(name) > LONGEST_NAME:
        raise ValueError("must be a whole domain name, such as demo.coderdemo.io, of 253 characters at most")
    return name


def _host(name: str) -> str:
    """A domain name or its wildcard."""
    if name.removeprefix("*.").startswith("_acme-challenge."):
        raise ValueError("is an ACME challenge, which is not managed here; remove it")
    if "*" in name.removeprefix("*."):
        raise ValueError("may have * only as its whole first label, such as *.demo.coderdemo.io")
    _domain(name.removeprefix("*."))
    if too_long := too_long_to_ask(name):
        raise ValueError(too_long)
    return name


def too_long_to_ask(host: str) -> str:
    """Why a host is too long as it is sent, with room for the label under a wildcard; empty where it is not."""
    sent = len(host) - 1 + CHECK_LABEL if host.startswith("*.") else len(host)
    if sent <= LONGEST_NAME:
        return ""
    most = LONGEST_NAME - CHECK_LABEL - 1 if host.startswith("*.") else LONGEST_NAME
    below = " after *." if host.startswith("*.") else ""
    return (
        f"must have {most} characters at most{below}: a name has {LONGEST_NAME}, that of `dns check` under it included"
    )


def _target(target: str) -> str:
    """A domain name, or a public address."""
    plain_text(target)
    if "/" in target or re.fullmatch(r"[^:]*:[0-9]{1,5}", target):
        raise ValueError("must be a name or an address alone, without scheme, port or path")
    if re.fullmatch(r"[0-9.]+|.*:.*", target) is None:
        if target.startswith("*."):
            raise ValueError("is a wildcard, which can't be a target")
        return _domain(target)
    try:
        address = ipaddress.ip_address(target)
    except ValueError:
        raise ValueError("is not an IPv4 or IPv6 address") from None
    if str(address) != target:
        raise ValueError(f"must be written {address}")
    if use := not_public(address):
        raise ValueError(f"is not a public address ({use})")
    return target


def _destination(destination: str) -> str:
    """A domain, or a network with its prefix length."""
    if re.fullmatch(r"[0-9a-f.:]+/[0-9]{1,3}", destination):
        try:
            network = ipaddress.ip_network(destination)
        except ValueError as error:
            raise ValueError(f"is not a network: {error}") from None
        if use := holds_other_than_public(network):
            raise ValueError(f"holds addresses that are not public ({use}); name smaller networks")
        return str(network)
    return _domain(destination)


def _comment(text: str) -> str:
    if MARK in text:
        raise ValueError(f"contains {MARK}, which marks this project's own records; remove it")
    return plain_text(text)


Domain = Annotated[str, Field(min_length=3, max_length=253), AfterValidator(_domain)]
Host = Annotated[str, Field(min_length=3, max_length=255), AfterValidator(_host)]
Target = Annotated[str, Field(min_length=2, max_length=253), AfterValidator(_target)]
Destination = Annotated[str, Field(min_length=2, max_length=253), AfterValidator(_destination)]
Ttl = Annotated[int, Field(strict=True, ge=TTL_SECONDS[0], le=TTL_SECONDS[1])]
Comment = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_comment)]
