"""What every rule says, in full: __snapshots__ is what a reviewer reads when words change.

`pytest --snapshot-update tests/model/rules/test_every_finding.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from syrupy.assertion import SnapshotAssertion

from tests.dns.bad_changes import records
from tests.dns.test_bad_changes import reviewed
from tests.model.given import (
    ABSENT,
    NO_ANSWER,
    NOON,
    existing,
    found,
    in_region,
    observe,
    regions,
    seen,
    settings,
    shown,
    structure,
    target,
    told,
)
from workshop.model.names import MARK, NODE_POOL
from workshop.model.observations import ExistingRecord, RegionObservations
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.preflight.record import BEFORE_UP, Result, Stage, Verdict, make_record
from workshop.model.rules.observations import image_parity, quota
from workshop.model.settings.regions import Region
from workshop.model.settings.registry import ReplicationDestination, ReplicationRule
from workshop.model.settings.stack import Settings
from workshop.model.window.phases import Phase

WINDOW: Mapping[str, object] = {"start": "2026-10-02T11:00+00:00", "duration": "4h"}
OTHER_DIGEST = "sha256:" + "0" * 64
KNOWN = replace(ABSENT, known=("one", "another"))
ANOTHER_ZONE = reviewed(records("- {host: a.coderdemo.io, region: us-east-2}"))
MINE = "0123456789abcdef0123456789abcdef"


def record(
    name: str, type: str = "CNAME", comment: str = "", id: str = "r1", zone: str = "coder.com"
) -> ExistingRecord:
    return ExistingRecord(
        zone=zone,
        id=id,
        name=name,
        type=type,
        content="192.0.2.1",
        ttl_seconds=300,
        is_proxied=False,
        comment=comment,
    )


def with_records(given: Settings, *records: ExistingRecord) -> list[str]:
    return told(given, replace(observe(given), records=found(records)))


def test_settings(snapshot: SnapshotAssertion) -> None:
    nameless: dict[str, object] = {"cluster": {"context": "a context", "uid": "1"}, "zones": []}
    known = {"cluster": {"name": "coder-ohio", "context": "c", "uid": "u"}}
    selector = {"tag": "a", "value": "b"}
    selected = {"subnet_selector": selector, "security_group_selector": selector}
    bare = settings("workshop", window=WINDOW, rotation={"cron_job": "rotate-key"})
    plan = plan_of_event(settings())
    costly, dear = (replace(plan, cost=replace(plan.cost, usd_per_workshop=Decimal(usd))) for usd in ("100.01", "100"))
    small = replace(plan.regions["us-east-2"].nodes, volume_gib=40)
    exactly = settings(workspaces={"storage_gib": 4, "images_and_logs_gib": 2})
    full = replace(plan.regions["us-east-2"], nodes=small)

    assert {
        "nothing is set": told(settings("workshop")),
        "nothing is set, with a window": told(bare),
        "a cluster without a name": told(settings(regions=regions({0: nameless}), window=WINDOW)),
        "a cluster whose name a selector needs not": told(settings(regions=regions({0: {**nameless, **selected}}))),
        "an issuer that is not known": told(settings(regions=regions({0: known}), window=WINDOW)),
        "a zone without an id": told(settings(zones=None), plan=make_plan(settings(zones=None), ANOTHER_ZONE)),
        "too many users": told(settings(users="61")),
        "too costly": told(settings(spend_ceiling_usd="100"), plan=costly),
        "as costly as may be": told(settings(spend_ceiling_usd="100"), plan=dear),
        "costly without a ceiling": told(settings(spend_ceiling_usd="0"), plan=dear),
        "another device": told(settings(workspaces={"device": "/dev/xvda"})),
        "as little headroom as must not be": told(
            exactly, plan=replace(plan, regions={**plan.regions, "us-east-2": full})
        ),
        "scope registry asks for less": told(settings("workshop", scope="registry")),
        "scope dns asks for less": told(settings("workshop", scope="dns")),
    } == snapshot


def test_identity(snapshot: SnapshotAssertion) -> None:
    wrong = found("another")

    def identified(answer: Any, scope: str = "all") -> list[str]:  # noqa: ANN401 - an observation of any kind
        asked = settings(scope=scope)
        here = observe(asked, lambda _, region: replace(region, cluster_uid=answer))
        return told(asked, replace(here, account=answer, zone_ids={"coder.com": answer}))

    with_another_zone = replace(observe(settings()), zone_ids={"coder.com": found(MINE), "coderdemo.io": wrong})
    assert {
        "another zone": told(settings(), with_another_zone, make_plan(settings(), ANOTHER_ZONE)),
        "others": identified(wrong),
        "nothing there": identified(ABSENT),
        "no answer": identified(NO_ANSWER),
        "others, for scope dns": identified(wrong, "dns"),
        "others, for scope registry": identified(wrong, "registry"),
    } == snapshot


def test_preflight(snapshot: SnapshotAssertion) -> None:
    given = settings(preflight={"required": True})

    def refused(verdict: Verdict, after: timedelta = timedelta(hours=1), of: Settings = given) -> list[str]:
        results = [
            Result(check=check, stage=Stage.BEFORE_UP, verdict=verdict, found="a", needed="b")
            for check in sorted(BEFORE_UP)
        ]
        made = make_record("sandbox", of, BEFORE_UP, results, NOON)
        return told(given, replace(observe(given), preflight=replace(found(made), observed_at=NOON + after)))

    edited = make_record("sandbox", given, ["identity"], [], NOON).model_copy(update={"stack": "another"})
    assert {
        "none": told(given, replace(observe(given), preflight=ABSENT)),
        "no answer": told(given, replace(observe(given), preflight=NO_ANSWER)),
        "edited": told(given, replace(observe(given), preflight=found(edited))),
        "no-go": refused(Verdict.NO_GO),
        "inconclusive": refused(Verdict.INCONCLUSIVE),
        "go": refused(Verdict.GO),
        "go, in the same instant": refused(Verdict.GO, timedelta(0)),
        "expired": refused(Verdict.GO, timedelta(hours=24)),
        "from the future": refused(Verdict.GO, timedelta(seconds=-1)),
        "of other settings": refused(Verdict.GO, of=settings()),
        "none, for scope registry": told(settings(scope="registry"), replace(observe(given), preflight=ABSENT)),
    } == snapshot


def test_quota(snapshot: SnapshotAssertion) -> None:
    unset = settings(regions=regions({index: {"vcpu_quota": None} for index in range(3)}))

    def asked(ours: int | None = None, **region: object) -> list[str]:
        given = settings(regions=regions({0: region}))
        return seen(given, node_pool_vcpu=ABSENT if ours is None else found(ours))

    assert {
        "too small": asked(vcpu_quota=287),
        "just enough": asked(vcpu_quota=288),
        "nothing counted yet": asked(ours=32, vcpu_in_use=0, vcpu_quota=79),
        "no quota set": [one.problem for one in quota.check(unset, plan_of_event(unset), observe(unset))],
        "others grow": asked(vcpu_quota=300, vcpu_planned_elsewhere=13),
        "ours is counted once": asked(ours=32, vcpu_quota=256),
        "ours counts no more than what is in use": asked(ours=500, vcpu_quota=79),
    } == snapshot


def test_image(snapshot: SnapshotAssertion) -> None:
    given, held = settings(), settings(window={**WINDOW, "overrides": ["fewer-users"]})
    busy = found({"coder-ws-all": 2, NODE_POOL: 1})

    def everywhere(region: Region, here: RegionObservations) -> RegionObservations:
        return replace(here, running_workspaces=NO_ANSWER if region.name == "us-west-2" else busy)

    nameless, plan = settings(account=None), plan_of_event(given)
    nowhere = observe(given, in_region("us-west-2", image_digest=ABSENT))
    assert {
        "another digest": seen(given, image_digest=found(OTHER_DIGEST)),
        "none there": seen(given, image_digest=ABSENT),
        "none there, and no account is set": [shown(one) for one in image_parity.check(nameless, plan, nowhere)],
        "no answer": seen(given, image_digest=NO_ANSWER),
        "another digest, for scope registry": seen(settings(scope="registry"), image_digest=found(OTHER_DIGEST)),
        "changed while workspaces run": seen(given, running_workspaces=busy),
        "changed while workspaces run and one region does not answer": told(given, observe(given, everywhere)),
        "changed while nothing is known": seen(given, running_workspaces=NO_ANSWER),
        "changed in the window": told(held),
        "changed after the window": told(held, plan=make_plan(held, phase=Phase.AFTER)),
        "changed for scope registry": seen(settings(scope="registry"), running_workspaces=busy),
    } == snapshot


def test_patch_targets(snapshot: SnapshotAssertion) -> None:
    given = settings()
    there = observe(given).regions["us-east-2"].deployments

    def answered(**answers: object) -> list[str]:
        keys = {"server": "coder/coder", "litellm": "litellm/litellm", "demo": "coder-ws-demo/coder-provisioner"}
        return seen(given, deployments={**there, **{keys[name]: answer for name, answer in answers.items()}})

    assert {
        "another container": answered(server=target("coder-server", "sidecar")),
        "no container": answered(server=target()),
        "others there": answered(litellm=KNOWN),
        "nothing there": answered(litellm=ABSENT),
        "one does not answer": answered(demo=NO_ANSWER),
        "two do not answer": answered(demo=NO_ANSWER, server=NO_ANSWER),
        "not looked at": seen(given, deployments={}),
        "not looked at, for scope registry": seen(settings(scope="registry"), deployments={}),
    } == snapshot


def test_rotation_targets(snapshot: SnapshotAssertion) -> None:
    given = settings(window={**WINDOW, "overrides": ["image-change"]})
    there = dict(observe(given).regions["us-east-2"].cron_jobs)

    def answered(answer: object, phase: Phase = Phase.RUNNING) -> list[str]:
        here = in_region("us-east-2", cron_jobs={**there, "coder-ws-demo/rotate-key": answer})
        return told(given, observe(given, here), make_plan(given, phase=phase))

    assert {
        "others there": answered(KNOWN),
        "nothing there": answered(ABSENT),
        "no answer": answered(NO_ANSWER),
        "nothing there before the window": answered(ABSENT, Phase.BEFORE),
        "not looked at": seen(given, cron_jobs={}),
    } == snapshot


def test_adoption(snapshot: SnapshotAssertion) -> None:
    given, adopt = settings(), structure("adopt")
    some = {name: id for name, id in adopt.items() if not name.endswith(("base-ws", "preview"))}
    theirs = existing({}, "argocd")

    def beside_an_address(type: str) -> list[str]:
        text = records("- {host: a.coderdemo.io, target: 198.41.128.7}") + "destinations: [198.41.128.0/24]\n"
        there = found((record("a.coderdemo.io", type, zone="coderdemo.io"),))
        zone_ids = {zone: found(given.zone_id(zone) or "") for zone in ("coder.com", "coderdemo.io")}
        plan = make_plan(given, reviewed(text))
        return told(given, replace(observe(given), records=there, zone_ids=zone_ids), plan)

    def adopting(name: str, id: str, scope: str = "all") -> Settings:
        return settings(adopt={**adopt, name: id}, scope=scope)

    assert {
        "a repository of somebody else": told(settings(adopt=some), observe(given)),
        "a node class and a pool of somebody else": seen(given, node_class=theirs, node_pool=existing({}, "")),
        "a node class and a pool of ours": seen(given, node_class=existing({}), node_pool=existing({})),
        "adopted, and not found": seen(given, "eu-west-2", repositories=found(dict[str, bool]())),
        "adopted, and not this stack's": told(adopting("us-east-2-base", "base-ws")),
        "adopted by another id": seen(
            adopting("us-east-2-base-ws", "base"), repositories=found(dict.fromkeys(given.repositories, False))
        ),
        "replication needs none": told(adopting("us-east-2-replication", "x")),
        "not this stack's, for scope registry": told(adopting("us-east-2-base", "base-ws", "registry")),
        "no answer": seen(
            given, repositories=NO_ANSWER, node_class=NO_ANSWER, node_pool=replace(NO_ANSWER, reason="no")
        ),
        "no answer about records": told(given, replace(observe(given), records=NO_ANSWER)),
        "a record of somebody else": with_records(given, record("ai.coder.com", "A")),
        "a record of another scope": with_records(given, record("ai.coder.com", comment=f"{MARK}/dns")),
        "a record of ours": with_records(given, record("ai.coder.com", comment=f"for us ({MARK})")),
        "a record that is adopted": with_records(adopting("us-east-2-host", f"{MINE}/r1"), record("ai.coder.com")),
        "another record is adopted": with_records(adopting("us-east-2-host", f"{MINE}/r2"), record("ai.coder.com")),
        "one of two is adopted": with_records(
            adopting("us-east-2-wildcard", f"{MINE}/r2"),
            record("*.ai.coder.com", "A"),
            record("*.ai.coder.com", "AAAA", id="r2"),
        ),
        "records that do not stand in the way": with_records(given, record("ai.coder.com", "TXT"), record("x.org")),
        "a CNAME beside an address": beside_an_address("CNAME"),
        "another kind of address beside an address": beside_an_address("AAAA"),
        "repositories, for scope dns": seen(settings(scope="dns"), repositories=NO_ANSWER, node_class=NO_ANSWER),
    } == snapshot


def test_replication(snapshot: SnapshotAssertion) -> None:
    given = settings()
    there = ReplicationDestination(region="eu-central-1", registry_id="210987654321")
    rule = ReplicationRule(destinations=(there, there.model_copy(update={"region": "eu-west-1"})), prefixes=("a", "b"))
    everything = ReplicationRule(destinations=(there,))
    keeping = settings(replication_rules_of_others=[rule.model_dump()])

    assert {
        "of others": seen(given, replication_rules=found((rule, everything))),
        "of others, of which one is kept": seen(keeping, replication_rules=found((rule, everything))),
        "no answer": seen(given, replication_rules=NO_ANSWER),
        "none there": seen(given, replication_rules=ABSENT),
        "not asked for": seen(given, replication_rules=RegionObservations.replication_rules),
        "no answer, for scope dns": seen(settings(scope="dns"), replication_rules=NO_ANSWER),
    } == snapshot
