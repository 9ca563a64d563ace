"""The CrossGuard pack: its own process, asked over gRPC before and after resources change.

Stricter than the real engine in two things: a mandatory policy that can't judge because of an unknown
counts as violated, and so does a pack that crashes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from workshop.model.outcome import Violation
from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.engine.registration.goals import Goal
from workshop.sandbox.engine.registration.hooks import details_of
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import name_of
from workshop.sandbox.engine.values import to_struct
from workshop.sandbox.json_values import Json

_PROCESS: Final = str(Path(__file__).with_name("process.py"))
_START_SECONDS: Final = 60
_ANSWER_SECONDS: Final = 120
"""For each answer after the one before it: questions wait in the pack's queue for as long as the others take."""

_MESSAGE_BYTES: Final = 400 * 1024 * 1024
_CANNOT_RUN: Final = "can't run policy "
_MANDATORY: Final = (analyzer_pb2.MANDATORY, analyzer_pb2.REMEDIATE)

Answer: TypeAlias = Callable[[], list[Violation]]
"""A question that has been sent: a call waits for what the policies found. Raises EngineError where none answers."""


class PolicyPack:
    """One pack's process, which answers questions in the order in which they were sent.

    It starts at once; the first question waits until it is ready.
    """

    def __init__(self, pack: Path, *, project: str, stack: str, config: Mapping[str, str]) -> None:
        self._pack = pack
        self._levels: dict[str, int] = {}
        self._name = pack.name
        self._stub: Json = None
        self._channel: grpc.Channel | None = None
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the process
        environment = {
            **os.environ,
            "PULUMI_PROJECT": project,
            "PULUMI_STACK": stack,
            "PULUMI_ORGANIZATION": "organization",
            "PULUMI_DRY_RUN": "true",
            "PULUMI_CONFIG": json.dumps(dict(config)),
        }
        if not (pack / "PulumiPolicy.yaml").is_file():
            raise EngineError(f"{pack}: no policy pack is there (PulumiPolicy.yaml is missing)")
        self._process = subprocess.Popen(
            [sys.executable, "-u", _PROCESS, "127.0.0.1:0", str(pack)],
            cwd=pack,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            start_new_session=True,  # Ctrl-C is for the engine, which finishes its step and then ends the pack
        )

    def close(self) -> None:
        """Ends the process."""
        if self._channel:
            self._channel.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._said.close()

    def judge(self, record: Record, goal: Goal, provider: Record | None) -> Answer:
        """Asks what the resource policies find in checked inputs. Raises EngineError where the pack can't start."""
        request = analyzer_pb2.AnalyzeRequest(
            type=record.type,
            urn=record.urn,
            name=name_of(record.urn),
            properties=_visible(record.inputs),
            options=_options(record, goal.delete_before_replace),
            provider=_provider(provider),
        )
        return partial(self._violations, self._analyzer().Analyze.future(request), record.urn)

    def judge_stack(self, resources: Iterable[tuple[Record, Goal | None, Record | None]], stack_urn: str) -> Answer:
        """Asks what the stack policies find in the outputs of everything: (record, its goal, its provider)."""
        request = analyzer_pb2.AnalyzeStackRequest(
            resources=[
                analyzer_pb2.AnalyzerResource(
                    type=record.type,
                    urn=record.urn,
                    name=name_of(record.urn),
                    properties=_visible(record.outputs),
                    options=_options(record, goal.delete_before_replace if goal else None),
                    provider=_provider(provider),
                    parent=record.parent,
                    dependencies=record.dependencies,
                    propertyDependencies={
                        key: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                        for key, urns in record.property_dependencies.items()
                    },
                )
                for record, goal, provider in resources
            ]
        )
        return partial(self._violations, self._analyzer().AnalyzeStack.future(request), stack_urn)

    def _analyzer(self) -> Json:
        if self._stub:
            return self._stub
        assert self._process.stdout is not None
        port = self._process.stdout.readline().decode().strip()
        if not port.isdigit():
            raise EngineError(f"{self._pack}: the policy pack does not start: {self._last_words()}")
        options = [
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ]
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=options)
        stub: Json = analyzer_pb2_grpc.AnalyzerStub(self._channel)
        try:
            info: analyzer_pb2.AnalyzerInfo = stub.GetAnalyzerInfo(Empty(), timeout=_START_SECONDS, wait_for_ready=True)
            configuration = {
                policy.name: analyzer_pb2.PolicyConfig(enforcementLevel=policy.enforcementLevel)
                for policy in info.policies
            }
            for name, initial in info.initialConfig.items():
                configuration[name] = initial
            # A policy without a level in Configure would only advise.
            stub.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=configuration), timeout=_START_SECONDS)
        except grpc.RpcError as error:
            raise EngineError(f"{self._pack}: the policy pack does not answer: {self._last_words()}") from error
        self._name = info.name
        self._levels = {name: config.enforcementLevel for name, config in configuration.items()}
        self._stub = stub
        return stub

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = [line for line in self._said.read().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it said nothing"

    def _crashed(self, urn: str, error: grpc.RpcError) -> Violation:
        details = details_of(error) or self._last_words()
        return Violation(
            policy=self._name,
            resource=urn,
            message=f"a policy crashed, so nothing it judges can be trusted: {details}: fix the policy",
        )

    def _violations(self, asked: Json, urn: str) -> list[Violation]:
        """asked: the call, of which the answer is waited for. Raises EngineError where none comes."""
        violations: list[Violation] = []
        try:
            answer: analyzer_pb2.AnalyzeResponse = asked.result(timeout=_ANSWER_SECONDS)
        except grpc.FutureTimeoutError:
            raise EngineError(
                f"{self._pack}: the policy pack did not answer within {_ANSWER_SECONDS} s about {urn}: fix the policy"
            ) from None
        except grpc.RpcError as error:
            return [self._crashed(urn, error)]
        for diagnostic in answer.diagnostics:
            level, message = diagnostic.enforcementLevel, diagnostic.message
            if message.startswith(_CANNOT_RUN):
                level = self._levels.get(diagnostic.policyName, level)
                unknown = message.rpartition("during preview: ")[2]
                message = f"it can't be judged before it is applied: {unknown}: give it a plain value"
            violations.append(
                Violation(
                    policy=diagnostic.policyName,
                    resource=diagnostic.urn or urn,
                    message=message,
                    is_mandatory=level in _MANDATORY,
                )
            )
        return violations


def _visible(properties: Mapping[str, Json]) -> Struct:
    shown = {key: value for key, value in properties.items() if not key.startswith("__")}
    return to_struct(shown, keep_secrets=False)


def _options(record: Record, delete_before_replace: bool | None) -> analyzer_pb2.AnalyzerResourceOptions:
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=record.protect,
        ignoreChanges=record.ignore_changes,
        deleteBeforeReplace=bool(delete_before_replace),
        deleteBeforeReplaceDefined=delete_before_replace is not None,
        additionalSecretOutputs=record.additional_secret_outputs,
        aliases=record.aliases,
        parent=record.parent,
    )


def _provider(record: Record | None) -> analyzer_pb2.AnalyzerProviderResource | None:
    if record is None:
        return None
    return analyzer_pb2.AnalyzerProviderResource(
        type=record.type, urn=record.urn, name=name_of(record.urn), properties=_visible(record.inputs)
    )
