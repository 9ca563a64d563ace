"""What a host shows on its TLS port, against certificates made for the test."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.sandbox.servers_for_tests import free_port
from workshop.dns.check import certificate

HOST = "demo.coderdemo.io"
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
DAY = datetime.timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Authority:
    """Signs certificates. file: its own, as PEM."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    own: x509.Certificate

    @property
    def file(self) -> str:
        return str(self.folder / "authority.pem")

    def signed(self, host: str, until: datetime.datetime) -> Path:
        """A host's certificate and key in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        built = unsigned(host, self.own.subject, key, until).add_extension(names, critical=False)
        file = self.folder / "host.pem"
        file.write_bytes(pem(built.sign(self.key, hashes.SHA256())) + pem_of_key(key))
        return file


def unsigned(
    name: str, issuer: x509.Name | None, key: ec.EllipticCurvePrivateKey, until: datetime.datetime
) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - 10 * DAY)
        .not_valid_after(until)
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def pem_of_key(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    is_authority = x509.BasicConstraints(ca=True, path_length=None)
    own = unsigned("authority", None, key, NOW + DAY).add_extension(is_authority, critical=True)
    made = Authority(folder=tmp_path, key=key, own=own.sign(key, hashes.SHA256()))
    Path(made.file).write_bytes(pem(made.own))
    return made


@contextmanager
def serving(file: Path) -> Generator[int]:
    """Shows a certificate to one visitor, on the port that it answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        visitor, _ = listener.accept()
        with visitor:
            try:
                context.wrap_socket(visitor, server_side=True).close()
            except OSError:
                return  # the visitor did not like it

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


@pytest.mark.parametrize("name", [HOST, "*.coderdemo.io"])
def test_a_certificate_for_the_host_is_fine(authority: Authority, name: str) -> None:
    until = NOW + 30 * DAY
    with serving(authority.signed(name, until)) as port:
        shown = certificate(HOST, address="127.0.0.1", port=port, authority=authority.file)
    assert (shown.problem, shown.expires_at) == ("", until)


@pytest.mark.parametrize("name", ["other.coderdemo.io", "coderdemo.io", "*.demo.coderdemo.io", "*.io"])
def test_one_for_another_name_is_not(authority: Authority, name: str) -> None:
    with serving(authority.signed(name, NOW + DAY)) as port:
        shown = certificate(HOST, address="127.0.0.1", port=port, authority=authority.file)
    assert "Hostname mismatch" in shown.problem
    assert shown.is_reached


def test_one_that_is_over_is_told(authority: Authority) -> None:
    with serving(authority.signed(HOST, NOW - DAY)) as port:
        shown = certificate(HOST, address="127.0.0.1", port=port, authority=authority.file)
    assert shown.problem == "certificate has expired"


def test_one_that_nobody_trusts_is_told(authority: Authority) -> None:
    with serving(authority.signed(HOST, NOW + DAY)) as port:
        shown = certificate(HOST, address="127.0.0.1", port=port)
    assert "unable to get local issuer" in shown.problem


def test_a_host_that_does_not_answer_is_told() -> None:
    shown = certificate(HOST, address="127.0.0.1", port=free_port())
    assert shown.problem.startswith("no connection")
    assert not shown.is_reached
