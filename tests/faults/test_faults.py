"""A few faults on the real program; scripts/faults has all of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from itertools import islice

import pytest

from tests.faults import faults
from tests.faults.sandbox import sandbox_in
from tests.faults.verdict import Ground, Verdict


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ground]:
    with sandbox_in(tmp_path_factory.mktemp("faults") / "with spaces") as sandbox:
        yield Ground(sandbox)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [faults.two_at_once, faults.full_disk, faults.damaged_state, faults.damaged_overrides, faults.server_gone]
)
def test_nothing_is_lost_and_the_next_run_converges(
    ground: Ground, fault: Callable[[Ground], Iterator[Verdict]]
) -> None:
    found = list(islice(fault(ground), 1))
    assert found
    assert [verdict for verdict in found if not verdict.is_good] == []
