"""The product's first sentence, from 20 users to the release, asked of everything that it changes."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.conftest import Chapter
from tests.end_to_end.sandbox import REGIONS, workshop
from tests.end_to_end.world import World
from workshop.model.names import NODE_CLASS, NODE_POOL
from workshop.sandbox.paths import SandboxPaths

pytestmark = pytest.mark.slow

HOSTS = {
    "ai.coder.com": "coder-ohio.elb.us-east-2.amazonaws.com",
    "oregon-proxy.ai.coder.com": "coder-oregon.elb.us-west-2.amazonaws.com",
    "emea-proxy.ai.coder.com": "coder-london.elb.eu-west-2.amazonaws.com",
}
ADMISSION = {f"ai-coder-workshop-{policy}" for policy in ("workspace-storage", "image-pinned", "node-pool-keys")}
REPOSITORIES = {"base-ws", "claude-ws", "goose-ws", "fetch-and-store", "coder-preview", "rotate-key"}


def replicas(world: World, name: str) -> list[int]:
    """In every cluster that has such a Deployment, in the regions' order."""
    return [world.clusters[c].deployments[name][0] for c in REGIONS.values() if name in world.clusters[c].deployments]


class TestFirst:
    def test_it_is_done_and_nothing_is_violated(self, first: Chapter) -> None:
        assert first.ran.document["error"] is None
        assert [v for v in first.ran.document["violations"] if v["is_mandatory"]] == []
        assert first.ran.exit_code == 0
        assert (first.ran.document["previous_users"], first.ran.document["users"]) == (None, 20)

    def test_provisioners_run_in_every_region(self, first: Chapter) -> None:
        assert replicas(first.world, "coder-ws/coder-provisioner") == [12, 12, 12]
        assert replicas(first.world, "coder-ws-experiment/coder-provisioner") == [2, 2, 2]
        assert replicas(first.world, "coder-ws-demo/coder-provisioner") == [2, 2, 2]

    def test_litellm_runs_in_the_control_plane_region(self, first: Chapter) -> None:
        assert replicas(first.world, "litellm/litellm") == [6]

    def test_server_and_proxies_run_one_image_by_digest_from_their_own_region(self, first: Chapter) -> None:
        images = {
            region: first.world.clusters[context].deployments[
                f"{'coder' if context == 'coder-ohio' else 'coder-proxy'}/coder"
            ][1]
            for region, context in REGIONS.items()
        }
        digests = {image.partition("@")[2] for (image,) in images.values()}
        assert len(digests) == 1
        assert digests.pop().startswith("sha256:")
        for region, (image,) in images.items():
            assert image.startswith(f"123456789012.dkr.ecr.{region}.amazonaws.com/coder-preview@")

    @pytest.mark.parametrize(("context", "nodes"), [("coder-ohio", 4), ("coder-oregon", 2), ("coder-london", 2)])
    def test_every_region_has_a_node_pool_with_its_plan(self, first: Chapter, context: str, nodes: int) -> None:
        pool, node_class = (
            first.world.clusters[context].pools[NODE_POOL],
            first.world.clusters[context].classes[NODE_CLASS],
        )
        assert pool["spec"]["limits"]["cpu"] == str((nodes + 1) * 16)
        assert pool["spec"]["template"]["spec"]["expireAfter"] == "Never"
        volumes = {
            volume["deviceName"]: volume["ebs"]["volumeSize"] for volume in node_class["spec"]["blockDeviceMappings"]
        }
        assert volumes["/dev/xvdb"] == "224Gi"
        assert node_class["spec"]["kubelet"]["maxPods"] == 9

    def test_clusters_warn_of_what_is_wrong(self, first: Chapter) -> None:
        for cluster in first.world.clusters.values():
            assert cluster.admission == {name: ["Warn", "Audit"] for name in ADMISSION}

    def test_six_records_lead_to_the_balancers(self, first: Chapter) -> None:
        wanted = {
            name: balancer
            for host, balancer in HOSTS.items()
            for name, balancer in ((host, balancer), (f"*.{host}", balancer))
        }
        assert {name: first.world.records[name] for name in wanted} == {
            name: ("CNAME", balancer, False) for name, balancer in wanted.items()
        }

    def test_images_are_replicated_to_two_regions(self, first: Chapter) -> None:
        (rule,) = first.world.replication["rules"]
        assert {destination["region"] for destination in rule["destinations"]} == {"us-west-2", "eu-west-2"}
        assert {wanted["filter"] for wanted in rule["repositoryFilters"]} == REPOSITORIES
        assert all(found >= REPOSITORIES for found in first.world.repositories.values())

    def test_nothing_of_others_is_touched(self, before: World, first: Chapter) -> None:
        ours = {"coder", "coder-provisioner", "litellm"}
        for context, cluster in before.clusters.items():
            for name, was in cluster.deployments.items():
                if name.partition("/")[2] not in ours:
                    assert first.world.clusters[context].deployments[name] == was
            assert {k: v for k, v in first.world.clusters[context].pools.items() if k != NODE_POOL} == cluster.pools
        assert {k: v for k, v in first.world.records.items() if k in before.records} == before.records


class TestAgain:
    def test_a_second_run_changes_nothing(self, first: Chapter, again: Chapter) -> None:
        assert again.ran.exit_code == 0
        assert again.ran.document["steps"] == []
        assert again.ran.document["changes"]["same"] > 0
        assert again.world == first.world

    def test_it_remembers_the_users(self, again: Chapter) -> None:
        assert (again.ran.document["previous_users"], again.ran.document["users"]) == (20, 20)


class TestMore:
    def test_only_what_depends_on_users_is_updated(self, more: Chapter) -> None:
        assert more.ran.exit_code == 0
        assert more.ran.document["changes"] | {"same": 0} == {
            "create": 0,
            "update": 7,
            "replace": 0,
            "delete": 0,
            "import": 0,
            "same": 0,
            "retain": 0,
        }
        assert more.ran.changed == {
            "us-east-2-provisioners-coder",
            "us-west-2-provisioners-coder",
            "eu-west-2-provisioners-coder",
            "us-east-2-litellm-replicas",
            "us-east-2-pool",
            "us-west-2-pool",
            "eu-west-2-pool",  # no more nodes than before, but it says for how many users it is
        }

    def test_node_classes_are_left_alone(self, first: Chapter, more: Chapter) -> None:
        for context in REGIONS.values():
            assert more.world.clusters[context].classes == first.world.clusters[context].classes

    def test_the_clusters_follow(self, more: Chapter) -> None:
        assert replicas(more.world, "coder-ws/coder-provisioner") == [15, 15, 15]
        assert replicas(more.world, "litellm/litellm") == [8]
        assert [
            more.world.clusters[context].pools[NODE_POOL]["spec"]["limits"]["cpu"] for context in REGIONS.values()
        ] == [
            "96",
            "64",
            "48",
        ]

    def test_outputs_are_the_plan(self, sandbox: SandboxPaths, more: Chapter) -> None:
        outputs = workshop(sandbox, "outputs").document["outputs"]
        assert outputs["users"] == 30
        assert json.loads(json.dumps(outputs["regions"]))["us-east-2"]["nodes"]["nodes"] == 5


class TestReleased:
    def test_it_is_done(self, released: Chapter) -> None:
        assert released.ran.document["error"] is None
        assert released.ran.exit_code == 0

    def test_node_pools_and_classes_go(self, before: World, released: Chapter) -> None:
        for context in REGIONS.values():
            assert released.world.clusters[context].pools == before.clusters[context].pools
            assert released.world.clusters[context].classes == before.clusters[context].classes

    def test_clusters_warn_of_nothing_any_more(self, released: Chapter) -> None:
        assert [cluster.admission for cluster in released.world.clusters.values()] == [{}, {}, {}]

    def test_replicas_and_images_stay_as_they_are(self, more: Chapter, released: Chapter) -> None:
        for context in REGIONS.values():
            assert released.world.clusters[context].deployments == more.world.clusters[context].deployments

    def test_records_repositories_and_replication_stay(self, more: Chapter, released: Chapter) -> None:
        assert released.world.records == more.world.records
        assert released.world.repositories == more.world.repositories
        assert released.world.replication == more.world.replication

    def test_what_stays_is_listed(self, released: Chapter) -> None:
        kept = released.ran.document["retained"]
        assert {entry["name"] for entry in kept if entry["is_protected"]} >= {"us-east-2-host", "us-east-2-replication"}
        assert {entry["name"] for entry in kept if not entry["is_protected"]} >= {"us-east-2-provisioners-coder"}
