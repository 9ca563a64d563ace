"""A sandbox's registries and AWS, asked through a proxy that counts, and can end who asks."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs]
from typing_extensions import override

from tests.sandbox.servers_for_tests import running
from workshop.images.__main__ import mirrored
from workshop.images.ecr import Ecr
from workshop.images.mirror import Clock
from workshop.model.images.mirroring import MirroredImage, MirrorReport, MirrorRequest
from workshop.model.images.sources import MOVABLE_TAGS, registry_host
from workshop.model.settings.registry import Image
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.pods.kubelet import aws_environment

ACCOUNT: Final = "123456789012"
OHIO, OREGON, LONDON = REGIONS = ("us-east-2", "us-west-2", "eu-west-2")
PREFIX: Final = "replicated-"
TARGET: Final = "X-Amz-Target"


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    port: int
    asked: list[str]
    before: Callable[[str], None]


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        what = f"{self.command} {self.headers.get(TARGET, '').rpartition('.')[2] or self.path}"
        self.server.asked.append(what)
        try:
            self.server.before(what)
        except ConnectionAbortedError:
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        there = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            there.request(self.command, self.path, body, dict(self.headers))
            answer = there.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            self.close_connection = True
            self.connection.close()
            return
        finally:
            there.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "date", "server"):
                self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in answer.getheaders()}:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is passed on."""
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    @override
    def handle(self) -> None:
        """Who asks may be killed."""
        with suppress(ConnectionError):
            super().handle()

    @override
    def log_message(self, format: str, *args: object) -> None: ...


@dataclass
class World:
    """asked: method, and path or action, of every request to a registry or AWS. before: called with it, beforehand."""

    paths: SandboxPaths
    proxy: _Proxy
    environment: Mapping[str, str]
    ecr: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def asked(self) -> list[str]:
        return self.proxy.asked

    def uploads(self) -> list[str]:
        """Requests that brought bytes of a blob."""
        return [one for one in self.asked if one.startswith(("PUT", "PATCH")) and "/blobs/uploads/" in one]

    def downloads(self) -> list[str]:
        """Requests that fetched a blob."""
        return [one for one in self.asked if one.startswith("GET") and "/blobs/sha256:" in one]

    def image(self, name: str, *, is_replicated: bool = True) -> Image:
        """One with repositories of its own, as registries make them: in each region that it reaches."""
        repository = f"{PREFIX if is_replicated else ''}{name}"
        for client in self.ecr.values():
            client.create_repository(
                repositoryName=repository,
                imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
                imageTagMutabilityExclusionFilters=[
                    {"filter": movable, "filterType": "WILDCARD"} for movable in MOVABLE_TAGS
                ],
            )
        return Image(source=f"ghcr.io/example/{name}", repository=repository, tag="latest")

    def mirror(self, *images: Image, is_dry: bool = False, patience_seconds: int = 60) -> MirrorReport:
        """In this process, and twenty times as fast."""
        request = request_of(*images, patience_seconds=patience_seconds)
        registries = {region: Ecr(ACCOUNT, region, client) for region, client in self.ecr.items()}
        clock = Clock(now=lambda: datetime.now(UTC), wait=lambda seconds: time.sleep(seconds / 20))
        return mirrored(request, registries, clock, is_dry=is_dry)

    def killed_before(self, step: str, request: MirrorRequest) -> bool:
        """Runs it as the CronJob does, until it asks for this; whether it got there, and nothing of it is left."""
        command = [sys.executable, "-m", "workshop.images", "mirror", request.text()]
        met: list[str] = []
        with subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
        ) as process:

            def before(what: str) -> None:
                if what.startswith(step):
                    met.append(what)
                    with suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    raise ConnectionAbortedError

            self.proxy.before = before
        self.proxy.before = lambda _what: None
        return bool(met)

    def tags(self, region: str, repository: str) -> dict[str, str]:
        """Digests by tag, as AWS's API says."""
        pages = self.ecr[region].get_paginator("describe_images").paginate(repositoryName=repository)
        details = [one for page in pages for one in page["imageDetails"]]
        return {tag: one["imageDigest"] for one in details for tag in one.get("imageTags") or ()}

    def before_blob(self, number: int, act: Callable[[], None]) -> None:
        """Acts before so many blobs are sent."""
        sent: list[str] = []

        def before(what: str) -> None:
            if what.startswith(("PUT", "PATCH")) and "/blobs/uploads/" in what:
                sent.append(what)
                if len(sent) == number:
                    act()

        self.proxy.before = before

    def blobs_of(self, host: str, name: str) -> set[str]:
        """Digests of the blobs that were pushed to a repository."""
        folder = self.paths.folder / "oci" / host / name / "_blobs"
        return {f"sha256:{file.name}" for file in folder.glob("*")}

    def referrers(self, host: str, name: str, digest: str) -> list[str]:
        """Digests of what is about a manifest, sorted."""
        found: dict[str, Any] = json.loads(self._get(f"/v2/{host}/{name}/referrers/{digest}"))
        return sorted(one["digest"] for one in found["manifests"])

    def bytes_of(self, host: str, name: str, digest: str) -> Iterator[bytes]:
        """A manifest and all that it leads to, as the registry has them. Fails where something is missing."""
        body = self._get(f"/v2/{host}/{name}/manifests/{digest}")
        yield body
        document: dict[str, Any] = json.loads(body)
        for one in document.get("manifests", ()):
            yield from self.bytes_of(host, name, one["digest"])
        for one in [*([document["config"]] if "config" in document else []), *document.get("layers", ())]:
            yield self._get(f"/v2/{host}/{name}/blobs/{one['digest']}")

    def is_whole_everywhere(self, found: MirroredImage) -> bool:
        """Whether every region has all of it under its tag, and the very bytes that are published."""
        published = list(self.bytes_of("ghcr.io", found.source.partition("/")[2].partition(":")[0], found.digest))
        return all(
            self.tags(region, found.repository).get(found.tag) == found.digest
            and list(self.bytes_of(registry_host(ACCOUNT, region), found.repository, found.digest)) == published
            for region in REGIONS
        )

    def _get(self, path: str) -> bytes:
        there = http.client.HTTPConnection("127.0.0.1", self.paths.port, timeout=60)
        try:
            there.request("GET", path, headers={"Authorization": f"Bearer {token_of(self.paths)}"})
            answer = there.getresponse()
            data = answer.read()
        finally:
            there.close()
        assert answer.status == 200, f"{path}: {answer.status} {data!r}"
        return data


def request_of(*images: Image, patience_seconds: int = 60) -> MirrorRequest:
    return MirrorRequest(
        account=ACCOUNT, home=OHIO, replicas=(OREGON, LONDON), images=images, patience_seconds=patience_seconds
    )


@contextmanager
def world(folder: Path) -> Generator[World]:
    with ExitStack() as stack:
        paths = stack.enter_context(running(folder / "sandbox"))
        proxy = stack.enter_context(_Proxy(("127.0.0.1", 0), _Handler))
        proxy.port, proxy.asked, proxy.before = paths.port, [], lambda _what: None
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        stack.callback(thread.join)
        stack.callback(proxy.shutdown)
        config = folder / "regctl.json"
        own = f"127.0.0.1:{proxy.server_port}"
        config.write_text(paths.regctl_config.read_text("utf-8").replace(f"127.0.0.1:{paths.port}", own), "utf-8")
        environment = {
            **os.environ,
            **aws_environment(paths),
            "AWS_ENDPOINT_URL": f"http://{own}",
            "REGCTL_CONFIG": str(config),
            "PYTHONPATH": str(CHECKOUT),
        }
        before = dict(os.environ)
        stack.callback(lambda: (os.environ.clear(), os.environ.update(before)))
        os.environ.update(environment)
        session: Any = Session()
        ecr: dict[str, Any] = {region: session.client("ecr", region_name=region) for region in REGIONS}
        for client in ecr.values():
            stack.callback(client.close)
        destinations = [{"region": region, "registryId": ACCOUNT} for region in (OREGON, LONDON)]
        rule = {"destinations": destinations, "repositoryFilters": [{"filter": PREFIX, "filterType": "PREFIX_MATCH"}]}
        ecr[OHIO].put_replication_configuration(replicationConfiguration={"rules": [rule]})
        yield World(paths, proxy, environment, ecr)
