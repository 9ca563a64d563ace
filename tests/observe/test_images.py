"""The history of images, and snapshots of Coder's database."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from tests.model.given import NOON, settings
from tests.observe.asking import absent, unanswered, value_of
from workshop.model.images.history import Promotion, Risk, with_promotion
from workshop.model.observations import Pinned
from workshop.model.settings.stack import Settings
from workshop.observe import images
from workshop.observe.images import observe_pinned, observe_snapshot

A, B = settings().image.digest or "", f"sha256:{'b' * 64}"
HISTORY = "images/sandbox.yaml"
SNAPSHOTS = "RDS us-east-2 snapshots of coder"
_boto3: Any = import_module("boto3")


def promoted(digest: str = A, **changed: Any) -> Promotion:  # noqa: ANN401 - a promotion's
    values = {"image": "coder-preview", "source": "s", "promoted_by": "Ada", "promoted_at": NOON, "digest": digest}
    return Promotion.model_validate({**values, **changed})


def history(folder: Path, *promotions: Promotion) -> Path:
    text = ""
    for one in promotions:
        text = with_promotion(text, one)
    (folder / "images").mkdir()
    (folder / "images" / "sandbox.yaml").write_text(text)
    return folder


def test_the_last_promotion_says_how_the_image_came_to_be_pinned(tmp_path: Path) -> None:
    folder = history(tmp_path, promoted(B), promoted(overrides=[Risk.SCHEMA_CHANGE]), promoted(image="other"))
    found = observe_pinned(folder, "sandbox", settings())
    assert value_of(found, HISTORY) == Pinned(may_change_schema=True, is_rollback=False)


def test_a_way_back_is_one(tmp_path: Path) -> None:
    found = observe_pinned(history(tmp_path, promoted(is_rollback=True)), "sandbox", settings())
    assert value_of(found, HISTORY) == Pinned(may_change_schema=False, is_rollback=True)


@pytest.mark.parametrize("promotions", [(), (promoted(B),), (promoted(), promoted(B)), (promoted(image="other"),)])
def test_what_nobody_promoted_is_absent(tmp_path: Path, promotions: tuple[Promotion, ...]) -> None:
    folder = history(tmp_path, *promotions) if promotions else tmp_path
    assert absent(observe_pinned(folder, "sandbox", settings()), HISTORY)


def test_a_damaged_history_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "sandbox.yaml").write_text("promotions: 1")
    found = observe_pinned(tmp_path, "sandbox", settings())
    assert unanswered(found, HISTORY, "promotions")


@pytest.fixture
def rds(monkeypatch: pytest.MonkeyPatch) -> Generator[Any]:
    """An RDS with one database, and the look-up's way to it."""
    with mock_aws():
        client = _boto3.session.Session(aws_access_key_id="a", aws_secret_access_key="s").client("rds", "us-east-2")

        @contextmanager
        def aws_client(_settings: Settings, service: str, region: str) -> Generator[Any]:
            assert (service, region) == ("rds", "us-east-2")
            yield client

        monkeypatch.setattr(images, "aws_client", aws_client)
        client.create_db_instance(
            DBInstanceIdentifier="coder",
            DBInstanceClass="db.t4g.small",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="coder",
            MasterUserPassword="made-up-for-tests",
        )
        yield client


def test_the_newest_snapshot_counts(rds: Any) -> None:  # noqa: ANN401 - boto3's
    for name in ("one", "two"):
        rds.create_db_snapshot(DBInstanceIdentifier="coder", DBSnapshotIdentifier=name)
    made = [one["SnapshotCreateTime"] for one in rds.describe_db_snapshots()["DBSnapshots"]]
    found = value_of(observe_snapshot(settings(), "coder"), SNAPSHOTS)
    assert found == max(made)
    assert found.utcoffset() == timedelta(0)


def test_a_database_without_one_has_none(rds: Any) -> None:  # noqa: ANN401 - boto3's
    assert absent(observe_snapshot(settings(), "another"), "RDS us-east-2 snapshots of another")


def test_one_that_is_being_made_can_not_be_restored(rds: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    pages: list[Any] = [{"DBSnapshots": [{"Status": "creating"}, {"Status": "failed", "SnapshotCreateTime": NOON}]}]

    class Paginator:
        def paginate(self, **_: str) -> list[Any]:
            return pages

    def get_paginator(_: str) -> Paginator:
        return Paginator()

    monkeypatch.setattr(rds, "get_paginator", get_paginator)
    assert absent(observe_snapshot(settings(), "coder"), SNAPSHOTS)


def test_of_a_cluster_its_own_snapshots_count(rds: Any) -> None:  # noqa: ANN401 - boto3's
    whole = {"DBClusterIdentifier": "coder", "Engine": "aurora-postgresql"}
    rds.create_db_cluster(**whole, MasterUsername="coder", MasterUserPassword="made-up-for-tests")
    rds.create_db_snapshot(DBInstanceIdentifier="coder", DBSnapshotIdentifier="of-an-instance")
    rds.create_db_cluster_snapshot(DBClusterIdentifier="coder", DBClusterSnapshotIdentifier="one")

    made = [one["SnapshotCreateTime"] for one in rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]]
    found = observe_snapshot(settings(), "cluster:coder")
    assert value_of(found, "RDS us-east-2 snapshots of cluster:coder") == max(made)
    assert absent(observe_snapshot(settings(), "cluster:other"), "RDS us-east-2 snapshots of cluster:other")
