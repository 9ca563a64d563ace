"""Nothing is half saved: what goes wrong in the workspace or at S3 is a receipt that says so, and leaves nothing."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.event.work.conftest import new_pod, run
from tests.event.work.test_save import AT, members, work_in
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.save import MIB, save
from workshop.model.event.receipts import Result
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.faults import Fault, plant_faults

PodWith = Callable[..., Container]


@pytest.fixture
def pod_with(sandbox: SandboxPaths, tmp_path: Path) -> PodWith:
    """A pod in which programs are scripts of the test's, before those of the machine."""

    def make(**programs: str) -> Container:
        for name, script in programs.items():
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (tmp_path / name).chmod(0o755)
        return new_pod(sandbox, PATH=f"{tmp_path}:{os.defpath}")

    return make


def unfinished(s3: Json) -> list[str]:
    return [one["Key"] for one in s3.list_multipart_uploads(Bucket="work").get("Uploads", [])]


def kept(s3: Json, seat: int) -> list[str]:
    listed = s3.list_objects_v2(Bucket="work", Prefix=f"october/{seat:02d}/").get("Contents", [])
    return [one["Key"] for one in listed]


LARGE = f"head -c {12 * MIB} /dev/urandom > large"


@pytest.mark.parametrize(
    ("programs", "reason"),
    [
        ({"tar": "exit 2"}, "tar ended with exit code 2: it says nothing"),
        (
            {"tar": 'case $1 in --version) exit;; esac; /bin/tar "$@"; echo "tar: write error" >&2; exit 1'},
            "tar ended with exit code 1: write error",
        ),
        ({"gzip": "/bin/gzip | head -c 10000000; exit 1"}, "gzip failed: "),
        ({"find": 'case $* in *stat*) exec /usr/bin/find "$@";; esac; kill -9 $$'}, "find was killed: "),
        ({"sh": 'case $* in *gzip*) head -c 9000000 large;; *) exec /bin/sh "$@";; esac'}, "the stream ended early"),
    ],
    ids=["tar-fails", "busybox-tar-fails", "gzip-fails", "find-is-killed", "cut-in-silence"],
)
def test_a_broken_stream_is_no_archive(
    pod_with: PodWith, cluster: Cluster, bucket: Bucket, s3: Json, programs: dict[str, str], reason: str
) -> None:
    home = pod_with(**programs)
    run(cluster, home, LARGE)
    receipt = save(cluster, bucket, work_in(home, seat=20), AT)
    assert (receipt.result, receipt.reason[: len(reason)]) == (Result.FAILED, reason)
    assert (kept(s3, 20), unfinished(s3)) == ([], [])


def test_what_changes_or_can_not_be_read_is_said_of_what_is_saved(
    pod_with: PodWith, cluster: Cluster, bucket: Bucket
) -> None:
    home = pod_with(
        tar='/bin/tar "$@"; code=$?; case $1 in --version) exit;; esac\n'
        'echo "tar: ./a: file changed as we read it" >&2\n'
        'echo "tar: ./b: Warning: Cannot open: Permission denied" >&2; exit 1'
    )
    run(cluster, home, "echo a > a; echo b > b")
    receipt = save(cluster, bucket, work_in(home, seat=21), AT)
    assert (receipt.result, receipt.reason) == (Result.SAVED, "1 file changed while being read")
    assert receipt.left_out == ("b: Warning: Cannot open: Permission denied",)
    assert members(bucket, receipt)["a"] == b"a\n"


def test_more_than_there_was_a_moment_before_is_refused(
    pod_with: PodWith, cluster: Cluster, bucket: Bucket, s3: Json
) -> None:
    home = pod_with(gzip=f"head -c {20 * MIB} /dev/urandom")
    run(cluster, home, "echo a > a")
    receipt = save(cluster, bucket, work_in(home, seat=22), AT, most_bytes=10 * MIB)
    assert (receipt.result, receipt.reason) == (Result.REFUSED, "more than 10 MiB came, the most that is saved")
    assert (kept(s3, 22), unfinished(s3)) == ([], [])


def test_nothing_is_written_in_the_workspace(container: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(cluster, container, "mkdir a; echo 1 > a/1")
    listed = "find . -exec stat -c '%n %s %y %z' {} +"
    before = run(cluster, container, listed)
    assert save(cluster, bucket, work_in(container, seat=23), AT).result is Result.SAVED
    assert run(cluster, container, listed) == before


def test_a_pod_that_is_gone_is_a_reason(cluster: Cluster, bucket: Bucket) -> None:
    gone = Container(namespace="coder-ws", pod="coder-gone", name="dev")
    receipt = save(cluster, bucket, work_in(gone), AT)
    assert receipt.result is Result.FAILED
    assert receipt.reason == 'the cluster refused to run the command: 404 pods "coder-gone" not found'


def test_what_s3_refuses_is_a_reason(
    sandbox: SandboxPaths, container: Container, cluster: Cluster, bucket: Bucket, s3: Json
) -> None:
    """In the middle of an archive: nothing of it stays."""
    run(cluster, container, LARGE)
    denied = Fault(status=403, body="<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
    plant_faults(sandbox, {"/work/october/24/": denied})
    try:
        receipt = save(cluster, bucket, work_in(container, seat=24), AT)
    finally:
        plant_faults(sandbox, {})
    reason = "S3 refused to write october/24/20261130T093000Z-3.tar.gz: Access Denied"
    assert (receipt.result, receipt.reason) == (Result.FAILED, reason)
    assert (kept(s3, 24), unfinished(s3)) == ([], [])


def test_an_archive_whose_receipt_can_not_be_written_is_none(
    sandbox: SandboxPaths, container: Container, cluster: Cluster, bucket: Bucket
) -> None:
    run(cluster, container, "echo a > a")
    plant_faults(sandbox, {"/work/october/25/20261130T093000Z-3.json": Fault(status=403, body="<Error/>")})
    try:
        receipt = save(cluster, bucket, work_in(container, seat=25), AT)
    finally:
        plant_faults(sandbox, {})
    assert receipt.result is Result.FAILED
    assert receipt.reason.startswith("S3 refused to write october/25/20261130T093000Z-3.json: ")
