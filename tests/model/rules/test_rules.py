"""Rules on settings and observations; the full text of a message where a rule's shape is told."""

from dataclasses import replace

import pytest

from tests.model.given import (
    ABSENT,
    NO_ANSWER,
    config,
    found,
    in_region,
    judged,
    observe,
    regions,
    settings,
)
from workshop.model.observations import (
    PatchTarget,
)
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.rules.judgement import RULES, judge_settings
from workshop.model.settings.commands import key_of
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.errors import SettingsError
from workshop.model.window.phases import Phase

DIGEST = settings().image.digest
OTHER_DIGEST = "sha256:" + "0" * 64


def rules_broken(told: list[str]) -> list[str]:
    return sorted({line.split("]")[0].removeprefix("[") for line in told})


def test_the_sandbox_passes_every_rule() -> None:
    assert judged(settings()) == []


def test_names_of_rules_are_stable() -> None:
    assert RULES == (
        "settings-complete",
        "users-ceiling",
        "spend-ceiling",
        "event-times",
        "event-seats",
        "event-budget",
        "join-host",
        "volume-attachments",
        "arrival-wait",
        "ephemeral-device",
        "storage-headroom",
        "zone-names",
        "zone-shadowing",
        "zone-targets",
        "load-balancers",
        "zone-lock",
        "identity",
        "preflight-required",
        "quota",
        "image-parity",
        "patch-targets",
        "queue-scaling",
        "rotation-targets",
        "rotation-credentials",
        "adoption",
        "registry-replication",
        "live-nodes",
        "image-change",
        "rollout-strategy",
        "schema-snapshot",
        "scale-down",
        "window-over",
        "event-kept",
        "event-stopped",
        "zone-changes",
        "zone-neighbours",
        "region-balancers",
    )


class TestSettingsComplete:
    def test_everything_that_is_missing_is_told_at_once_and_nothing_else(self) -> None:
        stack = settings("workshop")
        told = judged(stack, observe(stack))
        assert rules_broken(told) == ["settings-complete"]
        assert [line.split()[1].rstrip(":") for line in told[:12]] == [
            "workshop:account",
            "workshop:zone.id",
            "workshop:image.digest",
            "workshop:regions[0].load_balancer_host",
            "workshop:regions[0].cluster.name",
            "workshop:regions[0].cluster.context",
            "workshop:regions[0].cluster.uid",
            "workshop:regions[0].vcpu_quota",
            "workshop:regions[0].vcpu_in_use",
            "workshop:regions[0].node_role",
            "workshop:regions[0].ami_version",
            "workshop:regions[0].zones[0]",
        ]
        assert len(told) == 3 + 3 * 9

    def test_each_names_the_command_that_looks_the_value_up(self) -> None:
        told = judge_settings(settings(account=None), plan_of_event(settings()))
        assert [str(one) for one in told] == [
            "workshop:account: is not set; changes could reach any AWS account: pulumi config set workshop:account "
            '"$(aws sts get-caller-identity --query Account --output text)"'
        ]

    @pytest.mark.parametrize(
        ("scope", "missing"),
        [
            ("registry", ["workshop:account"]),
            ("dns", ["workshop:zone.id", *(f"workshop:regions[{i}].load_balancer_host" for i in range(3))]),
        ],
    )
    def test_only_what_the_scope_needs_is_missed(self, scope: str, missing: list[str]) -> None:
        stack = settings("workshop", scope=scope)
        assert [one.resource for one in judge_settings(stack, plan_of_event(stack))] == missing

    def test_a_cluster_name_is_needed_only_where_a_selector_takes_it(self) -> None:
        selector = {"tag": "a", "value": "b"}
        change = {"cluster": {"context": "c", "uid": "u"}, "subnet_selector": selector}
        one = settings(regions=regions({0: change}))
        both = settings(regions=regions({0: {**change, "security_group_selector": selector}}))
        assert [f.resource for f in judge_settings(one, plan_of_event(one))] == ["workshop:regions[0].cluster.name"]
        assert judge_settings(both, plan_of_event(both)) == ()


def test_more_users_than_the_ceiling_are_refused() -> None:
    assert judged(settings(users="60")) == []
    assert judged(settings(users="61")) == [
        "[users-ceiling] workshop:users: 61 is more than workshop:max_users (60); a mistyped number would start nodes "
        "for people who don't come: if so many are expected, raise the ceiling: pulumi config set workshop:max_users 61"
    ]


def test_a_window_dearer_than_the_ceiling_is_refused() -> None:
    window = {"start": "2026-12-01T09:00-08:00", "duration": "4h"}
    cost = plan_of_event(settings(window=window)).cost.usd_per_workshop
    assert cost is not None
    enough, too_little = (settings(window=window, spend_ceiling_usd=str(int(cost) + more)) for more in (1, 0))
    assert judged(enough, plan=make_plan(enough, phase=Phase.BEFORE)) == []
    told = judged(too_little, plan=make_plan(too_little, phase=Phase.BEFORE))
    assert rules_broken(told) == ["spend-ceiling"]
    assert f"pulumi config set workshop:spend_ceiling_usd {int(cost) + 1}" in told[0]


def test_the_workspace_volume_on_the_wrong_device_is_refused() -> None:
    assert judged(settings(workspaces={"device": "/dev/xvda"})) == [
        "[ephemeral-device] workshop:workspaces.device: the workspace volume is on /dev/xvda, Bottlerocket's kubelet "
        "uses /dev/xvdb; workspaces would share a small default volume and be evicted when it fills: "
        "pulumi config set --path workshop:workspaces.device /dev/xvdb"
    ]
    assert judged(settings(workspaces={"device": "/dev/xvda", "ami_family": "AL2023"})) == []


def test_a_plan_without_headroom_is_refused_whatever_it_says_of_itself() -> None:
    plan = plan_of_event(settings())
    region = plan.regions["us-east-2"]
    small = replace(region, nodes=replace(region.nodes, volume_gib=223))
    told = judged(settings(), plan=replace(plan, regions={**plan.regions, "us-east-2": small}))
    assert told == [
        "[storage-headroom] workspace nodes in us-east-2: 59.9 % of 223 GiB stays free at peak, more than 60 % is "
        "needed; nodes that run out of storage evict workspaces and delete their work: a volume of 224 GiB is enough"
    ]


class TestIdentity:
    def test_another_account_cluster_or_zone_is_refused(self) -> None:
        stack = settings()
        observations = observe(stack, in_region("us-west-2", cluster_uid=found("other")))
        told = judged(stack, replace(observations, account=found("210987654321"), zone_ids={"coder.com": ABSENT}))
        assert [line.split(";")[0] for line in told] == [
            "[identity] AWS account: the system answers 210987654321, workshop:account is 123456789012",
            "[identity] zone coder.com: not found (the system), workshop:zone.id is " + (stack.zone.id or ""),
            "[identity] cluster of us-west-2: the system answers other, workshop:regions[1].cluster.uid is "
            "22222222-2222-4222-8222-222222222222",
        ]

    def test_what_could_not_be_looked_up_is_never_passed(self) -> None:
        stack = settings()
        told = judged(stack, replace(observe(stack), account=NO_ANSWER))
        assert told == [
            "[identity] AWS account: lookup failed: the system: no answer: timed out; changes would reach "
            "the wrong system: make it reachable with the credentials of this stack and run again"
        ]

    @pytest.mark.parametrize(("scope", "broken"), [("registry", "AWS account"), ("dns", "zone coder.com")])
    def test_only_what_the_scope_needs_is_compared(self, scope: str, broken: str) -> None:
        stack = settings(scope=scope)
        observations = replace(
            observe(stack, lambda _, here: replace(here, cluster_uid=NO_ANSWER)),
            account=NO_ANSWER,
            zone_ids={"coder.com": NO_ANSWER},
        )
        assert [line.split(":")[0] for line in judged(stack, observations)] == [f"[identity] {broken}"]


class TestQuota:
    def test_demand_over_the_quota_is_refused(self) -> None:
        fits = settings(regions=regions({0: {"vcpu_quota": 288}}))
        assert judged(fits) == []
        too_small = settings(regions=regions({0: {"vcpu_quota": 287}}))
        told = judged(too_small)
        assert [line.split(";")[0] for line in told] == [
            "[quota] EC2 quota L-1216C47A in us-east-2: 288 vCPU are needed (up to 80 of them for the workspace pool), "
            "the quota is 287"
        ]
        assert "--desired-value 288" in told[0]

    def test_nodes_of_our_own_pool_are_not_counted_twice(self) -> None:
        stack = settings(regions=regions({0: {"vcpu_quota": 256}}))
        assert rules_broken(judged(stack)) == ["quota"]
        assert judged(stack, observe(stack, in_region("us-east-2", node_pool_vcpu=found(32)))) == []

    def test_growth_of_other_pools_counts(self) -> None:
        stack = settings(regions=regions({0: {"vcpu_quota": 300, "vcpu_planned_elsewhere": 13}}))
        assert rules_broken(judged(stack)) == ["quota"]


class TestImageParity:
    def test_another_digest_in_one_region_is_refused(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("eu-west-2", image_digest=found(OTHER_DIGEST))))
        assert told == [
            f"[image-parity] image coder-preview in eu-west-2: {DIGEST} (workshop:image.digest) not found; proxies and "
            "server that run different images fail sessions: scripts/workshop images mirror"
        ]

    def test_a_workspace_image_that_a_region_lacks_is_refused(self) -> None:
        base = {"source": "ghcr.io/example/base-ws", "repository": "base-ws", "tag": "1", "digest": OTHER_DIGEST}
        stack = settings(mirror={"images": [base]})
        assert judged(stack, observe(stack)) == []
        told = judged(stack, observe(stack, in_region("us-west-2", workspace_images={"base-ws": ABSENT})))
        assert told == [
            f"[image-parity] image base-ws in us-west-2: {OTHER_DIGEST} (workshop:mirror.images[0].digest) not found; "
            "workspaces could not start there: scripts/workshop images mirror"
        ]
        assert rules_broken(judged(stack, observe(stack, in_region("us-west-2", workspace_images={})))) == [
            "image-parity"
        ]

    @pytest.mark.parametrize(("answer", "said"), [(ABSENT, "not found"), (NO_ANSWER, "lookup failed")])
    def test_absent_and_unknown_are_refused(self, answer: object, said: str) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("us-east-2", image_digest=answer)))
        assert rules_broken(told) == ["image-parity"]
        assert said in told[0]

    def test_scope_registry_may_find_it_empty(self) -> None:
        stack = settings(scope="registry")
        assert judged(stack, observe(stack, in_region("us-east-2", image_digest=ABSENT))) == []


class TestPatchTargets:
    def test_a_wrong_container_is_refused_with_those_that_exist(self) -> None:
        stack = settings()
        target = PatchTarget(
            namespace="coder", name="coder", containers=("coder-server", "sidecar"), images={}, replicas=2
        )
        deployments = {**observe(stack).regions["us-east-2"].deployments, "coder/coder": found(target)}
        assert judged(stack, observe(stack, in_region("us-east-2", deployments=deployments))) == [
            "[patch-targets] Deployment coder/coder in us-east-2: no container coder; it has coder-server, "
            "sidecar; a forced patch would add a container, or an object, to the live platform: name one of these: "
            "workshop:organizations (namespace), workshop:server, workshop:proxy and workshop:litellm name them"
        ]

    def test_a_deployment_that_does_not_exist_is_refused_with_those_that_do(self) -> None:
        stack = settings()
        there = replace(ABSENT, known=("litellm-proxy",))
        deployments = {**observe(stack).regions["us-east-2"].deployments, "litellm/litellm": there}
        told = judged(stack, observe(stack, in_region("us-east-2", deployments=deployments)))
        assert rules_broken(told) == ["patch-targets"]
        assert "not found; litellm has litellm-proxy;" in told[0]

    def test_a_cluster_without_answer_is_told_once(self) -> None:
        stack = settings()
        unknown = dict.fromkeys(observe(stack).regions["us-east-2"].deployments, NO_ANSWER)
        told = judged(stack, observe(stack, in_region("us-east-2", deployments=unknown)))
        assert len(told) == 1
        assert "coder-ws-demo/coder-provisioner" in told[0]
        assert "lookup failed: no answer: timed out" in told[0]

    def test_a_target_that_was_not_observed_is_refused(self) -> None:
        stack = settings()
        told = judged(stack, observe(stack, in_region("us-east-2", deployments={})))
        assert rules_broken(told) == ["patch-targets"]


def test_paths_are_written_as_pulumi_reads_them() -> None:
    assert key_of(("regions", 2, "cluster", "uid")) == "workshop:regions[2].cluster.uid"
    assert key_of(("adopt", "a.b")) == 'workshop:adopt["a.b"]'


def test_a_quota_as_the_aws_command_prints_it_is_read() -> None:
    given = config(regions=regions({0: {"vcpu_quota": "1024.0"}}))
    assert settings_from_config(given).regions[0].vcpu_quota == 1024
    with pytest.raises(SettingsError):
        settings_from_config(config(regions=regions({0: {"vcpu_quota": "1024.5"}})))
