"""What the program wants of one resource, read from its registration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

from pulumi.runtime.proto import alias_pb2, resource_pb2

from workshop.sandbox.engine.errors import Unsupported
from workshop.sandbox.engine.paths import parse_path
from workshop.sandbox.engine.registration.hooks import OCCASIONS, state_name
from workshop.sandbox.engine.registration.timeouts import timeouts_of
from workshop.sandbox.engine.state.records import Record
from workshop.sandbox.engine.urns import is_provider
from workshop.sandbox.engine.values import from_struct
from workshop.sandbox.json_values import Json

_REFUSED: Final = {
    "remote": "remote components",
    "packageRef": "parameterized packages (packageRef)",
    "transforms": "transforms",
    "state_migrations": "state migrations",
    "replace_with": "replace_with",
    "envVarMappings": "env_var_mappings",
}
_DYNAMIC: Final = "pulumi-python:dynamic"


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One registration. read_id: the resource is not managed but read by this id, UNKNOWN included."""

    type: str
    name: str
    custom: bool
    parent: str
    inputs: Mapping[str, Json]
    provider: str = ""
    version: str = ""
    plugin_download_url: str = ""
    protect: bool | None = None
    retain_on_delete: bool | None = None
    dependencies: list[str] = field(default_factory=list[str])
    property_dependencies: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    delete_before_replace: bool | None = None
    ignore_changes: list[str] = field(default_factory=list[str])
    replace_on_changes: list[str] = field(default_factory=list[str])
    additional_secret_outputs: list[str] = field(default_factory=list[str])
    aliases: Sequence[alias_pb2.Alias] = ()
    import_id: str = ""
    deleted_with: str = ""
    hooks: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])
    custom_timeouts: Mapping[str, float] = field(default_factory=dict[str, float])
    hide_diffs: list[list[str | int]] = field(default_factory=list[list[str | int]])

    def record(self, urn: str, provider: str) -> Record:
        """The record that this goal leads to, before anything was checked or done."""
        return Record(
            urn=urn,
            custom=self.custom,
            type=self.type,
            inputs=self.inputs,
            parent=self.parent,
            protect=bool(self.protect),
            dependencies=self.dependencies,
            provider=provider,
            property_dependencies=self.property_dependencies,
            additional_secret_outputs=self.additional_secret_outputs,
            importID=self.import_id,
            retain_on_delete=bool(self.retain_on_delete),
            deleted_with=self.deleted_with,
            ignore_changes=self.ignore_changes,
            replace_on_changes=self.replace_on_changes,
            resource_hooks=self.hooks,
            custom_timeouts=self.custom_timeouts,
            hide_diff=self.hide_diffs,
        )


def goal_of(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """Reads a registration. Raises Unsupported, by name, for what this engine doesn't do."""
    where = f"{request.type} {request.name}"
    for name, feature in _REFUSED.items():
        if getattr(request, name):
            raise Unsupported(feature, where)
    if request.HasField("replacement_trigger"):
        raise Unsupported("replacement_trigger", where)
    if request.hooks.on_error:
        raise Unsupported("error hooks", where)
    if request.type == "pulumi:pulumi:StackReference":
        raise Unsupported("stack references", where)
    if request.type.startswith(_DYNAMIC):
        raise Unsupported("dynamic providers", where)
    inputs = from_struct(request.object, where)
    if is_provider(request.type):
        if request.version:
            inputs["version"] = request.version
        if request.pluginDownloadURL:
            inputs["pluginDownloadURL"] = request.pluginDownloadURL
    aliases = cast("list[alias_pb2.Alias]", list(request.aliases))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]  as in hooks.py
    hooks = {state_name(occasion): list(getattr(request.hooks, occasion)) for occasion in OCCASIONS}
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=inputs,
        provider=request.provider,
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        dependencies=sorted(request.dependencies),
        property_dependencies={key: sorted(urns.urns) for key, urns in sorted(request.propertyDependencies.items())},
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        additional_secret_outputs=list(request.additionalSecretOutputs),
        aliases=aliases,
        import_id=request.importId,
        deleted_with=request.deletedWith,
        hooks={occasion: names for occasion, names in hooks.items() if names},
        custom_timeouts=timeouts_of(request, where),
        hide_diffs=[list(parse_path(path)) for path in request.hideDiffs],
    )


def goal_of_read(request: resource_pb2.ReadResourceRequest) -> Goal:
    """Reads a `get` of an existing resource. Raises Unsupported."""
    where = f"{request.type} {request.name}"
    if request.packageRef:
        raise Unsupported(_REFUSED["packageRef"], where)
    if request.type == "pulumi:pulumi:StackReference":
        raise Unsupported("stack references", where)
    return Goal(
        type=request.type,
        name=request.name,
        custom=True,
        parent=request.parent,
        inputs=from_struct(request.properties, where),
        provider=request.provider,
        version=request.version,
        dependencies=sorted(request.dependencies),
        additional_secret_outputs=list(request.additionalSecretOutputs),
    )
