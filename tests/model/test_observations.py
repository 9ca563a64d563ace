"""What nobody looked up is assumed, and says so."""

from __future__ import annotations

from tests.model.given import ABSENT, NOON, found
from workshop.model.observations import Absent, Assumed, ExistingObject, Observations, RegionObservations


def test_what_was_not_asked_for_is_assumed() -> None:
    here = RegionObservations(
        cluster_uid=ABSENT,
        image_digest=ABSENT,
        deployments={},
        previous_node_pool=ABSENT,
        previous_nodes=ABSENT,
        node_pool=ABSENT,
        node_class=ABSENT,
        running_workspaces=ABSENT,
        repositories=ABSENT,
    )

    assert here.node_pool_vcpu == Assumed(source="node pool status", reason="not asked for")
    assert here.replication_rules == Assumed(source="ECR registry", reason="not asked for")
    assert here.cron_jobs == {}
    assert Observations(account=ABSENT, zone_ids={}, records=found(()), regions={}).preflight is None
    assert Absent(source="a", observed_at=NOON).known == ()
    assert ExistingObject(is_ours=True, spec={}, owner="").annotations == {}
