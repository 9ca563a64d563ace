"""Certificates of the sandbox's own authorities: made here, used here, of no use elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, kw_only=True)
class Lifetime:
    """From when to when a certificate holds."""

    begins_at: datetime
    ends_at: datetime


class Authority:
    """Signs certificates. Its own key is kept nowhere else."""

    def __init__(self, name: str, lifetime: Lifetime) -> None:
        self._key, self._name = new_key(), _named(name)
        self.certificate = (
            _unsigned(self._name, self._name, self._key, lifetime)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_SIGNS_CERTIFICATES, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    def sign(
        self, name: str, key: ec.EllipticCurvePrivateKey, lifetime: Lifetime, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        """A certificate of this key."""
        unsigned = _unsigned(_named(name), self._name, key, lifetime)
        for extension in (*extensions, x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())):
            unsigned = unsigned.add_extension(extension, critical=False)
        return unsigned.sign(self._key, hashes.SHA256())


def new_key() -> ec.EllipticCurvePrivateKey:
    """On curve P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate_text(certificate: x509.Certificate) -> str:
    """As PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def key_text(key: ec.EllipticCurvePrivateKey) -> str:
    """As PEM, not encrypted: for files that nobody else may read."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ).decode()


_SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, lifetime: Lifetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(lifetime.begins_at)
        .not_valid_after(lifetime.ends_at)
    )
