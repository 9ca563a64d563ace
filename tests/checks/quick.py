"""A stack whose systems are answered in this process: what checks make of every answer, without a sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from tests.model.given import settings
from tests.model.test_rotation import WINDOW
from tests.observe.kubernetes_api import kubeconfig, serving
from workshop.checks import clients
from workshop.checks.check import Check
from workshop.checks.run import run_checks
from workshop.checks.service import Service
from workshop.checks.site import Site, Systems
from workshop.dns.questions import Server
from workshop.model.outcome import Outcome
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.stack import Settings

NOW = datetime(2026, 10, 2, 12, tzinfo=UTC)
CONTEXTS = {"us-east-2": "coder-ohio", "us-west-2": "coder-oregon", "eu-west-2": "coder-london"}

Answer = tuple[int, Any] | tuple[int, Any, Mapping[str, str]] | Exception
"""Status, JSON, text or bytes, and headers; or what goes wrong instead."""
Answers = Mapping[str, Answer | Sequence[Answer]]
"""By system, method and path with its query: one answer, or one after another, the last for good."""


@dataclass(frozen=True, kw_only=True)
class QuickService(Service):
    """A system that answers from a table, and keeps what it was sent."""

    answers: dict[str, Any] = field(repr=False)
    sent: list[httpx.Request] = field(default_factory=list[httpx.Request], repr=False)

    @property
    def without_token(self) -> Service:
        return QuickService(name=self.name, url=self.url, answers=self.answers, sent=self.sent)

    @cached_property
    def _client(self) -> httpx.Client:
        headers = {self.header: self.token} if self.token else {}
        return httpx.Client(transport=httpx.MockTransport(self._answer), headers=headers)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        found: Any = self.answers.get(
            f"{self.name} {request.method} {request.url.raw_path.decode()}", (404, "not found")
        )
        if isinstance(found, list):
            several = cast("list[Answer]", found)
            found = several.pop(0) if len(several) > 1 else several[0]
        return response(found)


def response(answer: Answer) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    status, content = answer[:2]
    headers: Mapping[str, str] = answer[2] if len(answer) == 3 else dict[str, str]()
    if isinstance(content, bytes):
        return httpx.Response(status, content=content, headers=headers)
    text = content if isinstance(content, str) else json.dumps(content)
    return httpx.Response(status, text=text, headers=headers)


@dataclass(frozen=True, kw_only=True)
class QuickSite(Site):
    """A stack whose hosts answer browsers from the same table, under `host PATH`."""

    hosts: Mapping[str, Answer] = field(default_factory=dict[str, Answer])

    def knock(self, host: str, path: str, *, with_session: bool = False) -> httpx.Response:
        """By the end of the host's name: its beginning may be random."""
        name = next(name for name in self.hosts if f"{host}/{path}".endswith(name))
        return response(self.hosts[name])


def services(answers: Answers) -> tuple[Systems, list[httpx.Request]]:
    table: dict[str, Any] = {name: list(one) if isinstance(one, list) else one for name, one in answers.items()}
    sent: list[httpx.Request] = []

    def service(name: str, header: str = "") -> Service:
        token = f"token-of-{name}" if header else ""
        return QuickService(
            name=name,
            url=f"http://{name.lower()}.test",
            header=header,
            token=token,
            if_refused=f"give {name} a token",
            answers=table,
            sent=sent,
        )

    systems = Systems(
        coder=service("Coder", "Coder-Session-Token"),
        cloudflare=service("Cloudflare", "Authorization"),
        published=lambda image: (service("Registry"), image.partition("/")[2]),
        litellm=service("LiteLLM", "Authorization"),
        prometheus=service("Prometheus"),
        alertmanager=service("Alertmanager"),
        name_servers=lambda _zone: (Server(address="192.0.2.1", is_authority=True), Server(address="192.0.2.2")),
    )
    return systems, sent


def token(nbytes: int | None = None) -> Callable[[int], str]:
    """secrets.token_hex: always 1, or 1 where so many bytes are asked for."""

    def token_hex(asked: int) -> str:
        return "1" if nbytes in (None, asked) else ""

    return token_hex


def given(**values: object) -> Settings:
    """The sandbox's settings in a window."""
    return settings(**cast("dict[str, Any]", {"window": WINDOW, **values}))


def site(
    answers: Answers | None = None,
    *,
    hosts: Mapping[str, Answer] | None = None,
    preview: Callable[[], Outcome] = Outcome,
    **values: object,
) -> QuickSite:
    """A stack whose systems answer this."""
    here = given(**values)
    return QuickSite(
        stack="workshop",
        settings=here,
        plan=plan_of_event(here),
        now=NOW,
        systems=services(answers or {})[0],
        run_preview=preview,
        hosts=hosts or {},
    )


@contextmanager
def clusters(folder: Path, objects: Mapping[str, Mapping[str, Any]]) -> Generator[str]:
    """Every cluster holds these objects; the kubeconfig that leads there."""
    with serving(objects) as url:
        yield kubeconfig(folder / "config", url, *CONTEXTS.values())


class Aws:
    """boto3's clients, by service: each operation answers its value, or what it raises."""

    def __init__(self, operations: Mapping[str, Any]) -> None:
        self._operations = operations
        self.asked: list[tuple[str, str, str, Mapping[str, Any]]] = []

    @contextmanager
    def client(self, _settings: Settings, service: str, region: str) -> Generator[Any]:
        aws = self

        class Client:
            exceptions = EXCEPTIONS

            def __getattr__(self, operation: str) -> Callable[..., Any]:
                def call(**arguments: Any) -> Any:  # noqa: ANN401 - as boto3's
                    aws.asked.append((service, region, operation, arguments))
                    answer = aws._operations[f"{service} {operation}"]
                    if isinstance(answer, Exception):
                        raise answer
                    return answer

                return call

            def get_paginator(self, operation: str) -> Any:  # noqa: ANN401 - as boto3's
                return type("Paginator", (), {"paginate": staticmethod(getattr(self, operation))})

        yield Client()


class _ImageNotFoundException(Exception):
    pass


class _RepositoryNotFoundException(Exception):
    pass


class _ScanNotFoundException(Exception):
    pass


class EXCEPTIONS:
    ImageNotFoundException = _ImageNotFoundException
    RepositoryNotFoundException = _RepositoryNotFoundException
    ScanNotFoundException = _ScanNotFoundException


def aws(monkeypatch: pytest.MonkeyPatch, operations: Mapping[str, Any]) -> Aws:
    """AWS answers this."""
    made = Aws(operations)
    monkeypatch.setattr(clients, "aws_client", made.client)
    return made


def results(check: Check, here: Site, *regions: str) -> list[dict[str, str]]:
    """What a check says, of these regions or of all."""
    return [
        {name: value for name, value in one.model_dump(mode="json").items() if name not in ("check", "stage") and value}
        for one in run_checks([check], here)
        if not regions or one.region in regions
    ]


def later(**by: float) -> str:
    """A moment after the run began, as JSON has it."""
    return (NOW + timedelta(**by)).isoformat()


def same(found: object, snapshot: SnapshotAssertion) -> None:
    assert yaml.safe_dump(found, width=1000, sort_keys=False) == snapshot


class Clock:
    """Time that passes by sleeping."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object) -> None:
        self.now = 1000.0
        monkeypatch.setattr(module, "time", self)

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
