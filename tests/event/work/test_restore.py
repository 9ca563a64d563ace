"""Work comes back whole or not at all, and nothing is overwritten."""

from __future__ import annotations

import pytest

from tests.event.work.archives import archive, put
from tests.event.work.conftest import run
from tests.event.work.test_save import AT, busybox, home, work_in
from tests.event.work.test_unpack import FILE
from workshop.event.work.bucket import Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.export import DigestError
from workshop.event.work.pod import Place, PodError
from workshop.event.work.restore import restore
from workshop.event.work.save import save
from workshop.sandbox.json_values import Json

__all__ = ["busybox", "home"]


def test_work_moves_into_a_new_workspace(
    home: Container, container: Container, cluster: Cluster, bucket: Bucket
) -> None:
    run(cluster, container, "mkdir -p src/deep empty; echo code > src/deep/main.go; echo old > notes; echo s > run.sh")
    run(cluster, container, "chmod 700 run.sh; ln -s /etc/passwd link; echo '-' > 'a b'; touch -d 2026-01-02 notes")
    receipt = save(cluster, bucket, work_in(container, seat=30), AT)
    run(cluster, home, "mkdir -p src; echo mine > notes; echo mine > src/own")
    assert restore(cluster, bucket, receipt, Place(container=home)) == ("notes",)
    found = run(
        cluster, home, "find . -type f | sort; cat notes src/own src/deep/main.go 'a b'; [ -x run.sh ] && ls -d empty"
    )
    assert found == "./a b\n./notes\n./run.sh\n./src/deep/main.go\n./src/own\nmine\nmine\ncode\n-\nempty\n"
    again = restore(cluster, bucket, receipt, Place(container=home))
    assert sorted(again) == ["a b", "notes", "run.sh", "src/deep/main.go"]
    assert run(cluster, home, "ls -A") == "a b\nempty\nnotes\nrun.sh\nsrc\n"


def test_an_archive_that_was_changed_is_not_put_anywhere(
    home: Container, cluster: Cluster, bucket: Bucket, s3: Json
) -> None:
    receipt = put(s3, archive(("./a", b"work", FILE)), seat=31)
    put(s3, archive(("./a", b"evil", FILE)), seat=31)
    with pytest.raises(DigestError, match="it was changed"):
        restore(cluster, bucket, receipt, Place(container=home))
    assert run(cluster, home, "ls -A") == ""


def test_a_place_that_is_missing_is_said(home: Container, cluster: Cluster, bucket: Bucket, s3: Json) -> None:
    receipt = put(s3, archive(("./a", b"work", FILE)), seat=32)
    with pytest.raises(PodError, match="exit code 97"):
        restore(cluster, bucket, receipt, Place(container=home, root="/no/such"))
