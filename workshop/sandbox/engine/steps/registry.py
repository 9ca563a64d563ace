"""Provider instances: one for each provider resource, made when it is first needed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from typing_extensions import override

from workshop.sandbox.engine.errors import EngineError, StepFailed
from workshop.sandbox.engine.state.deployment import State
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import is_provider, name_of, package_of, reference, type_of, urn_of_reference
from workshop.sandbox.engine.values import UNKNOWN_TEXT, Plain, has_unknown, plain
from workshop.sandbox.providers.provider import (
    Checked,
    CheckRequest,
    CreateRequest,
    DeleteRequest,
    Diff,
    DiffRequest,
    Properties,
    Provider,
    ProviderError,
    ReadRequest,
    Resource,
    UpdateRequest,
)

ProviderFactory = Callable[[Properties], Provider]

_ENGINE_INPUTS: Final = frozenset({"version", "pluginDownloadURL", "__internal"})
"""Provider inputs that are meant for the engine, not for the provider."""


def provider_configuration(inputs: Mapping[str, Any]) -> Plain:
    """A provider resource's inputs as its provider sees them."""
    return {key: plain(value) for key, value in inputs.items() if key not in _ENGINE_INPUTS}


class Registry:
    """Knows every provider by its reference. factories: package -> constructor from configuration."""

    def __init__(self, factories: Mapping[str, ProviderFactory], config: Mapping[str, str], state: State) -> None:
        self._factories = factories
        self._config = config
        self._state = state
        self._configured: dict[str, Record] = {}
        self._instances: dict[str, Provider] = {}
        self._self = _ProviderResources()

    def configure(self, record: Record) -> None:
        """A provider resource was created, updated or found unchanged: it serves from now on."""
        ref = reference(record.urn, record.id or UNKNOWN_TEXT)
        self._configured[ref] = record
        self._instances.pop(ref, None)

    def provider_record(self, ref: str) -> Record | None:
        """The provider resource behind a reference."""
        if ref in self._configured:
            return self._configured[ref]
        urn = urn_of_reference(ref)
        for key in ((urn, ""), (urn, ref.rpartition("::")[2])):
            record = self._state.records.get(key)
            if record and reference(record.urn, record.id) == ref:
                return record
        return None

    def serving(self, record: Record) -> Provider | None:
        """The provider of a resource, None for a component. Raises EngineError where there is none."""
        if not record.custom:
            return None
        return self._self if is_provider(record.type) else self.at(record.provider, record.urn)

    def at(self, ref: str, where: str) -> Provider:
        """The provider behind a reference; where: who needs it, for the message. Raises EngineError."""
        if ref in self._instances:
            return self._instances[ref]
        record = self.provider_record(ref)
        if record is None:
            provider = urn_of_reference(ref)
            raise EngineError(
                f"{where}: its provider {type_of(provider)} {name_of(provider)} is neither in the program nor in the "
                "state: declare it again"
            )
        package = package_of(record.type)
        factory = self._factories.get(package)
        if factory is None:
            known = ", ".join(sorted(self._factories))
            raise EngineError(f"{where}: the sandbox has no provider for package {package}, only for {known}")
        configuration = provider_configuration(record.inputs)
        try:
            instance = _NotConfigured() if has_unknown(configuration) else factory(configuration)
        except ProviderError as error:
            raise StepFailed(record.urn, "configuring", str(error)) from error
        self._instances[ref] = instance
        return instance

    def default_inputs(self, package: str, version: str, where: str) -> Plain:
        """Inputs of a default provider, from the stack's config. Raises EngineError where they are disabled."""
        disabled = json.loads(self._config.get("pulumi:disable-default-providers", "[]"))
        if package in disabled or "*" in disabled:
            raise EngineError(f"{where}: default providers are disabled for {package}: name a provider in its options")
        prefix = f"{package}:"
        inputs: Plain = {
            key.removeprefix(prefix): value for key, value in self._config.items() if key.startswith(prefix)
        }
        return inputs | ({"version": version} if version else {})


class _ProviderResources:
    """Provider resources themselves, as a provider: nothing outside changes when they do."""

    def check(self, request: CheckRequest) -> Checked:
        return Checked(inputs=request.inputs)

    def diff(self, request: DiffRequest) -> Diff:
        keys = {*request.old_inputs, *request.inputs} - {"__internal"}
        return Diff(
            changed=tuple(sorted(key for key in keys if request.old_inputs.get(key) != request.inputs.get(key)))
        )

    def create(self, request: CreateRequest) -> Resource:
        outputs = {key: value for key, value in request.inputs.items() if key != "__internal"}
        return Resource(id="" if request.is_preview else str(uuid4()), outputs=outputs, inputs=request.inputs)

    def read(self, request: ReadRequest) -> Resource | None:
        return Resource(id=request.id, outputs=request.outputs, inputs=request.inputs)

    def update(self, request: UpdateRequest) -> Properties:
        return self.create(
            CreateRequest(urn=request.urn, kind=request.kind, inputs=request.inputs, is_preview=request.is_preview)
        ).outputs

    def delete(self, request: DeleteRequest) -> None:
        pass

    def invoke(self, token: str, arguments: Properties) -> Properties:
        del arguments
        raise ProviderError(f"{token}: provider resources have no functions")


class _NotConfigured(_ProviderResources):
    """A provider whose configuration a preview does not know yet, so that it can't be asked anything."""

    @override
    def create(self, request: CreateRequest) -> Resource:
        return Resource(id="", outputs=request.inputs, inputs=request.inputs)

    @override
    def invoke(self, token: str, arguments: Properties) -> Properties:
        return {}  # as the real engine does
