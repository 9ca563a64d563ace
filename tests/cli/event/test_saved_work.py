"""`workshop event export-all` and `erase`: all work as files, and in the end nothing of it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Generator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.event.conftest import Begun, said, saved
from tests.event.work.archives import archive
from tests.event.work.conftest import REGION, aws_environment
from tests.event.work.test_unpack import FILE
from tests.sandbox.servers_for_tests import running
from workshop.cli.sandbox_config import config_for_server
from workshop.cli.stack import read_stack
from workshop.event.store.records import Records
from workshop.model.event.keeper import bucket_of
from workshop.model.event.receipts import Receipt
from workshop.model.settings.config import settings_from_config
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths

USERS = ("--users", "10")
AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxPaths]:
    with running(tmp_path_factory.mktemp("sandbox")) as paths:
        yield paths


@pytest.fixture
def records(begin: Begun, sandbox: SandboxPaths, monkeypatch: pytest.MonkeyPatch) -> Records:
    """Of an event whose sandbox runs."""
    made = begin()
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(sandbox.folder))
    monkeypatch.setenv("WORKSHOP_SANDBOX_PORT", str(sandbox.port))
    for name, value in aws_environment(sandbox).items():
        monkeypatch.setenv(name, value)
    return made


def put(data: bytes, seat: int) -> Receipt:
    """Into the event's bucket; answers its receipt."""
    bucket = bucket_of(settings_from_config(config_for_server(read_stack("sandbox", 10).config)))
    s3: Json = import_module("boto3").session.Session().client("s3", region_name=REGION)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    receipt = saved(seat, AT, sha256=sha256(data).hexdigest(), bytes=len(data))
    s3.put_object(Bucket=bucket, Key=receipt.key, Body=data)
    return receipt


def test_all_work_becomes_files_and_what_can_not_is_named(run: Run, records: Records, tmp_path: Path) -> None:
    work = archive(("./notes.txt", b"work", FILE))
    records.add_receipt(put(work, 1))
    to = ("export-all", "--to", str(tmp_path / "work"), *USERS)
    result = run("event", *to)
    assert result.exit_code == 0, result.output
    assert f"seat-01: written, 1 file 1 archive in {tmp_path / 'work'}, 0 failed." in said(result.output)
    with zipfile.ZipFile(tmp_path / "work" / "seat-01.zip") as made:
        assert made.read("notes.txt") == b"work"

    records.add_receipt(put(work, 3).model_copy(update={"sha256": "1" * 64}))
    result = run("event", *to)
    assert result.exit_code == 1
    assert "seat-03: failed" in said(result.output)
    assert "1 archive in" in said(result.output)
    manifest = json.loads((tmp_path / "work" / "manifest.json").read_text(encoding="utf-8"))
    assert {one["name"]: one["state"] for one in manifest["archives"]} == {"seat-01": "kept", "seat-03": "failed"}


def test_a_folder_that_can_not_be_made_is_said(run: Run, records: Records, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("event", "export-all", "--to", str(tmp_path / "file" / "work"), *USERS)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "Not a directory" in said(result.output)


def test_people_and_work_are_erased_once_all_is_over(run: Run, records: Records) -> None:
    refused = run("event", "erase", *USERS)
    assert refused.exit_code == 2
    assert "The event still runs, or was not seen to have ended" in said(refused.output)
    records.settle(datetime.now(UTC) - timedelta(hours=25))
    records.change_seat(1, is_ours=True)
    refused = run("event", "erase", *USERS)
    assert refused.exit_code == 2
    assert "The keeper gives accounts back a day after the event" in said(refused.output)
    records.change_seat(1, is_ours=False)
    put(archive(("./notes.txt", b"new", FILE)), 1)
    result = run("event", "erase", *USERS)
    assert result.exit_code == 0, result.output
    assert "of saved work, and everybody in the roster." in said(result.output)
    assert [(one.email, one.name, one.account) for one in records.seats()] == [(None, None, None)] * 3
    again = run("event", "erase", *USERS)
    assert "Erased: 0 versions of saved work" in said(again.output)
    assert "erased" in said(run("event", "participants", *USERS).output)
