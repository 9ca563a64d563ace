"""A pack's process builds properties when a policy looks at them, and policies can't tell."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import json_format
from pulumi_policy import policy
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

from workshop.sandbox.engine.policies.process import Deferred, answer_in_order, defer_properties
from workshop.sandbox.engine.values import to_struct
from workshop.sandbox.providers.provider import UNKNOWN

SERVER: Any = policy
INPUTS = {"name": "coder", "tags": {"owner": "us"}, "ports": [80, 443], "ip": UNKNOWN}


@pytest.fixture(autouse=True)
def deferring(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in (
        (json_format, "MessageToDict"),
        (policy, "deserialize_properties"),
        (policy, "unknown_checking_proxy"),
    ):
        monkeypatch.setattr(owner, name, getattr(owner, name))  # to be put back afterwards
    defer_properties()


def properties(inputs: dict[str, Any] = INPUTS) -> Any:  # noqa: ANN401  what policies get
    """As pulumi_policy makes them for each policy."""
    return SERVER.unknown_checking_proxy(SERVER.deserialize_properties(json_format.MessageToDict(to_struct(inputs))))


def test_properties_are_what_they_would_be() -> None:
    found = properties()
    assert (found["name"], found["tags"]["owner"], list(found["ports"])) == ("coder", "us", [80.0, 443.0])
    assert set(found) == INPUTS.keys()
    assert len(found) == 4
    assert found.get("absent") is None


def test_an_unknown_raises_with_its_path() -> None:
    with pytest.raises(UnknownValueError) as raised:
        _ = properties({"spec": {"ip": UNKNOWN}})["spec"]["ip"]
    assert (raised.value.unknown_type_sentinel, raised.value.props) == (UNKNOWN_STRING_VALUE, ["spec", "ip"])


def test_nothing_is_built_before_a_policy_looks() -> None:
    built: list[str] = []

    def build() -> object:
        built.append("built")
        return unknown_checking_proxy({"name": "coder"})

    found = Deferred(build)
    assert not built
    assert (found["name"], found["name"], built) == ("coder", "coder", ["built"])


def test_what_one_policy_changes_no_other_sees() -> None:
    first = properties()
    first["name"] = "changed"
    first["tags"]["owner"] = "them"
    assert properties()["name"] == "coder"
    assert properties()["tags"]["owner"] == "us"


def test_remediations_get_theirs_at_once() -> None:
    found = SERVER.deserialize_properties(json_format.MessageToDict(to_struct(INPUTS)), True)
    assert found["name"] == "coder"


def test_other_messages_are_converted_as_ever() -> None:
    number = to_struct({"five": 5})
    assert json_format.MessageToDict(number.fields["five"]) == 5.0
    assert json_format.MessageToDict(number, preserving_proto_field_name=True) == {"five": 5.0}


def test_questions_are_answered_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "futures", SERVER.futures)
    answer_in_order()
    threads = SERVER.futures.ThreadPoolExecutor(max_workers=4)
    assert threads._max_workers == 1
