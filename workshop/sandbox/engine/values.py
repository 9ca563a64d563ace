"""Property values: between protobuf, plain Python, and the state file.

Inside the engine a value is dict, list, str, int, float, bool, None, UNKNOWN or Secret. Providers get
`plain` values. The signatures are those of pulumi/sdk/go/common/resource/properties.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf.struct_pb2 import NULL_VALUE, Struct, Value

from workshop.sandbox.engine.errors import Unsupported
from workshop.sandbox.json_values import Json, is_list, is_mapping
from workshop.sandbox.providers.provider import UNKNOWN, Unknown

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  a mark, not a secret
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

_UNSUPPORTED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "assets",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
    "5cf8f73096256a8f31e491e813e4eb8e": "resource references",
    "d0e6a833031e9bbcd3f4e8bde6ca49a4": "output values",
}

Plain = dict[str, Any]
"""Properties as the engine holds them."""


@dataclass(frozen=True)
class Secret:
    """A value that is not to be shown."""

    value: Json


def from_struct(struct: Struct, where: str) -> Plain:
    """Properties as the SDK sends them. where: the resource, for messages. Raises Unsupported."""
    return {key: _from_value(value, where) for key, value in struct.fields.items()}


def _from_value(value: Value, where: str) -> Json:
    match value.WhichOneof("kind"):
        case "string_value":
            text = value.string_value
            return UNKNOWN if text == UNKNOWN_TEXT else text
        case "number_value":
            return number(value.number_value)
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_from_value(item, where) for item in value.list_value.values]
        case "struct_value":
            fields = value.struct_value.fields
            if SIGNATURE not in fields:
                return {key: _from_value(item, where) for key, item in fields.items()}
            signature = fields[SIGNATURE].string_value
            if signature == SECRET_SIGNATURE:
                return Secret(_from_value(fields["value"], where))
            raise Unsupported(_UNSUPPORTED.get(signature, f"values of signature {signature}"), where)
        case _:
            return None


def number(value: float) -> int | float:
    """A whole number as int: protobuf and Go's JSON know only doubles."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def to_struct(properties: Mapping[str, Json], *, keep_secrets: bool = True) -> Struct:
    """Properties as the SDK and the policy pack expect them."""
    struct = Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value, keep_secrets)
    return struct


def _fill(target: Value, value: Json, keep_secrets: bool) -> None:
    if isinstance(value, str):  # most values are
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif value is None:
        target.null_value = NULL_VALUE
    elif isinstance(value, Unknown):
        target.string_value = UNKNOWN_TEXT
    elif isinstance(value, Secret):
        if keep_secrets:
            fields = target.struct_value.fields
            fields[SIGNATURE].string_value = SECRET_SIGNATURE
            target = fields["value"]
        _fill(target, value.value, keep_secrets)
    elif is_mapping(value):
        target.struct_value.SetInParent()
        for key, item in value.items():
            _fill(target.struct_value.fields[key], item, keep_secrets)
    else:
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item, keep_secrets)


def plain(value: Json) -> Json:
    """The same value with every secret unwrapped, copied so that nobody changes the engine's own."""
    if isinstance(value, Secret):
        return plain(value.value)
    if is_mapping(value):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if is_list(value) else value


def masked(value: Json) -> Json:
    """The same value for people to read: secrets and unknowns are only named."""
    if isinstance(value, Secret):
        return "[secret]"
    if isinstance(value, Unknown):
        return "[unknown until up]"
    if is_mapping(value):
        return {key: masked(item) for key, item in value.items()}
    return [masked(item) for item in value] if is_list(value) else value


def has_unknown(value: Json) -> bool:
    """Whether any part of it is UNKNOWN."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if is_mapping(value):
        return any(has_unknown(item) for item in value.values())
    if is_list(value):
        return any(has_unknown(item) for item in value)
    return isinstance(value, Unknown)


def with_secrets_of(value: Json, like: Json) -> Json:
    """What a provider answered, with secrets where its inputs had them (providers know none)."""
    if isinstance(like, Secret):
        return Secret(plain(value))
    if is_mapping(like) and is_mapping(value):
        return {key: with_secrets_of(item, like.get(key)) for key, item in value.items()}
    if is_list(like) and is_list(value) and len(value) == len(like):
        return [with_secrets_of(item, other) for item, other in zip(value, like, strict=True)]
    return value


def to_state(value: Json) -> Json:
    """A value as the state file has it: JSON, secrets in clear and marked."""
    if isinstance(value, Secret):
        return {SIGNATURE: SECRET_SIGNATURE, "plaintext": json.dumps(to_state(value.value))}
    if isinstance(value, Unknown):
        return UNKNOWN_TEXT
    if is_mapping(value):
        return {key: to_state(item) for key, item in value.items()}
    return [to_state(item) for item in value] if is_list(value) else value


def from_state(value: Json) -> Json:
    """Reads what to_state wrote, or `pulumi stack export --show-secrets`. Raises ValueError for ciphertext."""
    if is_mapping(value):
        if SIGNATURE not in value:
            return {key: from_state(item) for key, item in value.items()}
        if "plaintext" not in value:
            raise ValueError("it has encrypted secrets: export it with pulumi stack export --show-secrets")
        return Secret(from_state(json.loads(value["plaintext"])))
    if is_list(value):
        return [from_state(item) for item in value]
    if isinstance(value, float):
        return number(value)
    return UNKNOWN if value == UNKNOWN_TEXT else value
