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

KUBELET_CLIENT: Final = "kube-apiserver-kubelet-client"
"""Whom the kubelet takes requests from, and nobody else: the API server, by the name that kubeadm gives it there."""

USERS: Final = (
    ("sandbox", "system:masters"),
    ("system:kube-controller-manager", ""),
    ("system:kube-scheduler", ""),
    ("karpenter", "system:masters"),
    ("kubelet", "system:masters"),
)
"""Who has a token, and in which group. The system's own have the rights that every cluster gives them."""

_VALID_FOR: Final = timedelta(days=30)
"""They are made anew at each start."""


def write_credentials(folder: Path) -> None:
    """Writes ca.crt, loopback.crt and loopback.key (server and client at once), kubelet-client.crt and its key,
    service-accounts.key, tokens.csv.

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
    kubelet_client_key = new_key()
    kubelet_client = authority.sign(
        KUBELET_CLIENT, kubelet_client_key, lifetime, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    )
    tokens = [f"{secrets.token_urlsafe(32)},{user},{user},{groups}" for user, groups in USERS]
    for file, text in (
        ("ca.crt", certificate_text(authority.certificate)),
        ("loopback.crt", certificate_text(certificate)),
        ("loopback.key", key_text(key)),
        ("kubelet-client.crt", certificate_text(kubelet_client)),
        ("kubelet-client.key", key_text(kubelet_client_key)),
        ("service-accounts.key", key_text(new_key())),
        ("tokens.csv", "\n".join(tokens) + "\n"),
    ):
        write_private(folder / file, text)
