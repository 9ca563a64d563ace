"""Everybody's work on one disk: checked, unpacked safely, and never written over."""

from __future__ import annotations

import json
import tarfile
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.work.archives import archive, put
from tests.event.work.conftest import run
from tests.event.work.test_save import AT, work_in
from tests.event.work.test_unpack import FILE, FOLDER, LINK
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.export import MANIFEST, Exported, Manifest, export_all, to_export
from workshop.event.work.save import save
from workshop.model.event.receipts import Receipt
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.faults import Fault, plant_faults


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def states(manifest: Manifest) -> dict[int, str]:
    return {one.seat: one.state for one in manifest.archives}


def test_what_was_saved_is_a_zip_file_of_its_own(
    container: Container, cluster: Cluster, bucket: Bucket, tmp_path: Path
) -> None:
    run(cluster, container, "mkdir -p src empty; echo code > src/main.go; echo x > run.sh; chmod 755 run.sh; ln -s a b")
    run(cluster, container, "touch -d 1970-01-01 src/main.go")
    receipt = save(cluster, bucket, work_in(container, seat=40), AT)
    folder, told = tmp_path / "out", list[Exported]()
    manifest = export_all(bucket, "october", [receipt], folder, done=told.append)
    found = contents(folder / "seat-40.zip")
    assert found == {"src/": b"", "empty/": b"", "src/main.go": b"code\n", "run.sh": b"x\n"}
    with zipfile.ZipFile(folder / "seat-40.zip") as opened:
        assert opened.getinfo("run.sh").external_attr >> 16 & 0o777 == 0o755
        assert opened.getinfo("src/main.go").external_attr >> 16 & 0o777 == 0o644
    (one,) = manifest.archives
    assert [one] == told
    assert (one.state, one.files, one.left_out, one.archive) == ("written", 2, ("./b",), receipt.sha256)
    assert Manifest.model_validate_json((folder / MANIFEST).read_bytes()) == manifest
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_it_goes_on_where_it_was_cut_off(sandbox: SandboxPaths, bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    receipts = [put(s3, archive(("./a", b"%d" % seat, FILE)), seat) for seat in (1, 2, 3)]
    plant_faults(sandbox, {"/work/hostile/02/": Fault(status=403, body="<Error><Message>no</Message></Error>")})
    try:
        first = export_all(bucket, "hostile", receipts, tmp_path)
    finally:
        plant_faults(sandbox, {})
    assert states(first) == {1: "written", 2: "failed", 3: "written"}
    assert first.archives[1].reason == f"S3 refused to read {receipts[1].key}: no"
    written = (tmp_path / "seat-01.zip").stat().st_mtime_ns
    assert states(export_all(bucket, "hostile", receipts, tmp_path)) == {1: "kept", 2: "written", 3: "kept"}
    assert (tmp_path / "seat-01.zip").stat().st_mtime_ns == written
    (tmp_path / "seat-03.zip").unlink()
    assert states(export_all(bucket, "hostile", receipts, tmp_path)) == {1: "kept", 2: "kept", 3: "written"}


def test_a_file_that_is_there_is_not_written_over_unless_asked(bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    receipt = put(s3, archive(("./a", b"work", FILE)), seat=4)
    (tmp_path / "seat-04.zip").write_text("mine")
    (one,) = export_all(bucket, "hostile", [receipt], tmp_path).archives
    reason = "seat-04.zip is there already, with something else in it: move it away"
    assert (one.state, one.reason) == ("failed", reason)
    assert (tmp_path / "seat-04.zip").read_text() == "mine"
    assert states(export_all(bucket, "hostile", [receipt], tmp_path, overwrite=True)) == {4: "written"}
    (tmp_path / "seat-04.zip").write_text("edited since")
    assert states(export_all(bucket, "hostile", [receipt], tmp_path)) == {4: "failed"}


def test_newer_work_replaces_what_an_earlier_run_wrote(bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    older = put(s3, archive(("./a", b"old", FILE)), seat=5)
    export_all(bucket, "hostile", [older], tmp_path)
    newer = put(s3, archive(("./a", b"new", FILE)), seat=5).model_copy(update={"at": AT + timedelta(hours=1)})
    (one,) = export_all(bucket, "hostile", [newer, older], tmp_path).archives
    assert (one.state, one.reason) == ("written", "it replaces the work of 2026-11-30 09:30 UTC")
    assert contents(tmp_path / "seat-05.zip") == {"a": b"new"}


def test_an_archive_that_was_changed_is_not_written(bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    receipt = put(s3, archive(("./a", b"work", FILE)), seat=6)
    put(s3, archive(("./a", b"evil", FILE)), seat=6)
    (one,) = export_all(bucket, "hostile", [receipt], tmp_path).archives
    assert one.state == "failed"
    assert "it was changed" in one.reason
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


def test_what_can_not_be_unpacked_is_kept_as_it_is(bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    receipt = put(s3, b"no archive", seat=7)
    (one,) = export_all(bucket, "hostile", [receipt], tmp_path).archives
    assert (one.state, one.file) == ("failed", "seat-07.tar.gz")
    assert one.reason.startswith("it was not unpacked: it is not compressed as it should be")
    assert (tmp_path / "seat-07.tar.gz").read_bytes() == b"no archive"


def test_names_stay_in_the_folder(bucket: Bucket, s3: Json, tmp_path: Path) -> None:
    hostile = archive(("../../x", b"x", FILE), ("/abs", b"y", FILE), ("./l", "/etc", LINK), ("./l/x", b"z", FILE))
    receipt = put(s3, hostile, seat=8)
    (one,) = export_all(bucket, "hostile", [receipt], tmp_path).archives
    assert contents(tmp_path / "seat-08.zip") == {"abs": b"y", "l/x": b"z"}
    assert one.left_out == ("../../x", "./l")


def receipt_of(result: str, hour: int, build: int = 1, archive_of: int | None = None) -> Receipt:
    kept = {"bytes": 1, "sha256": "0" * 64, "key": f"october/01/{hour}-{archive_of or build}.tar.gz"}
    more = kept if result == "saved" else {"reason": "cut off"}
    base = {"seat": 1, "workspace_id": "w", "build_number": build, "at": AT + timedelta(hours=hour)}
    return Receipt.model_validate({**base, "result": result, **more})


def test_the_newest_archive_of_each_build_is_exported() -> None:
    """A build may have begun with an empty home: its work does not replace what was there before."""
    receipts = [
        receipt_of("saved", 2),
        receipt_of("saved", 1),
        receipt_of("failed", 3),
        receipt_of("saved", 5, build=2),
        receipt_of("empty", 6, build=3),
    ]
    found = to_export(receipts)
    assert {name: one.at - AT for name, one in found.items()} == {
        "seat-01": timedelta(hours=5),
        "seat-01-build-1": timedelta(hours=2),
    }
    unchanged = receipt_of("saved", 7, build=4, archive_of=2)
    assert list(to_export([*receipts, unchanged])) == ["seat-01-build-1", "seat-01"]


@pytest.mark.parametrize("text", ["", "{", json.dumps({"event": "other", "archives": []})])
def test_a_manifest_of_somebody_else_keeps_nothing(bucket: Bucket, s3: Json, tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_text(text)
    receipt = put(s3, archive(("./d", b"", FOLDER), ("./a", b"work", tarfile.AREGTYPE)), seat=9)
    assert states(export_all(bucket, "hostile", [receipt], tmp_path)) == {9: "written"}


def test_a_folder_without_any_work_says_so(bucket: Bucket, tmp_path: Path) -> None:
    assert export_all(bucket, "nobody", [], tmp_path / "new").archives == ()
    assert json.loads((tmp_path / "new" / "manifest.json").read_text("utf-8"))["archives"] == []
