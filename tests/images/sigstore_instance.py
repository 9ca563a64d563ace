"""A Sigstore of the tests' own: its authority, its two logs, and bundles as GitHub's attestations have them."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from sigstore.models import TrustedRoot

SIGNER = "https://github.com/coder/coder/.github/workflows/ci.yaml@refs/heads/main"
ISSUER = "https://token.actions.githubusercontent.com"
NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
_ISSUER_OID = ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_SCT_OID = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, form)


def _sign(key: ec.EllipticCurvePrivateKey, content: bytes) -> bytes:
    return key.sign(content, ec.ECDSA(hashes.SHA256()))


def _log_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_spki(key)).digest()


@dataclass(frozen=True)
class Sigstore:
    """One instance, with keys of its own."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    certificates_log: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    log: ec.EllipticCurvePrivateKey = field(default_factory=_key)

    def root(self, folder: Path) -> TrustedRoot:
        """What its users trust."""
        valid = {"start": "2020-01-01T00:00:00Z"}

        def instance(key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
            return {
                "baseUrl": "https://log.example.com",
                "hashAlgorithm": "SHA2_256",
                "publicKey": {
                    "rawBytes": _base64(_spki(key)),
                    "keyDetails": "PKIX_ECDSA_P256_SHA_256",
                    "validFor": valid,
                },
                "logId": {"keyId": _base64(_log_id(key))},
            }

        authority = {
            "subject": {"organization": "example.com", "commonName": "authority"},
            "uri": "https://authority.example.com",
            "certChain": {"certificates": [{"rawBytes": _base64(_der(self._root_certificate()))}]},
            "validFor": valid,
        }
        file = folder / "trusted_root.json"
        file.write_text(
            json.dumps(
                {
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "tlogs": [instance(self.log)],
                    "certificateAuthorities": [authority],
                    "ctlogs": [instance(self.certificates_log)],
                    "timestampAuthorities": [],
                }
            )
        )
        return TrustedRoot.from_file(str(file))

    def bundle(self, digest: str, signer: str = SIGNER, *, change: Callable[[bytes], bytes] = lambda one: one) -> bytes:
        """An attestation of an image. change: of the statement, after it was signed."""
        key = _key()
        certificate = self._certificate(key, signer)
        algorithm, _, value = digest.partition(":")
        statement = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [{"name": "ghcr.io/coder/coder-preview", "digest": {algorithm: value}}],
                "predicateType": "https://slsa.dev/provenance/v1",
                "predicate": {},
            }
        ).encode()
        kind = "application/vnd.in-toto+json"
        signature = _sign(key, b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(statement), statement))
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": {
                    "certificate": {"rawBytes": _base64(_der(certificate))},
                    "tlogEntries": [self._entry(statement, signature, pem)],
                },
                "dsseEnvelope": {
                    "payload": _base64(change(statement)),
                    "payloadType": kind,
                    "signatures": [{"sig": _base64(signature)}],
                },
            }
        ).encode()

    def _entry(self, statement: bytes, signature: bytes, certificate: bytes) -> dict[str, Any]:
        """As the log's only one, with its promise and its proof."""
        hashed = {"algorithm": "sha256", "value": hashlib.sha256(statement).hexdigest()}
        signatures = [{"signature": _base64(signature), "verifier": _base64(certificate)}]
        spec = {"envelopeHash": hashed, "payloadHash": hashed, "signatures": signatures}
        body = json.dumps({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec}).encode()
        at, log_id = int(NOW.timestamp()), _log_id(self.log)
        promised = {"body": _base64(body), "integratedTime": at, "logID": log_id.hex(), "logIndex": 0}
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example.com\n1\n{_base64(root)}\n"
        signed = _base64(log_id[:4] + _sign(self.log, note.encode()))
        return {
            "logIndex": "0",
            "logId": {"keyId": _base64(log_id)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {
                "signedEntryTimestamp": _base64(
                    _sign(self.log, json.dumps(promised, sort_keys=True, separators=(",", ":")).encode())
                )
            },
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _base64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n— log.example.com {signed}\n"},
            },
            "canonicalizedBody": _base64(body),
        }

    def _root_certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        public = self.authority.public_key()
        usage = _usage(key_cert_sign=True, crl_sign=True)
        return (
            x509.CertificateBuilder(name, name, public, 1, NOW - timedelta(days=1), NOW + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self.authority, hashes.SHA256())
        )

    def _certificate(self, key: ec.EllipticCurvePrivateKey, signer: str) -> x509.Certificate:
        """Of a signer, logged before it was issued."""
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
        begins, ends = NOW - timedelta(minutes=1), NOW + timedelta(minutes=9)
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.authority.public_key())
        builder = (
            x509.CertificateBuilder(issuer, x509.Name([]), key.public_key(), 2, begins, ends)
            .add_extension(_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(signer)]), critical=True)
            .add_extension(x509.UnrecognizedExtension(_ISSUER_OID, ISSUER.encode()), critical=False)
        )
        logged = builder.sign(self.authority, hashes.SHA256()).tbs_certificate_bytes
        stamp = self._timestamp(logged)
        return builder.add_extension(x509.UnrecognizedExtension(_SCT_OID, stamp), critical=False).sign(
            self.authority, hashes.SHA256()
        )

    def _timestamp(self, certificate: bytes) -> bytes:
        """A list of one signed certificate timestamp (RFC 6962, 3.2 and 3.3), as an extension has it."""
        at, issuer = int(NOW.timestamp() * 1000), hashlib.sha256(_spki(self.authority)).digest()
        entry = issuer + len(certificate).to_bytes(3, "big") + certificate
        signature = _sign(self.certificates_log, struct.pack("!BBQH", 0, 0, at, 1) + entry + b"\0\0")
        stamp = b"\0" + _log_id(self.certificates_log) + struct.pack("!QHBBH", at, 0, 4, 3, len(signature)) + signature
        listed = struct.pack("!HH", len(stamp) + 2, len(stamp)) + stamp
        return b"\x04" + (bytes([len(listed)]) if len(listed) < 128 else b"\x81" + bytes([len(listed)])) + listed


def _usage(**used: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: used.get(name, False) for name in names})


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
