"""credentials-in-clear: no password, key or token is in a resource's inputs.

Pulumi hands policies plain values, also where the program marked them as secret, so the marks cannot be seen
here: kinds that exist to hold secrets, and providers, are left out. Values are never repeated in a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import cast

from policies.framework.kinds import any_of, exactly, kubernetes
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.framework.reading import Reading
from workshop.model.credentials import looks_like

HOLDS_SECRETS = any_of(
    kubernetes("core", "Secret"),
    exactly(
        "aws:secretsmanager/secretVersion:SecretVersion",
        "aws:ssm/parameter:Parameter",
        "aws-native:secretsmanager:Secret",
    ),
)

NAME = re.compile(
    r"(?:^|[^a-z])(?:pass(?:word|wd|phrase)?|secret|token|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|psk)$",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
NOT_A_VALUE = re.compile(r"true|false|required|optional|disabled|enabled|none|null", re.IGNORECASE)
"""Words that a setting about credentials takes (httpTokens: required), not credentials themselves."""

ASSIGNMENT = re.compile(
    r"""^\s*(?:-\s+|export\s+|--?)?["']?(?P<name>[A-Za-z][\w.-]*)["']?\s*[:=]\s*["']?(?P<value>[^\s"'].*?)["']?,?$""",
    re.MULTILINE,
)
"""A line that gives a name a value: environment files, YAML, TOML, arguments."""
_REFERENCE = re.compile(r"[$<|>&*!{\[].*|.*\{\{.*")
"""What stands in place of a value: ${VARIABLE}, {{ template }}, a YAML block or alias."""


def may_hold_credentials(token: str) -> bool:
    """Every kind but those that exist to hold them."""
    return not HOLDS_SECRETS(token) and not token.startswith("pulumi:")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """Every text in a resource, by its name and by what it looks like."""
    harmless = {path.text() for path in context.options.member("harmlessPaths").items_or_none()}
    for name, reading in named_values(declared.props):
        if reading.path in harmless:
            continue
        if is_credential_name(name) and holds_something(reading):
            yield named(reading.path, name)
        elif isinstance(reading.value, str):
            yield from recognised(reading.path, reading.value)
            yield from named_in_text(reading.path, reading.value)


def named(path: str, name: str) -> Problem:
    """A value under a credential's name."""
    return Problem(
        problem=f"{path} has a value, and '{name}' is a credential's name",
        fix="pass it by a Secret (valueFrom.secretKeyRef) or by AWS Secrets Manager",
    )


def named_in_text(path: str, text: str) -> Iterator[Problem]:
    """Credentials by name in a text that is itself a document: JSON, or lines of names and values."""
    document = json_document(text)
    if document is not None:
        for name, reading in named_values(Reading(document, path)):
            if is_credential_name(name) and holds_something(reading):
                yield named(reading.path, name)
        return
    for line in ASSIGNMENT.finditer(text):
        value = Reading(line["value"])
        if is_credential_name(line["name"]) and holds_something(value) and not _REFERENCE.fullmatch(line["value"]):
            yield named(path, line["name"])


def json_document(text: str) -> object | None:
    """An object or a list that is written as JSON, or None."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None


def named_values(props: Reading) -> Iterator[tuple[str, Reading]]:
    """Everything in a tree with its name; an environment variable's value under the variable's own name."""
    for reading in props.walk():
        if not reading.is_mapping:
            if isinstance(reading.value, str) and reading.path.endswith("]"):
                yield "", reading
            continue
        entries = reading.entries_or_none()
        label = entries.get("name")
        for key, value in entries.items():
            is_variable = key == "value" and label is not None and isinstance(label.value, str)
            yield (str(label.value) if is_variable and label else key), value


def is_credential_name(name: str) -> bool:
    """Whether a name ends like a credential's: DB_PASSWORD, apiKey, token."""
    return NAME.search(_CAMEL.sub("_", name)) is not None


def holds_something(reading: Reading) -> bool:
    """Whether a value stands here that could be a credential; what is not known yet may be one."""
    if not reading.is_known:
        return True
    value = reading.value
    if isinstance(value, str):
        return bool(value.strip()) and NOT_A_VALUE.fullmatch(value.strip()) is None
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def recognised(path: str, value: str) -> Iterator[Problem]:
    """What a text looks like."""
    for kind in looks_like(value):
        yield Problem(
            problem=f"{path} holds what looks like {kind}",
            fix="remove it, revoke it, and pass a new one by a Secret or by AWS Secrets Manager",
        )


CREDENTIALS_IN_CLEAR = Policy(
    id="credentials-in-clear",
    title="No password, key or token is in a resource's inputs.",
    why="everyone who can read the state or the cluster can read it",
    fix="Reference a Secret or AWS Secrets Manager; revoke what was written down.",
    source="GitHub and AWS documentation of their token formats; this pack cannot see which values are marked secret",
    severity="critical",
    applies_to=may_hold_credentials,
    judge=judge,
    is_general=True,
    options={
        "harmlessPaths": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "paths of values that have a credential's name and are none",
            },
            default=[],
        )
    },
)
