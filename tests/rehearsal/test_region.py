"""What is read of a region's cluster while it is played."""

from __future__ import annotations

import pytest

from workshop.rehearsal.region import pull_seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ('Successfully pulled image "a" in 6.144s (28s including waiting). Image size: 3221225472 bytes.', {"one": 28}),
        ('Successfully pulled image "a" in 7ms (350ms including waiting). Image size: 5 bytes.', {"one": 0.35}),
        ('Successfully pulled image "a" in 2m3s (2m3.5s including waiting). Image size: 5 bytes.', {"one": 123.5}),
        ('Container image "a" already present on machine', {}),
    ],
    ids=["seconds", "milliseconds", "minutes", "present"],
)
def test_the_kubelet_s_events_say_how_long_a_pull_took(said: str, seconds: dict[str, float]) -> None:
    pulled = {"reason": "Pulled", "message": said, "involvedObject": {"name": "one"}}
    other = {"reason": "Started", "message": said, "involvedObject": {"name": "two"}}
    assert pull_seconds([pulled, other]) == seconds
