"""Sixty at once: each is whole, and memory does not grow with them."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from tests.event.work.conftest import new_pod, run
from tests.event.work.test_save import members, work_in
from workshop.event.work.bucket import UPLOADS, Bucket
from workshop.event.work.exec import Cluster, Container
from workshop.event.work.save import MIB, save
from workshop.model.event.receipts import Receipt, Result
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow

SEATS = 60


def test_sixty_saves_at_once(sandbox: SandboxPaths, cluster: Cluster, bucket: Bucket) -> None:
    together = threading.Barrier(SEATS, timeout=60)

    def save_one(seat: int) -> tuple[Container, Receipt]:
        home = new_pod(sandbox)
        run(cluster, home, f"echo {seat} > seat; head -c {2 * MIB} /dev/urandom > data")
        together.wait()
        return home, save(cluster, bucket, work_in(home, seat, event="many"), datetime.now(UTC))

    with ThreadPoolExecutor(SEATS) as pool:
        saved = list(pool.map(save_one, range(1, SEATS + 1)))
    assert {(receipt.result, receipt.reason, receipt.files) for _, receipt in saved} == {(Result.SAVED, "", 2)}
    assert len({receipt.key for _, receipt in saved}) == SEATS
    for seat in (1, 30, SEATS):
        home, receipt = saved[seat - 1]
        found = members(bucket, receipt)
        assert found["seat"] == f"{seat}\n".encode()
        digest = run(cluster, home, "sha256sum < data")[:64]
        assert found["data"] is not None
        assert hashlib.sha256(found["data"]).hexdigest() == digest
    assert UPLOADS < SEATS
