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
from cryptography import x509
from werkzeug.wrappers import Request, Response

from workshop.model.settings.regions import Region
from workshop.model.settings.stack import Settings
from workshop.sandbox.certificates import Authority, Lifetime, certificate_text, key_text, new_key
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder.application import Coder
from workshop.sandbox.servers.faults import faulty_answer
from workshop.sandbox.servers.listener import Listener

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
        if not self._coder.knows(request):
            return Response("", status=303, headers={"Location": f"https://{self.settings.regions[0].domain}/login"})
        return Response("app") if self._coder.runs_app(app) else Response("404 - Application Not Found", status=404)


class _Adapter(BuiltinSSLAdapter):
    """Reads the certificate at each connection, and leaves the handshake to the connection's thread (Listener)."""

    def wrap(self, sock: Any) -> Any:  # noqa: ANN401 - cheroot has no types
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.private_key)
        return context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {"wsgi.url_scheme": "https"}


@contextmanager
def front_door_open(paths: SandboxPaths, application: FrontDoor) -> Generator[None]:
    """Answers on a free port of 127.0.0.1, which tls/port names, in threads of its own that end with this."""
    settings = application.settings
    if not _file(paths, "hosts.crt").exists():
        issue_certificate(paths, settings, datetime.now(UTC) + _VALID_FOR)
    server = Listener(0, application, _THREADS)
    server.ssl_adapter = _Adapter(str(_file(paths, "hosts.crt")), str(_file(paths, "hosts.key")))
    server.prepare()
    try:
        write_private(_file(paths, "port"), f"{server.port}\n")
        threading.Thread(target=server.serve, daemon=True).start()
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
    begins_at = min(datetime.now(UTC), expires_at) - timedelta(days=1)
    outliving = Lifetime(begins_at=begins_at, ends_at=begins_at + _VALID_FOR * 10)
    authority, key = Authority("workshop sandbox front door", outliving), new_key()
    names = [x509.DNSName(name) for region in settings.regions for name in (region.domain, f"*.{region.domain}")]
    lifetime = Lifetime(begins_at=begins_at, ends_at=expires_at)
    certificate = authority.sign(settings.regions[0].domain, key, lifetime, x509.SubjectAlternativeName(names))
    write_private(_file(paths, "hosts.key"), key_text(key))
    for name, made in (("ca.crt", authority.certificate), ("hosts.crt", certificate)):
        write_private(_file(paths, name), certificate_text(made))


def _file(paths: SandboxPaths, name: str) -> Path:
    return paths.folder / "tls" / name
