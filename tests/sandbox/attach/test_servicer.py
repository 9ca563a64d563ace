"""The protocol, spoken by a client as the CLI speaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import plugin_pb2, provider_pb2, status_pb2
from pulumi.runtime.proto.provider_pb2 import PropertyDiff
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from tests.sandbox.attach.toys import ToyBox
from workshop.sandbox.attach.differences import diff_response
from workshop.sandbox.attach.serve import serve
from workshop.sandbox.engine.values import UNKNOWN_TEXT, from_struct, to_struct
from workshop.sandbox.providers.provider import Diff

PROVIDER_URN = "urn:pulumi:sandbox::workshop::pulumi:providers:toy::box"
TOY_URN = "urn:pulumi:sandbox::workshop::toy:index:Toy::bear"

Stub = Any
"""A ResourceProviderStub: the SDK's type stubs for it name modules that don't exist, so nothing can be inferred."""

Connect = Callable[[str], Stub]


@pytest.fixture
def box() -> ToyBox:
    return ToyBox()


@pytest.fixture
def unconfigured(box: ToyBox) -> Iterator[Callable[[], Stub]]:
    """Opens a connection of its own for each provider resource, as the CLI does."""
    channels: list[grpc.Channel] = []
    with serve({"toy": box.factory}) as ports:

        def connect() -> Stub:
            options = [("grpc.use_local_subchannel_pool", 1)]
            channels.append(grpc.insecure_channel(f"127.0.0.1:{ports['toy']}", options=options))
            return ResourceProviderStub(channels[-1])

        yield connect
        for channel in channels:
            channel.close()


@pytest.fixture
def connect(unconfigured: Callable[[], Stub]) -> Connect:
    def connect(ceiling: str) -> Stub:
        stub = unconfigured()
        stub.Handshake(provider_pb2.ProviderHandshakeRequest())
        stub.Attach(plugin_pb2.PluginAttach(address="127.0.0.1:1"))
        stub.Configure(provider_pb2.ConfigureRequest(urn=PROVIDER_URN, args=to_struct({"ceiling": ceiling})))
        return stub

    return connect


def created(stub: Stub, **inputs: object) -> provider_pb2.CreateResponse:
    return stub.Create(provider_pb2.CreateRequest(urn=TOY_URN, properties=to_struct(inputs)))


def told(refusal: grpc.RpcError) -> str:
    assert isinstance(refusal, grpc.Call)
    assert refusal.code() is grpc.StatusCode.FAILED_PRECONDITION
    return refusal.details() or ""


def values(struct: Struct) -> dict[str, object]:
    return from_struct(struct, "the answer")


def test_declines_secrets_so_that_values_arrive_plain(connect: Connect) -> None:
    answer = connect("high").Handshake(provider_pb2.ProviderHandshakeRequest())
    assert not answer.accept_secrets
    assert not answer.accept_resources
    assert not answer.accept_outputs


def test_each_connection_has_the_stand_in_it_configured(connect: Connect) -> None:
    high, low = connect("high"), connect("low")
    assert values(created(high, name="bear", size=1).properties)["ceiling"] == "high"
    assert values(created(low, name="duck", size=1).properties)["ceiling"] == "low"
    assert values(created(high, name="frog", size=1).properties)["ceiling"] == "high"


def test_whole_numbers_stay_whole(connect: Connect, box: ToyBox) -> None:
    created(connect("high"), name="bear", size=3)
    assert box.toys["bear"]["size"] == 3
    assert isinstance(box.toys["bear"]["size"], int)


def test_a_preview_answers_unknowns_and_creates_nothing(connect: Connect, box: ToyBox) -> None:
    inputs = to_struct({"name": "bear", "size": 1})
    answer = connect("high").Create(provider_pb2.CreateRequest(urn=TOY_URN, properties=inputs, preview=True))
    assert answer.id == ""
    assert answer.properties["serial"] == UNKNOWN_TEXT
    assert box.toys == {}


def test_check_answers_failures_by_property(connect: Connect) -> None:
    news = to_struct({"name": "bear", "size": 0})
    answer = connect("high").Check(provider_pb2.CheckRequest(urn=TOY_URN, news=news))
    assert [(each.property, each.reason) for each in answer.failures] == [("size", "size is 0, must be 1 or more")]


def test_check_takes_empty_old_inputs_for_none(connect: Connect) -> None:
    request = provider_pb2.CheckRequest(
        urn=TOY_URN, olds=Struct(), news=to_struct({"name": "bear", "size": 1}), randomSeed=b"\x01\x02\x03\x04"
    )
    assert values(connect("high").Check(request).inputs)["label"] == "label-0102030"


@pytest.mark.parametrize(
    ("new", "changes", "diffs", "replaces"),
    [
        ({"name": "bear", "size": 1}, provider_pb2.DiffResponse.DIFF_NONE, [], []),
        ({"name": "bear", "size": 2}, provider_pb2.DiffResponse.DIFF_SOME, ["size"], []),
        ({"name": "lion", "size": 1}, provider_pb2.DiffResponse.DIFF_SOME, ["name"], ["name"]),
    ],
)
def test_diff_compares_inputs_with_old_inputs(
    connect: Connect, new: dict[str, object], changes: int, diffs: list[str], replaces: list[str]
) -> None:
    request = provider_pb2.DiffRequest(
        urn=TOY_URN,
        id="bear",
        old_inputs=to_struct({"name": "bear", "size": 1}),
        olds=to_struct({"name": "bear", "size": 7, "serial": "x"}),
        news=to_struct(new),
    )
    answer = connect("high").Diff(request)
    assert (answer.changes, list(answer.diffs), list(answer.replaces)) == (changes, diffs, replaces)


def test_update_read_and_delete_reach_the_same_object(connect: Connect, box: ToyBox) -> None:
    stub = connect("high")
    outputs = created(stub, name="bear", size=1, label="l").properties
    news = to_struct({"name": "bear", "size": 2, "label": "l"})
    updated = stub.Update(provider_pb2.UpdateRequest(urn=TOY_URN, id="bear", olds=outputs, news=news))
    assert values(updated.properties)["size"] == 2
    read = stub.Read(provider_pb2.ReadRequest(urn=TOY_URN, id="bear", properties=outputs))
    assert (read.id, values(read.inputs)) == ("bear", {"name": "bear", "size": 2, "label": "l"})
    stub.Delete(provider_pb2.DeleteRequest(urn=TOY_URN, id="bear", properties=outputs))
    assert box.toys == {}
    assert stub.Read(provider_pb2.ReadRequest(urn=TOY_URN, id="bear", properties=outputs)).id == ""


def test_timeouts_arrive(connect: Connect, box: ToyBox) -> None:
    stub, bear = connect("high"), to_struct({"name": "bear", "size": 1, "label": "l"})
    stub.Create(provider_pb2.CreateRequest(urn=TOY_URN, properties=bear, timeout=90))
    stub.Update(provider_pb2.UpdateRequest(urn=TOY_URN, id="bear", olds=bear, news=bear, timeout=30))
    stub.Delete(provider_pb2.DeleteRequest(urn=TOY_URN, id="bear", properties=bear, timeout=5))
    assert box.timeouts == [90, 30, 5]


def test_a_function_answers_or_fails_with_its_own_words(connect: Connect) -> None:
    stub = connect("high")
    created(stub, name="bear", size=4)
    answer = stub.Invoke(provider_pb2.InvokeRequest(tok="toy:index:getToy", args=to_struct({"name": "bear"})))
    assert values(getattr(answer, "return")) == {"size": 4, "ceiling": "high"}
    with pytest.raises(grpc.RpcError) as refusal:
        stub.Invoke(provider_pb2.InvokeRequest(tok="toy:index:getToy", args=to_struct({"name": "lion"})))
    assert told(refusal.value) == "toy lion does not exist"


def test_a_refused_create_is_told_as_one_that_changed_nothing(connect: Connect) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        created(connect("high"), name="forbidden", size=1)
    assert told(refusal.value) == "toy forbidden: the box refuses it"


def test_what_is_there_but_does_not_work_is_told_with_its_state(connect: Connect) -> None:
    with pytest.raises(grpc.RpcError) as failure:
        created(connect("high"), name="broken", size=1)

    call: Any = failure.value
    details = dict(call.trailing_metadata())
    status = status_pb2.Status.FromString(details["grpc-status-details-bin"])
    made = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(made)
    assert (made.id, list(made.reasons)) == ("broken", ["toy broken: its spring is loose"])
    assert from_struct(made.properties, TOY_URN)["serial"] == "serial-of-broken"


def test_a_configuration_that_the_stand_in_refuses_is_told(connect: Connect) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        connect("none")
    assert "ceiling is none" in told(refusal.value)


@pytest.mark.parametrize("stack", ["workshop", "production", "sandboxed", "", "dev::sandbox"])
def test_any_stack_but_the_sandboxs_is_refused(
    unconfigured: Callable[[], Stub], connect: Connect, box: ToyBox, stack: str
) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        unconfigured().Configure(provider_pb2.ConfigureRequest(urn=PROVIDER_URN.replace("sandbox", stack, 1)))
    assert "not a sandbox stack" in told(refusal.value)
    with pytest.raises(grpc.RpcError) as refusal:
        connect("high").Create(
            provider_pb2.CreateRequest(
                urn=TOY_URN.replace("sandbox", stack, 1), properties=to_struct({"name": "bear", "size": 1})
            )
        )
    assert "not a sandbox stack" in told(refusal.value)
    assert box.toys == {}


def test_a_stack_named_after_the_sandbox_is_served(unconfigured: Callable[[], Stub]) -> None:
    unconfigured().Configure(
        provider_pb2.ConfigureRequest(urn=PROVIDER_URN.replace("sandbox", "sandbox-trial"), args=Struct())
    )


def test_a_connection_that_was_never_configured_is_refused(unconfigured: Callable[[], Stub]) -> None:
    with pytest.raises(grpc.RpcError) as refusal:
        unconfigured().Invoke(provider_pb2.InvokeRequest(tok="toy:index:getToy"))
    assert "never configured" in told(refusal.value)


def test_cancel_is_answered(connect: Connect) -> None:
    connect("high").Cancel(Empty())


def test_every_path_that_differs_is_shown_with_its_kind() -> None:
    old = {"name": "bear", "legs": [{"length": 1}, {"length": 2}], "note": "hush"}
    new = {"name": "lion", "legs": [{"length": 1}, {"length": 3}], "size": 1}
    diff = Diff(changed=("legs[1].length", "name", "note", "size"), replaces=("name",))
    answer = diff_response(diff, old, new)
    kinds = {path: PropertyDiff.Kind.Name(each.kind) for path, each in answer.detailedDiff.items()}
    assert kinds == {"legs[1].length": "UPDATE", "name": "UPDATE_REPLACE", "note": "DELETE", "size": "ADD"}
    assert list(answer.diffs) == ["legs", "name", "note", "size"]
    assert list(answer.replaces) == ["name"]
