"""Property values: between protobuf, plain Python, and the state file.

Inside the engine a value is dict, list, str, int, float, bool, None, UNKNOWN or Secret. Providers get
`plain` values. The signatures are those of pulumi/sdk/go/common/resource/properties.go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from google.protobuf.struct_pb2 import Struct, Value

from workshop.sandbox.engine.errors import Unsupported
from workshop.sandbox.providers.provider import UNKNOWN, Unknown

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

_UNSUPPORTED: Final = {
    "c44067f5952c0a294b673a41bacd8c17": "assets",
    "0def7320c3a5731c473e5ecbe6d01bc7": "archives",
    "5cf8f73096256a8f31e491e813e4eb8e": "resource references",
    "d0e6a833031e9bbcd3f4e8bde6ca49a4": "output values",
}

PropertyValue: TypeAlias = Any
"""A value in one of its three shapes; which one, the function says."""

Plain = dict[str, PropertyValue]
"""Properties as the engine holds them."""


@dataclass(frozen=True)
class Secret:
    """A value that is not to be shown."""

    value: PropertyValue


def from_struct(struct: Struct, where: str) -> Plain:
    """Properties as the SDK sends them. where: the resource, for messages. Raises Unsupported."""
    return {key: _from_value(value, where) for key, value in struct.fields.items()}


def _from_value(value: Value, where: str) -> PropertyValue:
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
            if signature == SECRET:
                return Secret(_from_value(fields["value"], where))
            raise Unsupported(_UNSUPPORTED.get(signature, f"values of signature {signature}"), where)
        case _:
            return None


def number(value: float) -> int | float:
    """A whole number as int: protobuf and Go's JSON know only doubles."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def to_struct(properties: Mapping[str, PropertyValue], *, keep_secrets: bool = True) -> Struct:
    """Properties as the SDK and the policy pack expect them."""
    struct = Struct()
    for key, value in properties.items():
        _fill(struct.fields[key], value, keep_secrets)
    return struct


def _fill(target: Value, value: PropertyValue, keep_secrets: bool) -> None:
    match value:
        case None:
            target.null_value = 0  # pyright: ignore[reportAttributeAccessIssue]  NullValue's only member
        case bool():
            target.bool_value = value
        case int() | float():
            target.number_value = value
        case str():
            target.string_value = value
        case Unknown():
            target.string_value = UNKNOWN_TEXT
        case Secret() if keep_secrets:
            fields = target.struct_value.fields
            fields[SIGNATURE].string_value = SECRET
            _fill(fields["value"], value.value, keep_secrets)
        case Secret():
            _fill(target, value.value, keep_secrets)
        case Mapping():
            target.struct_value.SetInParent()
            for key, item in value.items():
                _fill(target.struct_value.fields[key], item, keep_secrets)
        case _:
            target.list_value.SetInParent()
            for item in value:
                _fill(target.list_value.values.add(), item, keep_secrets)


def plain(value: PropertyValue) -> PropertyValue:
    """The same value with every secret unwrapped, copied so that nobody changes the engine's own."""
    match value:
        case Secret():
            return plain(value.value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def masked(value: PropertyValue) -> PropertyValue:
    """The same value for people to read: secrets and unknowns are only named."""
    match value:
        case Secret():
            return "[secret]"
        case Unknown():
            return "[unknown until up]"
        case Mapping():
            return {key: masked(item) for key, item in value.items()}
        case list() | tuple():
            return [masked(item) for item in value]
        case _:
            return value


def has_unknown(value: PropertyValue) -> bool:
    """Whether any part of it is UNKNOWN."""
    match value:
        case Unknown():
            return True
        case Secret():
            return has_unknown(value.value)
        case Mapping():
            return any(has_unknown(item) for item in value.values())
        case list() | tuple():
            return any(has_unknown(item) for item in value)
        case _:
            return False


def with_secrets_of(value: PropertyValue, like: PropertyValue) -> PropertyValue:
    """What a provider answered, with secrets where its inputs had them (providers know none)."""
    match like:
        case Secret():
            return Secret(plain(value))
        case Mapping() if isinstance(value, Mapping):
            return {key: with_secrets_of(item, like.get(key)) for key, item in value.items()}
        case list() if isinstance(value, list) and len(value) == len(like):
            return [with_secrets_of(item, other) for item, other in zip(value, like, strict=True)]
        case _:
            return value


def to_state(value: PropertyValue) -> PropertyValue:
    """A value as the state file has it: JSON, secrets in clear and marked."""
    match value:
        case Secret():
            return {SIGNATURE: SECRET, "plaintext": json.dumps(to_state(value.value))}
        case Unknown():
            return UNKNOWN_TEXT
        case Mapping():
            return {key: to_state(item) for key, item in value.items()}
        case list() | tuple():
            return [to_state(item) for item in value]
        case _:
            return value


def from_state(value: PropertyValue) -> PropertyValue:
    """Reads what to_state wrote, or `pulumi stack export --show-secrets`. Raises ValueError for ciphertext."""
    match value:
        case dict() if SIGNATURE in value:
            if "plaintext" not in value:
                raise ValueError("it has encrypted secrets: export it with pulumi stack export --show-secrets")
            return Secret(from_state(json.loads(value["plaintext"])))
        case dict():
            return {key: from_state(item) for key, item in value.items()}
        case list():
            return [from_state(item) for item in value]
        case float():
            return number(value)
        case str() if value == UNKNOWN_TEXT:
            return UNKNOWN
        case _:
            return value
