"""Keys, certificates and tokens of the sandbox's control planes: made here, used here, of no use elsewhere."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from workshop.sandbox.certificates import Authority, Lifetime, certificate_text, key_text, new_key
from workshop.sandbox.files import write_private

_VALID_FOR: Final = timedelta(days=30)
"""They are made anew at each start."""


def write_credentials(folder: Path) -> None:
    """Writes ca.crt, loopback.crt and loopback.key (server and client at once), service-accounts.key, tokens.csv.

    All are for the owner's eyes only.
    """
    now = datetime.now(UTC)
    lifetime = Lifetime(begins_at=now - timedelta(minutes=5), ends_at=now + _VALID_FOR)
    authority, key = Authority("workshop sandbox", lifetime), new_key()
    certificate = authority.sign(
        "127.0.0.1",
        key,
        lifetime,
        x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
    )
    tokens = [
        f"{secrets.token_urlsafe(32)},{user},{user},{groups}"
        for user, groups in (("sandbox", "system:masters"), ("system:kube-controller-manager", ""))
    ]
    for file, text in (
        ("ca.crt", certificate_text(authority.certificate)),
        ("loopback.crt", certificate_text(certificate)),
        ("loopback.key", key_text(key)),
        ("service-accounts.key", key_text(new_key())),
        ("tokens.csv", "\n".join(tokens) + "\n"),
    ):
        write_private(folder / file, text)
