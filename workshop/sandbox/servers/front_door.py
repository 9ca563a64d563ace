"""What browsers reach, by TLS: every region's host and the names under its wildcard, on a port of its own.

The certificates are signed by the sandbox's own authority and read anew for each connection, so that they can be
replaced while it runs (tls/ in the data folder).
"""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug.wrappers import Request, Response

from workshop.model.settings import Settings
from workshop.model.settings_regions import Region
from workshop.sandbox.files import write_whole
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder import SESSION_TOKEN, Coder
from workshop.sandbox.servers.faults import faulty_answer
from workshop.sandbox.wire import Json

_THREADS: Final = 4
_VALID_FOR: Final = timedelta(days=90)
"""As Let's Encrypt's."""


class FrontDoor:
    """The WSGI application behind TLS. A planted fault names a path that begins with /door/HOST."""

    def __init__(self, paths: SandboxPaths, settings: Settings, coder: Coder) -> None:
        self._paths = paths
        self.settings = settings
        self._coder = coder

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request, by the host that it asks for."""
        request = Request(environ)
        host = request.host.partition(":")[0]
        faulty = faulty_answer(self._paths, f"/door/{host}{request.path}")
        return (faulty or self._answer(request, host))(environ, start_response)

    def _answer(self, request: Request, host: str) -> Response:
        region = next((one for one in self.settings.regions if host == one.domain), None)
        if region is not None:
            if request.path == "/api/v2/buildinfo":
                return Response(json.dumps(self._coder.build_info(region)), content_type="application/json")
            return Response("Coder", content_type="text/html")
        app, _, domain = host.partition(".")
        region = next((one for one in self.settings.regions if domain == one.domain), None)
        if region is None:
            return Response("no such host", status=404)
        return self._app(request, app, region)

    def _app(self, request: Request, app: str, region: Region) -> Response:
        contents = self._coder.contents()
        if not contents.proxies[region.name].serves_apps:
            return Response(json.dumps(self._coder.build_info(region)), content_type="application/json")
        if request.headers.get("Coder-Session-Token") != SESSION_TOKEN:
            return Response("", status=303, headers={"Location": f"https://{self.settings.regions[0].domain}/login"})
        names = {f"smoke--{one.name}--sandbox" for one in contents.workspaces.values() if one.status == "running"}
        return Response("app") if app in names else Response("404 - Application Not Found", status=404)


class _Adapter(BuiltinSSLAdapter):
    """Reads the certificate at each connection."""

    def wrap(self, sock: Any) -> Any:  # noqa: ANN401 - cheroot has no types
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.certificate, self.private_key)
        above: Any = super()
        return above.wrap(sock)


@contextmanager
def front_door_open(paths: SandboxPaths, application: FrontDoor) -> Generator[None]:
    """Answers on a free port of 127.0.0.1, which tls/port names, in threads of its own that end with this."""
    settings = application.settings
    if not _file(paths, "hosts.crt").exists():
        issue_certificate(paths, settings, datetime.now(UTC) + _VALID_FOR)
    server: Any = Server(("127.0.0.1", 0), application, numthreads=_THREADS)
    server.ssl_adapter = _Adapter(str(_file(paths, "hosts.crt")), str(_file(paths, "hosts.key")))
    server.prepare()
    write_whole(_file(paths, "port"), f"{server.bind_addr[1]}\n")
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield
    finally:
        server.stop()


def door_port(paths: SandboxPaths) -> int:
    """Where the front door is, of a server that runs."""
    return int(_file(paths, "port").read_text(encoding="utf-8"))


def authority_file(paths: SandboxPaths) -> Path:
    """The certificate that signs the hosts'."""
    return _file(paths, "ca.crt")


def issue_certificate(paths: SandboxPaths, settings: Settings, expires_at: datetime) -> None:
    """From now on every host shows a certificate that ends then, signed by a new authority."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = _named("workshop sandbox front door")
    begins_at = min(datetime.now(UTC), expires_at) - timedelta(days=1)
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key(), begins_at, begins_at + _VALID_FOR * 10)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNS, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.DNSName(name) for region in settings.regions for name in (region.domain, f"*.{region.domain}")]
    certificate = (
        _certificate(_named(settings.regions[0].domain), authority_name, key.public_key(), begins_at, expires_at)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write_whole(_file(paths, "hosts.key"), private.decode(), mode=0o600)
    for name, made in (("ca.crt", authority), ("hosts.crt", certificate)):
        write_whole(_file(paths, name), made.public_bytes(serialization.Encoding.PEM).decode())


def _file(paths: SandboxPaths, name: str) -> Path:
    return paths.folder / "tls" / name


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins_at: datetime, ends_at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins_at)
        .not_valid_after(ends_at)
    )


_SIGNS: Final = x509.KeyUsage(
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
