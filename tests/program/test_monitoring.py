"""Rules, targets and the exporter's rights, where the settings ask for them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, cast

import yaml

from tests.components.recorded import run
from tests.model.given import ROOT, found, observe, settings
from tests.model.test_rotation import WINDOW
from tests.program.declaring import REGIONS, Declared, declared
from workshop.model.exporter import ExportRequest
from workshop.model.plan.plan import make_plan
from workshop.model.window.phases import Phase
from workshop.program.providers import make_providers
from workshop.program.stack import declare_stack

ON = {"labels": {"release": "prometheus"}}
HOME = REGIONS[0]


def with_operator(phase: Phase) -> Declared:
    given = settings(window=WINDOW, monitoring=ON)
    seen: Any = found(True)
    observations = observe(given, lambda _, here: replace(here, prometheus_operator=seen))

    def program() -> None:
        declare_stack(given, make_plan(given, (), phase), observations, make_providers(given))

    return Declared(run(program))


def kinds(stack: Declared, component: str, region: str) -> list[str]:
    return [one.type.rpartition(":")[2] for one in stack.within(stack.component(component, region))]


def test_without_the_setting_nothing_is_there() -> None:
    names = (":AlertRules", ":Scraping", ":Exporter", ":ExporterRights", ":ExporterRole")
    assert not [one.name for one in declared(Phase.RUNNING).components if one.type.endswith(names)]


def test_without_the_operator_there_are_services_and_no_object_of_its_kinds() -> None:
    stack = declared(Phase.RUNNING, monitoring=ON)
    assert kinds(stack, "Scraping", HOME) == ["Service"]
    assert kinds(stack, "Scraping", REGIONS[1]) == []
    assert not [one for one in stack.components if one.type.endswith(":AlertRules")]


def test_rules_are_where_the_control_plane_is_and_the_same_in_every_phase() -> None:
    before, running = with_operator(Phase.BEFORE), with_operator(Phase.RUNNING)
    (rules,) = running.within(running.component("AlertRules", HOME))
    assert rules.inputs["metadata"]["labels"]["release"] == "prometheus"
    assert [group["name"] for group in rules.inputs["spec"]["groups"]][:2] == [
        "workshop-storage",
        "workshop-workspaces",
    ]
    assert before.within(before.component("AlertRules", HOME))[0].inputs == rules.inputs
    assert kinds(running, "Scraping", HOME) == ["Service", "ServiceMonitor", "ServiceMonitor"]
    assert kinds(running, "Scraping", REGIONS[1]) == ["ServiceMonitor"]


def test_dashboards_are_provisioned_where_grafana_looks() -> None:
    stack = declared(Phase.RUNNING, monitoring=ON)
    found = stack.within(stack.component("Dashboards", HOME))
    assert [one.inputs["metadata"]["name"] for one in found] == [
        f"ai-coder-workshop-dashboard-{name}" for name in ("day", "capacity", "months")
    ]
    assert {one.inputs["metadata"]["labels"]["grafana_dashboard"] for one in found} == {"1"}
    assert all(
        json.loads(text)["uid"] == uid.removesuffix(".json")
        for one in found
        for uid, text in one.inputs["data"].items()
    )


def test_each_cluster_has_an_exporter_that_watches_it_and_reads_only() -> None:
    stack = declared(Phase.RUNNING, monitoring=ON)
    for region in REGIONS:
        exporter = stack.component("Exporter", region).inputs
        watch = ExportRequest.model_validate_json(exporter["request"]).watch
        assert watch is not None
        assert watch.region == region
        assert exporter["readers"] == ["monitoring"]
        assert ("litellm" in exporter and bool(exporter["litellm"])) == (region == HOME)
        rights = stack.within(stack.component("ExporterRights", region))
        verbs = {
            verb
            for one in rights
            for rule in cast("list[dict[str, Any]]", one.inputs.get("rules", []))
            for verb in rule["verbs"]
        }
        assert verbs == {"get", "list"}
    assert [one.name for one in stack.recorded.of_type("workshop:components:ExporterRole")] == [HOME]


def test_with_autoscaling_there_is_one_exporter_for_both() -> None:
    stack = declared(Phase.RUNNING, monitoring=ON, autoscaling={"enabled": True})
    exporters = stack.recorded.of_type("workshop:components:Exporter")
    assert [one.name for one in exporters] == list(REGIONS)
    assert exporters[0].inputs["readers"] == ["keda", "monitoring"]


def test_the_exporters_rights_are_those_that_suffice_for_preflight() -> None:
    """tests/clusters/test_preflight_rights.py tries these. Identity, KEDA and admission are not watched."""
    text = (ROOT / "docs" / "preflight.md").read_text("utf-8")
    (block,) = re.findall(r"\n\n((?:    .*\n)*    kind: ClusterRole\n(?:    .*\n)*)", text)
    named = {
        (group, resource, verb)
        for role in yaml.safe_load_all(re.sub("^    ", "", block, flags=re.MULTILINE))
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    stack = declared(Phase.RUNNING, monitoring=ON)
    given = {
        (group, resource, verb)
        for one in stack.within(stack.component("ExporterRights", HOME))
        for rule in cast("list[dict[str, Any]]", one.inputs.get("rules", []))
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
    others = ("admissionregistration.k8s.io", "keda.sh")
    assert given == {one for one in named if one[1] != "namespaces" and one[0] not in others}
