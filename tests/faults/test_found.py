"""What faults have found once, each in a test of its own."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from werkzeug.test import Client

from tests.sandbox.servers_for_tests import sandbox_paths
from workshop.sandbox import files
from workshop.sandbox.engine.errors import Locked, StateError, StepFailed
from workshop.sandbox.engine.policies.pack import PolicyPack
from workshop.sandbox.engine.registration.hooks import Hooks
from workshop.sandbox.engine.registration.workers import Workers
from workshop.sandbox.engine.state import lock
from workshop.sandbox.engine.state.deployment import State
from workshop.sandbox.engine.state.journal import Journal, read_journal
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.steps.registry import Registry
from workshop.sandbox.engine.steps.steps import Steps
from workshop.sandbox.erase import erase
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.providers.aws.provider import _told as told  # pyright: ignore[reportPrivateUsage]  how every call is told
from workshop.sandbox.providers.cloudflare.provider import RECORD, CloudflareProvider
from workshop.sandbox.providers.provider import CreateRequest, DeleteRequest, NoAnswer, ProviderError
from workshop.sandbox.seed.systems import platform_settings, seed_cloudflare
from workshop.sandbox.servers.cloudflare import application as server

URN = "urn:pulumi:sandbox::workshop::cloudflare:index/dnsRecord:DnsRecord::host"
ZONE = "0123456789abcdef0123456789abcdef"
HOST = {"zoneId": ZONE, "name": "new.coder.com", "type": "A", "content": "192.0.2.1", "ttl": 300}


def test_half_an_entry_on_a_full_disk_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path / "sandbox.journal")
    journal.write({"end": "first"}, sync=True)
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", _full_after(5))
        with pytest.raises(StateError, match="No space left on device"):
            journal.write({"end": "second"}, sync=True)
    journal.write({"end": "third"}, sync=True)
    journal.close()
    assert list(read_journal(tmp_path / "sandbox.journal")) == [{"end": "first"}, {"end": "third"}]


def test_a_lock_that_was_deleted_meanwhile_excludes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "sandbox.lock"
    monkeypatch.setattr(fcntl, "flock", _deleting_first(path))
    with pytest.raises(Locked, match="another process has just deleted"), lock.locked(path, "up"):
        pytest.fail("it is not held")


def test_who_waits_for_a_lock_takes_the_one_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "server.lock"
    monkeypatch.setattr(fcntl, "flock", _deleting_first(path))
    with files.locked(path):
        assert files.is_locked(path)


def test_a_reset_leaves_locks_and_waits_for_nobody(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    held, state = paths.stacks / "sandbox.lock", paths.stacks / "sandbox.json"
    paths.stacks.mkdir(parents=True)
    state.write_text("{}")
    with lock.locked(held, "up"), pytest.raises(Locked, match=rf"process {os.getpid()} on .* \(up since"):
        erase(paths)
    assert state.exists()
    erase(paths)
    assert (held.exists(), state.exists()) == (True, False)


def test_a_pack_ends_with_the_engine_however_that_ends() -> None:
    pack = PolicyPack(CHECKOUT / "policies", project="workshop", stack="sandbox", config={})
    process = pack._process  # pyright: ignore[reportPrivateUsage]  what is left when the engine is gone
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    pack.close()


@contextmanager
def cloudflare_answering(*statuses: int, code: int = 971) -> Generator[CloudflareProvider]:
    """Refuses one request after the other, the last status again and again."""
    left = list(statuses)

    def answer(_request: httpx.Request) -> httpx.Response:
        status = left.pop(0) if left[1:] else left[0]
        return httpx.Response(status, json={"success": False, "errors": [{"code": code, "message": "busy"}]})

    provider = CloudflareProvider({"baseUrl": "http://127.0.0.1:1/client/v4"}, lambda _seconds: None)
    with httpx.Client(transport=httpx.MockTransport(answer), base_url="http://127.0.0.1:1") as client:
        provider._opened = client  # pyright: ignore[reportPrivateUsage]  in place of the server
        yield provider


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [((400,), "refusal"), ((409,), "unsure"), ((429,), "unsure"), ((500,), "unsure"), ((429, 400), "unsure")],
)
def test_not_now_from_cloudflare_is_no_refusal(statuses: Sequence[int], kind: str) -> None:
    """The record may have been made; then it is refused when it is asked for again."""
    with cloudflare_answering(*statuses) as provider, pytest.raises(ProviderError, match="busy") as raised:
        provider.create(CreateRequest(urn=URN, kind=RECORD, inputs=HOST, is_preview=False))
    assert isinstance(raised.value, NoAnswer) == (kind == "unsure")


def test_a_record_that_the_first_try_deleted_is_gone() -> None:
    with cloudflare_answering(429, 404, code=81044) as provider:
        provider.delete(DeleteRequest(urn=URN, kind=RECORD, id="id", inputs=HOST, outputs={}))


@pytest.mark.parametrize(("status", "retries", "kind"), [(400, 0, "refusal"), (400, 1, "unsure"), (500, 0, "unsure")])
def test_a_refusal_by_aws_counts_when_it_is_the_first_answer(status: int, retries: int, kind: str) -> None:
    """When asked again it may refuse what it did the first time."""
    exceptions: Json = import_module("botocore.exceptions")
    answer = {
        "Error": {"Code": "RepositoryAlreadyExistsException", "Message": "it exists"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": retries},
    }
    with pytest.raises(ProviderError, match="it exists") as raised, told("aws:ecr:Repository", {"region": "r"}):
        raise exceptions.ClientError(answer, "CreateRepository")
    assert isinstance(raised.value, NoAnswer) == (kind == "unsure")


@pytest.mark.parametrize(("error", "is_pending"), [(NoAnswer("busy"), True), (ProviderError("it exists"), False)])
def test_what_may_have_been_made_stays_pending(error: ProviderError, is_pending: bool) -> None:
    def create(*_arguments: object) -> None:
        raise error

    def serving(_record: Record) -> SimpleNamespace:
        return SimpleNamespace(create=create)

    registry = SimpleNamespace(serving=serving)
    state, hooks = State(), Hooks(Workers(), is_preview=False)
    steps = Steps(state=state, registry=cast("Registry", registry), hooks=hooks, is_preview=False)
    with pytest.raises(StepFailed, match=str(error)):
        steps.create(Record(urn=URN, custom=True, type=RECORD))
    assert (URN in state.pending) == is_pending


def test_cloudflares_server_forgets_what_it_could_not_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sandbox_paths(tmp_path)
    seed_cloudflare(paths, platform_settings(paths))
    client = Client(server.Cloudflare(paths))
    with monkeypatch.context() as disk:
        disk.setattr(server, "write_private", _no_space)
        assert _ask(client, "POST", HOST)[0] == 500
    status, answer = _ask(client, "GET")
    assert status == 200
    assert HOST["name"] not in {record["name"] for record in answer["result"]}


def _ask(client: Client, method: str, body: Json = None) -> tuple[int, Json]:
    path = f"/client/v4/zones/{ZONE}/dns_records"
    headers = {"Authorization": "Bearer sandbox-test-token"}
    response = client.open(path, method=method, json=body, headers=headers)
    return response.status_code, response.get_json()


def _no_space(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _full_after(size: int) -> Callable[[int, bytes], int]:
    """A disk that takes so many bytes, and then none."""
    write = os.write

    def limited(descriptor: int, data: bytes) -> int:
        nonlocal size
        if not size:
            _no_space()
        written = write(descriptor, data[:size])
        size -= written
        return written

    return limited


def _deleting_first(path: Path) -> Callable[[Json, int], None]:
    """Somebody deletes the file between its opening and the first lock on it."""
    flock, is_deleted = fcntl.flock, False

    def taken(file: Json, operation: int) -> None:
        nonlocal is_deleted
        if not is_deleted:
            path.unlink()
            is_deleted = True
        flock(file, operation)

    return taken
