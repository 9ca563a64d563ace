"""The keeper's heartbeat in every cluster: while it looks no switch does anything; once it is gone, each acts."""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.event.sandbox_event import SandboxEvent, event_of, workshop_in
from workshop.event.dead_man import dead_man
from workshop.model.event.dead_man import SILENCE, Heartbeat, dead_man_request
from workshop.model.names import EVENT_NAMESPACE

pytestmark = pytest.mark.slow
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def event(tmp_path_factory: pytest.TempPathFactory) -> Generator[SandboxEvent]:
    folder: Path = tmp_path_factory.mktemp("heartbeat")
    with workshop_in(folder) as paths, event_of(paths, "beats", 3, f"sqlite:///{folder / 'event.db'}") as found:
        yield found


def switches(event: SandboxEvent) -> list[str]:
    """What each cluster's switch says now."""
    request = dead_man_request(event.settings, EVENT_NAMESPACE)
    return [dead_man(request, cluster, event.now()) for cluster in event.systems.clusters.values()]


def test_while_the_keeper_looks_no_switch_acts_and_once_it_is_gone_each_does(event: SandboxEvent) -> None:
    with event.keeper() as keeper:
        event.until(keeper, lambda: event.states() == ["ready"] * 3)
        keeper.once()
        ids = tuple(sorted(one.workspace_id or "" for one in event.store.records.seats()))
        for cluster in event.systems.clusters.values():
            beat = cluster.heartbeat(EVENT_NAMESPACE)
            assert beat is not None
            assert beat.is_fresh(event.now())
            assert beat.workspaces == ids
    claims = len(event.pool_claims())
    assert claims
    assert all("may last until" in said for said in switches(event))

    event.move(dead_man_request(event.settings, EVENT_NAMESPACE).after - event.now())
    for cluster in event.systems.clusters.values():
        cluster.renew(EVENT_NAMESPACE, Heartbeat(renewed_at=event.now() - SILENCE + MINUTE, workspaces=ids))
    assert all("the keeper lives" in said for said in switches(event))
    assert len(event.pool_claims()) == claims

    event.move(2 * MINUTE)
    assert all("the keeper is silent" in said for said in switches(event))
    assert event.pool_claims() == []
