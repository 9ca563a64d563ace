"""workspace-bounds: while an event's window is open, no cluster takes a workspace that is larger than planned."""

from __future__ import annotations

from dataclasses import replace

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.workspace_bounds import WORKSPACE_BOUNDS
from tests.policies.event_parts import bounds_everywhere
from tests.policies.expecting import empty, exemption, in_phase, missing, refused, unknown, with_event, wrong_type
from workshop.model.window.phases import Phase

FIRST, *OTHERS = bounds_everywhere()
MATCHED = "spec.matchConstraints"
SELECTOR = f"{MATCHED}.namespaceSelector"
NAMESPACES = "coder-ws, coder-ws-demo, coder-ws-experiment"


def heard(*declared: Resource, phase: Phase = Phase.RUNNING) -> list[str]:
    return judge(WORKSPACE_BOUNDS, *declared, stack=lambda: with_event(phase))


def changed(path: str, value: object) -> list[str]:
    """What is said where Ohio's policy has another value here."""
    return heard(FIRST.with_input(path, value), *OTHERS)


def chosen(key: str, *values: str) -> dict[str, object]:
    return {"matchExpressions": [{"key": key, "operator": "In", "values": [*values]}]}


def absent(region: str) -> str:
    return refused(
        WORKSPACE_BOUNDS,
        f"nothing bounds workspaces in the cluster of {region}",
        "declare the component WorkspaceBounds on the provider of that cluster",
    )


@pytest.mark.parametrize("phase", [Phase.PREPARATION, Phase.RUNNING, Phase.COOL_DOWN])
def test_pass_with_what_the_component_declares_in_every_cluster(phase: Phase) -> None:
    assert heard(FIRST, *OTHERS, phase=phase) == []
    assert heard(phase=phase) == [absent("us-east-2"), absent("us-west-2"), absent("eu-west-2")]


def test_pass_outside_the_window_and_without_an_event() -> None:
    assert heard(phase=Phase.BEFORE) == heard(phase=Phase.AFTER) == []
    assert judge(WORKSPACE_BOUNDS, stack=lambda: in_phase(Phase.RUNNING)) == []
    assert judge(WORKSPACE_BOUNDS, FIRST) == []


def test_pass_where_it_is_tighter_or_judges_every_namespace() -> None:
    assert changed("spec.variables.3.expression", "2.0") == []
    assert heard(FIRST.without_input(SELECTOR), *OTHERS) == []
    assert changed(f"{MATCHED}.resourceRules.0.operations", ["*"]) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spec.validationActions", ["Warn"]),
        ("spec.policyName", "another"),
        ("spec.matchResources", {"objectSelector": {"matchLabels": {"a": "b"}}}),
    ],
)
def test_fail_on_a_binding_that_does_not_refuse_for_all(path: str, value: object) -> None:
    assert heard(FIRST, OTHERS[0].with_input(path, value), *OTHERS[1:]) == [absent("us-east-2")]


def test_fail_on_a_policy_of_another_cluster() -> None:
    assert heard(replace(FIRST, provider=OTHERS[1].provider), *OTHERS) == [absent("us-east-2")]


@pytest.mark.parametrize(
    ("path", "value", "problem", "fix"),
    [
        ("spec.failurePolicy", "Ignore", "spec.failurePolicy is 'Ignore', must be Fail", "set it to Fail"),
        (
            "spec.matchConditions.1.name",
            "not-on-mondays",
            "its conditions not-on-mondays let pods pass",
            "remove them",
        ),
        (
            "spec.variables.3.expression",
            "8.0",
            "most_cpu is '8.0', must be 4.0 at most",
            "set the variable most_cpu to 4.0",
        ),
        (
            "spec.variables.4.expression",
            "2.0 * 8589934592.0",
            "most_memory is '2.0 * 8589934592.0', must be 8589934592.0 at most",
            "set the variable most_memory to 8589934592.0",
        ),
        (
            "spec.variables.5.name",
            "another",
            "most_ephemeral_storage is '', must be 21474836480.0 at most",
            "set the variable most_ephemeral_storage to 21474836480.0",
        ),
        ("spec.validations.1.expression", "true", "most_cpu bounds nothing", "compare what pods ask for with it"),
        *(
            (
                f"{MATCHED}.resourceRules.0.{name}",
                value,
                "it does not judge creation and update of pods and pods/resize",
                "name both operations and both resources in matchConstraints.resourceRules",
            )
            for name, value in (("operations", ["CREATE"]), ("resources", ["pods"]))
        ),
        *(
            (
                SELECTOR,
                value,
                f"it does not judge pods of all of {NAMESPACES}",
                "name all of them in matchConstraints.namespaceSelector, and nothing else",
            )
            for value in (
                {
                    "matchExpressions": [
                        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["coder-ws"]}
                    ]
                },
                {"matchExpressions": [{"key": "team", "operator": "In", "values": NAMESPACES.split(", ")}]},
                {**FIRST.inputs["spec"]["matchConstraints"]["namespaceSelector"], "matchLabels": {"a": "b"}},
            )
        ),
        (
            f"{MATCHED}.objectSelector",
            {"matchLabels": {"a": "b"}},
            f"{MATCHED}.objectSelector leaves pods out",
            "remove it",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("spec.") else "",
)
def test_fail_on_a_policy_that_lets_pods_pass(path: str, value: object, problem: str, fix: str) -> None:
    assert changed(path, value) == [refused(WORKSPACE_BOUNDS, problem, fix)]


VARIABLE = "spec.variables[3].expression"


def test_boundary_of_the_largest_shape() -> None:
    largest = FIRST.inputs["spec"]["variables"][3]["expression"]
    assert changed("spec.variables.3.expression", largest) == []
    assert changed("spec.variables.3.expression", f"{float(largest) + 1}") != []


def test_unknown_amount() -> None:
    assert changed("spec.variables.3.expression", UNKNOWN) == [unknown(WORKSPACE_BOUNDS, VARIABLE)]


def test_wrong_type_of_an_amount() -> None:
    assert changed("spec.variables.3.expression", 4) == [wrong_type(WORKSPACE_BOUNDS, VARIABLE, "the number 4", "text")]


def test_empty_validations() -> None:
    assert changed("spec.validations", []) == [empty(WORKSPACE_BOUNDS, "spec.validations")]


def test_missing_constraints() -> None:
    assert heard(FIRST.without_input("spec.matchConstraints"), *OTHERS) == [
        missing(WORKSPACE_BOUNDS, "spec.matchConstraints")
    ]


def test_exempt() -> None:
    wide = FIRST.with_input("spec.variables.3.expression", "999.0")
    exemptions = [exemption(WORKSPACE_BOUNDS, wide)]
    assert judge(WORKSPACE_BOUNDS, wide, *OTHERS, stack=lambda: with_event(Phase.RUNNING), exemptions=exemptions) == []
