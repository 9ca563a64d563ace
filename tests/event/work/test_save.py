"""Work is saved whole, without secrets, by GNU's tools and by busybox's; or it is said why not."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
import tarfile
from datetime import UTC, datetime, timedelta

import pytest

from tests.event.work.conftest import new_pod, run
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.pod import Place
from workshop.event.work.save import MIB, Work, save
from workshop.model.event.receipts import Receipt, Result
from workshop.sandbox.paths import SandboxPaths

AT = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def busybox(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with busybox's programs alone."""
    program = shutil.which("busybox")
    if program is None:
        pytest.skip("busybox is not installed: apt-get install busybox-static")
    folder = tmp_path_factory.mktemp("busybox")
    subprocess.run([program, "--install", "-s", folder], check=True)
    return str(folder)


@pytest.fixture(params=["gnu", "busybox"])
def home(request: pytest.FixtureRequest, sandbox: SandboxPaths) -> Container:
    """Of a pod with either's tools."""
    variables = {} if request.param == "gnu" else {"PATH": request.getfixturevalue("busybox")}
    return new_pod(sandbox, **variables)


def work_in(container: Container, seat: int = 7, event: str = "october", **place: object) -> Work:
    return Work(
        event=event,
        seat=seat,
        workspace_id="0b8f0f3e",
        build_number=3,
        place=Place(container=container, **place),  # pyright: ignore[reportArgumentType]
    )


def members(bucket: Bucket, receipt: Receipt) -> dict[str, bytes | None]:
    """What is in an archive; None for what is no file. It is as the receipt says."""
    data = b"".join(bucket.read(receipt.key))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (receipt.bytes, receipt.sha256)
    found: dict[str, bytes | None] = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz", ignore_zeros=True) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            found[member.name.removeprefix("./")] = content.read() if content else None
    return found


def test_work_is_saved_without_secrets_and_caches(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(
        cluster,
        home,
        """
        mkdir -p project/src project/node_modules/x .ssh .config/gh 'with space' empty project/deep/.aws .cache
        echo code > project/src/main.go; echo 'two words' > 'with space/a b'; echo 'x=1' > project/.env.local
        echo key > .ssh/id_ed25519; echo token > .config/gh/hosts; echo big > project/node_modules/x/y
        echo key > project/deep/.aws/credentials; echo A=1 > project/prod.ENV; echo export KEY=1 > .bashrc
        echo c > .cache/c; echo keep > .config/settings; printf 'a\\0b' > binary; ln -s /etc/passwd outside
        ln -s project/src/main.go inside; echo odd > "$(printf 'back\\\\slash')"
        """,
    )
    receipt = save(cluster, bucket, work_in(home), AT)
    assert (receipt.result, receipt.reason) == (Result.SAVED, "")
    assert receipt.key == "october/07/20261130T093000Z-3.tar.gz"
    assert receipt.files == 7
    found = members(bucket, receipt)
    assert {name: content for name, content in found.items() if content is not None} == {
        "project/src/main.go": b"code\n",
        "with space/a b": b"two words\n",
        ".config/settings": b"keep\n",
        "binary": b"a\0b",
        "back\\slash": b"odd\n",
    }
    assert found["outside"] is None
    assert "empty" in found
    assert sorted(receipt.left_out) == sorted(
        [
            ".bashrc",
            ".cache",
            ".config/gh",
            ".ssh",
            "project/.env.local",
            "project/deep/.aws",
            "project/node_modules",
            "project/prod.ENV",
        ]
    )


def test_the_receipt_lies_beside_the_archive(container: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(cluster, container, "echo a > a")
    receipt = save(cluster, bucket, work_in(container, seat=8), AT)
    beside = b"".join(bucket.read("october/08/20261130T093000Z-3.json"))
    assert Receipt.model_validate_json(beside) == receipt


def test_what_has_not_changed_is_not_saved_again(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(cluster, home, "mkdir -p .cache; echo a > a")
    first = save(cluster, bucket, work_in(home), AT)
    later = AT + timedelta(minutes=30)
    run(cluster, home, "echo b > .cache/b")
    assert save(cluster, bucket, work_in(home), later, previous=first) is first
    run(cluster, home, "echo b > a")  # of the same size
    second = save(cluster, bucket, work_in(home), later, previous=first)
    assert (second.at, members(bucket, second)["a"]) == (later, b"b\n")


def test_nothing_is_an_answer_too(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(cluster, home, "mkdir -p .ssh empty; echo a > .ssh/a")
    receipt = save(cluster, bucket, work_in(home), AT)
    assert (receipt.result, receipt.key, receipt.left_out) == (Result.EMPTY, "", (".ssh",))


def test_more_than_may_be_saved_is_refused_and_says_what_is_large(
    home: Container, cluster: Cluster, bucket: Bucket
) -> None:
    run(cluster, home, "mkdir data; head -c 3000000 /dev/zero > data/a; head -c 200000 /dev/zero > b")
    receipt = save(cluster, bucket, work_in(home), AT, most_bytes=2 * MIB)
    assert receipt.result is Result.REFUSED
    assert receipt.reason == "3.1 MiB are more than 2.0 MiB, the most that is saved; data alone has 2.9 MiB"


def test_chosen_paths_of_another_folder(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    folder = run(cluster, home, "mkdir -p w/a w/b w/c; echo 1 > w/a/1; echo 2 > w/b/2; echo 3 > w/c/3; pwd").strip()
    receipt = save(cluster, bucket, work_in(home, root=f"{folder}/w", paths=("a", "b/2")), AT)
    assert {"a/1", "b/2"} <= set(members(bucket, receipt)) <= {"a", "a/1", "b/2"}


def test_many_files_are_in_one_archive(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    """More names than one command takes: tar is run several times."""
    run(
        cluster,
        home,
        f"for i in $(seq 400); do d={'long' * 50}$i; mkdir $d; for j in $(seq 40); do : > $d/{'n' * 180}$j; done; done",
    )
    receipt = save(cluster, bucket, work_in(home), AT)
    assert receipt.files == 16_000
    assert sum(content is not None for content in members(bucket, receipt).values()) == 16_000


def test_a_missing_folder_is_named(container: Container, cluster: Cluster, bucket: Bucket) -> None:
    receipt = save(cluster, bucket, work_in(container, root="/no/such/folder"), AT)
    assert (receipt.result, receipt.reason) == (Result.FAILED, "the workspace has no folder /no/such/folder")


def test_names_that_the_settings_leave_out(home: Container, cluster: Cluster, bucket: Bucket) -> None:
    run(
        cluster,
        home,
        "mkdir -p a/models b; echo 1 > a/models/m; echo 2 > b/disk.ISO; echo 3 > b/keep; echo k > b/a.key",
    )
    receipt = save(cluster, bucket, work_in(home, excludes=("*.iso", "a/models")), AT)
    assert {name for name, content in members(bucket, receipt).items() if content} == {"b/keep"}
    assert sorted(receipt.left_out) == ["a/models", "b/a.key", "b/disk.ISO"]


@pytest.mark.parametrize("path", ["/etc", "../other", "a/../../b", "-delete"])
def test_paths_stay_in_the_folder(container: Container, path: str) -> None:
    with pytest.raises(ValueError, match="must be a path in the home folder"):
        Place(container=container, paths=(path,))
