"""Whose builds are counted for which region."""

from __future__ import annotations

import pytest

from workshop.model.exporter import NO_REGION, Queue, queues

OHIO, OREGON = "us-east-2", "us-west-2"
UNTAGGED = {"scope": "organization", "owner": ""}


def tagged(**tags: str) -> dict[str, str]:
    return UNTAGGED | tags


def test_builds_are_counted_where_their_tags_say() -> None:
    pending = [tagged(region=OHIO), tagged(region=OHIO), tagged(region=OREGON)]
    running = [tagged(region=OHIO)]
    assert queues(pending, running, [OHIO, OREGON]) == {
        OHIO: Queue(pending=2, running=1),
        OREGON: Queue(pending=1),
        NO_REGION: Queue(),
    }


@pytest.mark.parametrize(
    "tags",
    [
        UNTAGGED,  # only a provisioner without tags takes it
        {},
        tagged(region="eu-west-2"),
        tagged(region=OHIO, gpu="yes"),
        {"scope": "user", "owner": "ada", "region": OHIO},
    ],
    ids=["untagged", "none", "another region", "more tags", "of one user"],
)
def test_what_no_regions_provisioner_takes_is_counted_for_none(tags: dict[str, str]) -> None:
    assert queues([tags], [tags], [OHIO]) == {OHIO: Queue(), NO_REGION: Queue(pending=1, running=1)}
