"""A simulated workshop, scraped by a real Prometheus, whose alerts go through a real Alertmanager to us.

Time runs faster by a factor: scrapes, ranges, `for` and every number of seconds in the rules are divided by it, and
moments are exposed as far from now as they are then. What is measured in seconds of the workshop stays, as a wait.
"""

from __future__ import annotations

import json
import math
import re
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import httpx
import yaml

from tests.monitoring.samples import Samples
from tests.sandbox.servers_for_tests import free_port

SCRAPE: Final = timedelta(seconds=30)
Segment = tuple[float, float]
"""Seconds of the workshop, from and to; what lies between two segments is left out."""

_DURATION: Final = re.compile(r"(?<=\[)(\d+)([smhd])(?=\])|(?<=offset )(\d+)([smhd])")
_NUMBERS: Final = re.compile(r"30 \* 60|\b86400\b|(?<=\) / )(?:3600|60)(?= >)")
"""Seconds in rules' expressions."""

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOMENT: Final = re.compile(r"_timestamp_seconds(?:\{|$)")


@dataclass
class Play:
    """at: what is exposed, by second of the workshop. start_at: of the workshop, in seconds since the epoch."""

    at: Callable[[float], Samples]
    segments: Sequence[Segment]
    factor: float
    start_at: float
    began: float = math.inf
    alerts: list[tuple[float, Mapping[str, Any]]] = field(default_factory=list[tuple[float, Mapping[str, Any]]])

    @property
    def takes(self) -> float:
        """Real seconds."""
        return sum(end - begin for begin, end in self.segments) / self.factor

    def now(self) -> float:
        """Second of the workshop."""
        left = max(0.0, (time.time() - self.began) * self.factor)
        for begin, end in self.segments:
            if left <= end - begin:
                return begin + left
            left -= end - begin
        return self.segments[-1][1]

    def exposed(self) -> str:
        """As Prometheus scrapes it."""
        real, now = time.time(), self.now()
        lines = [
            f"{name} {real + (value - self.start_at - now) / self.factor if _MOMENT.search(name) else value:.6f}"
            for name, value in self.at(now).items()
        ]
        return "\n".join(lines) + "\n"

    def scaled(self, expr: str) -> str:
        """A rule's expression for this pace."""

        def shorter(found: re.Match[str]) -> str:
            number, unit = (found[1], found[2]) if found[1] else (found[3], found[4])
            return self.duration(timedelta(seconds=int(number) * _SECONDS[unit]))

        def fewer(found: re.Match[str]) -> str:
            seconds = math.prod(map(int, found[0].split(" * ")))
            return f"{seconds / self.factor:g}"

        return _NUMBERS.sub(fewer, _DURATION.sub(shorter, expr))

    def duration(self, real: timedelta) -> str:
        """As Prometheus writes durations."""
        return f"{max(1, round(real.total_seconds() * 1000 / self.factor))}ms"

    def rules(self, rules: Mapping[str, Any]) -> dict[str, Any]:
        """The file of rules for this pace."""

        def rule(one: Mapping[str, Any]) -> dict[str, Any]:
            lasts = timedelta(seconds=int(one["for"].removesuffix("s")))
            paced = {"for": self.duration(lasts)} if lasts else {}
            return {
                **{key: value for key, value in one.items() if key != "for"},
                "expr": self.scaled(one["expr"]),
                **paced,
            }

        return {
            "groups": [
                {"name": group["name"], "rules": [rule(one) for one in group["rules"]]} for group in rules["groups"]
            ]
        }


@contextmanager
def serving(play: Play) -> Generator[int]:
    """Answers /metrics, and takes Alertmanager's notifications; its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(play.exposed().encode())

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            play.alerts += [(play.now(), alert) for alert in body["alerts"]]
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def process(*command: str, ready: str, log: Path) -> Generator[None]:
    """Runs a program until the block ends, once it answers there."""
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as running:
        try:
            wait_until(lambda: httpx.get(ready).is_success, running)
            yield
        finally:
            running.terminate()


def wait_until(ready: Callable[[], bool], running: subprocess.Popen[bytes] | None = None) -> None:
    """Raises TimeoutError after a minute, and RuntimeError where the process has ended."""
    for _ in range(600):
        try:
            if ready():
                return
        except httpx.HTTPError:
            pass
        if running is not None and running.poll() is not None:
            raise RuntimeError(f"{running.args} ended with {running.returncode}")
        time.sleep(0.1)
    raise TimeoutError("no answer within a minute")


@contextmanager
def watched(play: Play, rules: Mapping[str, Any], folder: Path) -> Generator[str]:
    """Prometheus and Alertmanager that watch a play; Prometheus' URL. The play begins when both answer."""
    prometheus, alertmanager, gossip = free_port(), free_port(), free_port()
    step = play.duration(SCRAPE)
    with serving(play) as port:
        (folder / "rules.yaml").write_text(yaml.safe_dump(play.rules(rules)))
        route = {
            "receiver": "us",
            "group_by": ["..."],
            "group_wait": "0s",
            "group_interval": "1s",
            "repeat_interval": "1h",
        }
        hook = {"url": f"http://127.0.0.1:{port}/", "send_resolved": True}
        (folder / "alertmanager.yaml").write_text(
            yaml.safe_dump({"route": route, "receivers": [{"name": "us", "webhook_configs": [hook]}]})
        )
        (folder / "prometheus.yaml").write_text(
            yaml.safe_dump(
                {
                    "global": {"scrape_interval": step, "scrape_timeout": step, "evaluation_interval": step},
                    "rule_files": ["rules.yaml"],
                    "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alertmanager}"]}]}]},
                    "scrape_configs": [
                        {
                            "job_name": "workshop",
                            "honor_labels": True,
                            "static_configs": [{"targets": [f"127.0.0.1:{port}"]}],
                        }
                    ],
                }
            )
        )
        with (
            process(
                "prometheus-alertmanager",
                f"--config.file={folder / 'alertmanager.yaml'}",
                f"--storage.path={folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{alertmanager}",
                f"--cluster.listen-address=127.0.0.1:{gossip}",
                ready=f"http://127.0.0.1:{alertmanager}/-/ready",
                log=folder / "alertmanager.log",
            ),
            process(
                "prometheus",
                f"--config.file={folder / 'prometheus.yaml'}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{prometheus}",
                f"--rules.alert.resend-delay={step}",
                f"--query.lookback-delta={play.duration(timedelta(minutes=5))}",
                ready=f"http://127.0.0.1:{prometheus}/-/ready",
                log=folder / "prometheus.log",
            ),
        ):
            url = f"http://127.0.0.1:{prometheus}"
            wait_until(lambda: bool(query(url, "up == 1")))
            play.began = time.time()
            yield url


def query(url: str, expr: str) -> list[dict[str, Any]]:
    """Prometheus' answer to an instant query: series with their values. Raises httpx.HTTPError."""
    answer = httpx.get(f"{url}/api/v1/query", params={"query": expr}).raise_for_status().json()
    return answer["data"]["result"]
