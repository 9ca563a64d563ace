"""Provisioners follow the queue where the settings say so: the exporter first, and no number of ours beside it."""

from __future__ import annotations

from tests.model.given import regions
from tests.program.declaring import REGIONS, declared
from workshop.model.exporter import ExportRequest, queue_url
from workshop.model.names import QUEUE_SCALER
from workshop.model.rotation import Floor, ResumeRequest
from workshop.model.window.phases import Phase

ON = {"enabled": True}


def test_without_the_setting_nothing_is_there() -> None:
    stack = declared(Phase.RUNNING)
    assert not [one.name for one in stack.components if one.type.endswith((":Exporter", ":QueueScaling"))]
    assert "coder" in stack.component("Provisioners", "us-east-2").inputs["replicas"]


def test_each_region_has_its_exporter_before_what_asks_it() -> None:
    stack = declared(Phase.RUNNING, autoscaling=ON)
    for region in REGIONS:
        scaling = stack.component("QueueScaling", region)
        assert stack.comes_before(stack.component("Exporter", region), scaling)
        assert scaling.inputs["url"] == queue_url(region)
        assert (scaling.inputs["floor"], scaling.inputs["ceiling"]) == (12, 20)


def test_the_default_organizations_number_is_declared_no_longer() -> None:
    stack = declared(Phase.RUNNING, autoscaling=ON)
    for region in REGIONS:
        provisioners = stack.component("Provisioners", region)
        assert set(provisioners.inputs["deployments"]) == set(provisioners.inputs["replicas"]) == {"experiment", "demo"}
        assert {one.inputs["metadata"]["namespace"] for one in stack.within(provisioners)} == {
            "coder-ws-experiment",
            "coder-ws-demo",
        }


def test_where_it_is_the_only_one_there_is_nothing_else_to_declare() -> None:
    only = [{"name": "coder", "namespace": "coder-ws", "is_default": True}]
    stack = declared(Phase.RUNNING, autoscaling=ON, organizations=only)
    assert stack.recorded.of_type("workshop:components:Provisioners") == []


def test_a_region_without_provisioners_has_none() -> None:
    stack = declared(Phase.RUNNING, autoscaling=ON, regions=regions({2: {"hosts_provisioners": False}}))
    assert [one.name for one in stack.recorded.of_type("workshop:components:QueueScaling")] == list(REGIONS[:2])
    assert [one.name for one in stack.recorded.of_type("workshop:components:Exporter")] == list(REGIONS[:2])


def test_coder_is_reached_inside_its_own_cluster_and_from_others_by_its_public_host() -> None:
    stack = declared(Phase.RUNNING, autoscaling=ON)
    exporters = [stack.component("Exporter", region).inputs for region in REGIONS]
    requests = [ExportRequest.model_validate_json(one["request"]) for one in exporters]
    assert [one.coder_url for one in requests] == [
        "http://coder.coder.svc.cluster.local",
        *["https://ai.coder.com"] * 2,
    ]
    assert [one["ports"] for one in exporters] == [[], [443], [443]]
    assert [one.get("coder_namespace") for one in exporters] == ["coder", None, None]
    assert requests[0].regions == REGIONS


def test_another_address_is_reached_on_its_own_port() -> None:
    for url, port in (("http://127.0.0.1:47800/coder", 47800), ("http://coder.example.com", 80)):
        stack = declared(Phase.RUNNING, autoscaling={**ON, "coder_url": url})
        exporter = stack.component("Exporter", "us-east-2").inputs
        assert (exporter["ports"], exporter.get("coder_namespace")) == ([port], None)
        assert ExportRequest.model_validate_json(exporter["request"]).coder_url == url


def test_the_token_has_to_live_until_the_window_closes() -> None:
    of_window, without = (
        ExportRequest.model_validate_json(
            declared(phase, autoscaling=ON).component("Exporter", REGIONS[0]).inputs["request"]
        )
        for phase in (Phase.RUNNING, None)
    )
    assert (of_window.until is not None, without.until) == (True, None)


def test_auto_resume_lowers_the_floor_when_nobody_runs_up_again() -> None:
    """In its own region's ScaledObject alone, to the baseline; where no provisioners run there is nothing to lower."""
    stack = declared(Phase.RUNNING, autoscaling=ON, regions=regions({2: {"hosts_provisioners": False}}))
    switches = [stack.component("RotationSwitch", region).inputs for region in REGIONS]
    floors = [ResumeRequest.model_validate_json(one["order"]).floor for one in switches]
    assert floors == [Floor(namespace="coder-ws", name=QUEUE_SCALER, replicas=6)] * 2 + [None]
    assert [one.get("scaled_object") for one in switches] == [["coder-ws", QUEUE_SCALER]] * 2 + [None]
    bound = [stack.component("RotationAdmission", region).inputs.get("scaled_objects") for region in REGIONS]
    assert bound == ["coder-ws", "coder-ws", None]


def test_after_the_window_up_itself_has_the_baseline() -> None:
    stack = declared(Phase.AFTER, autoscaling=ON)
    assert [stack.component("QueueScaling", region).inputs["floor"] for region in REGIONS] == [6, 6, 6]
