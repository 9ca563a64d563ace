"""Everything behind the one port, and when it was last asked for something."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from werkzeug.wrappers import Request, Response

from workshop.sandbox.data_folder import token_of
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import folder_token
from workshop.sandbox.regctl_config import write_regctl_config
from workshop.sandbox.seed.systems import (
    IMAGE,
    aws_requests,
    platform_settings,
    seed_cloudflare,
    seed_clusters,
    write_kubeconfig,
)
from workshop.sandbox.servers.admission import REGISTRIES, browser_refusal, path_refusal, read_body, token_refusal
from workshop.sandbox.servers.aws.application import Aws
from workshop.sandbox.servers.aws.instances import Instances
from workshop.sandbox.servers.cloudflare.application import Cloudflare
from workshop.sandbox.servers.coder.application import OPEN_PATHS, Coder
from workshop.sandbox.servers.dns.name_server import NameServer
from workshop.sandbox.servers.faults import faulty_answer
from workshop.sandbox.servers.front_door import FrontDoor
from workshop.sandbox.servers.identity import STATUS_PATH, Identity
from workshop.sandbox.servers.kubernetes.application import Clusters
from workshop.sandbox.servers.litellm.application import LiteLLM
from workshop.sandbox.servers.monitoring import Monitoring
from workshop.sandbox.servers.registries.application import Registries
from workshop.sandbox.servers.registries.publish import publish


class Application:
    """The WSGI application. last_request: on the monotonic clock. front_door: what answers behind TLS."""

    def __init__(self, paths: SandboxPaths, identity: Identity) -> None:
        """Fills what is empty in the data folder, then reads it."""
        settings = platform_settings(paths)
        seed_clusters(paths, settings)
        seed_cloudflare(paths, settings)
        write_kubeconfig(paths)
        write_regctl_config(paths, settings)
        self._paths = paths
        self._token = token_of(paths)
        self._identity = identity
        self._load_balancers = [region.load_balancer_host for region in settings.regions]
        self._cloudflare = Cloudflare(paths)
        self._clusters = Clusters(paths)
        self._litellm = LiteLLM(paths)
        self._aws = Aws(paths, settings.account or "123456789012", lambda: aws_requests(settings))
        self._coder = Coder(paths, settings, Instances(self._aws))
        self._monitoring = Monitoring(paths, settings)
        self._registries = Registries(paths, self._aws)
        if self._registries.contents.is_new(settings.image.source.partition("/")[0]):
            publish(paths, settings.image.source, settings.image.tag, IMAGE)
        self.front_door = FrontDoor(paths, settings, self._coder)
        self.last_request = time.monotonic()

    def name_server(self) -> NameServer:
        """Answers for the zones, and for the load balancers with made-up addresses (RFC 5737)."""
        addresses = {host: f"192.0.2.{number}" for number, host in enumerate(self._load_balancers, 1) if host}
        return NameServer(self._cloudflare.zones, addresses)

    def look(self) -> None:
        """Does what happens without a request, as far as anything does."""
        self._coder.look()
        self._aws.look()

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        path = environ.get("PATH_INFO", "/")
        answer = self._refusal(environ, path)
        if answer is None and path == STATUS_PATH:
            answer = Response(self._identity.model_dump_json(), content_type="application/json")
        elif answer is None:
            self.last_request = time.monotonic()
            answer = faulty_answer(self._paths, path) or self._server_of(path)
        return answer(environ, start_response)

    def _refusal(self, environ: dict[str, Json], path: str) -> Response | None:
        """Why no server may see a request. LiteLLM and Coder have keys of their own, and Jobs a token for clusters."""
        refusal = browser_refusal(environ) or path_refusal(path)
        if refusal is None and path in OPEN_PATHS and self._coder.knows(Request(environ)):
            return read_body(environ)
        if refusal is None and (path in OPEN_PATHS or not path.startswith(("/litellm/", "/coder/"))):
            tokens = [self._token, *([folder_token(self._paths)] if path.startswith("/clusters/") else [])]
            refusal = token_refusal(environ, tokens, self._paths.folder)
        return refusal or read_body(environ)

    def _server_of(self, path: str) -> Callable[[dict[str, Json], Json], Iterable[bytes]]:
        for beginning, server in (
            ("/client/v4/", self._cloudflare),
            ("/litellm/", self._litellm),
            ("/clusters/", self._clusters),
            ("/coder/", self._coder),
            ("/prometheus/", self._monitoring),
            ("/alertmanager/", self._monitoring),
            (REGISTRIES, self._registries),
        ):
            if path.startswith(beginning):
                return server
        return self._aws
