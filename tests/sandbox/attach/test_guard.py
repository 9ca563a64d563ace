"""Attacks on the stand-ins' ports, which Pulumi's protocol leaves without credentials."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from tests.sandbox.doors.other_user import as_other_user
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox.attach.serve import serve
from workshop.sandbox.engine.values import to_struct
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.packages import PACKAGES
from workshop.sandbox.providers.provider import Properties, Provider
from workshop.sandbox.seed.systems import platform_settings, seed_clusters, write_kubeconfig
from workshop.sandbox.servers.peers import Peers

SECRET = "hush"
URN = "urn:pulumi:sandbox::workshop::pulumi:providers:kubernetes::k"

READ = "urn:pulumi:sandbox::workshop::kubernetes:core/v1:Secret::s"


@pytest.fixture
def paths(tmp_path: Path) -> Generator[SandboxPaths]:
    """Seeded clusters; no server is needed."""
    paths = sandbox_paths(tmp_path / "data")
    seed_clusters(paths, platform_settings(paths))
    write_kubeconfig(paths)
    with environment_of(paths):
        yield paths


def refusal(port: int, properties: Properties) -> tuple[grpc.StatusCode, str]:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub: Any = ResourceProviderStub(channel)
        inputs = provider_pb2.ConfigureRequest(urn=URN, args=to_struct(properties))
        with pytest.raises(grpc.RpcError) as refused:  # noqa: PT012 -- a stand-in may look at them when it is asked
            stub.Configure(inputs)
            stub.Read(provider_pb2.ReadRequest(urn=READ, id="a/b"))
    call: Any = refused.value
    return call.code(), call.details()


@pytest.fixture
def ports(paths: SandboxPaths) -> Iterator[dict[str, int]]:
    with serve(PACKAGES) as ports:
        yield dict(ports)


@pytest.mark.parametrize(
    "content", [SECRET, f"{SECRET}: [", f"a: 1\n{SECRET}\n: {{", f"contexts: [{{name: {SECRET}}}]", f"!!{SECRET} x"]
)
def test_no_error_has_what_is_in_a_file(
    paths: SandboxPaths, ports: dict[str, int], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "of-another-purpose"
    file.write_text(content)
    code, text = refusal(ports["kubernetes"], {"kubeconfig": str(file), "context": "x"})
    assert code is grpc.StatusCode.FAILED_PRECONDITION
    assert text == f"the Kubernetes provider's kubeconfig is not the sandbox's: it has to be {paths.kubeconfig}"


def test_a_failure_that_nobody_foresaw_is_told_by_its_type_only(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(_configuration: Properties) -> Provider:
        raise ValueError(f"what is in the file: {SECRET}")

    with serve({"toy": fail}) as ports:
        assert refusal(ports["toy"], {}) == (grpc.StatusCode.INTERNAL, "the stand-in failed: ValueError")
    assert SECRET in capfd.readouterr().err  # whoever attached may know


def test_only_the_sandboxs_endpoints_are_carried_to(paths: SandboxPaths, ports: dict[str, int]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{ports['aws']}") as channel:
        stub: Any = ResourceProviderStub(channel)
        inputs = to_struct({"endpoints": json.dumps([{"sts": "http://127.0.0.1:1"}])})
        stub.Configure(provider_pb2.ConfigureRequest(urn=URN, args=inputs))
        with pytest.raises(grpc.RpcError) as refused:
            stub.Invoke(provider_pb2.InvokeRequest(tok="aws:index/getCallerIdentity:getCallerIdentity"))
    call: Any = refused.value
    assert "is not this sandbox's" in call.details()


def test_a_peer_that_is_not_ours_is_refused_whatever_it_calls(
    ports: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody(_self: object, _peer: object) -> bool:
        return False

    monkeypatch.setattr(Peers, "is_own", nobody)
    for port in ports.values():
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = ResourceProviderStub(channel)
            for name in ("Handshake", "Configure", "Check", "Diff", "Create", "Read", "Update", "Delete", "Invoke"):
                request: Any = getattr(provider_pb2, f"{'ProviderHandshake' if name == 'Handshake' else name}Request")()
                with pytest.raises(grpc.RpcError) as refused:
                    getattr(stub, name)(request)
                call: Any = refused.value
                assert call.code() is grpc.StatusCode.PERMISSION_DENIED


_IMPORTS = """
import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub
"""
_CALL = """
channel = grpc.insecure_channel("127.0.0.1:" + sys.argv[1])
stub = ResourceProviderStub(channel)
try:
    stub.Configure(provider_pb2.ConfigureRequest(urn=sys.argv[2], args=json_format.ParseDict({"kubeconfig": sys.argv[3],
        "context": "coder-ohio"}, struct_pb2.Struct())))
    print("let in")
except grpc.RpcError as refused:
    print(refused.code().name, refused.details())
channel.close()
"""


@pytest.mark.root
def test_another_user_is_refused(paths: SandboxPaths, ports: dict[str, int]) -> None:
    told = as_other_user(_CALL, str(ports["kubernetes"]), URN, str(paths.kubeconfig), imports=_IMPORTS)
    assert told == "PERMISSION_DENIED this stand-in serves the user who started it"
