"""Which images a template's workspaces run, as far as its Terraform says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, cast

Parsed = Mapping[str, Any]
"""A file of Terraform as python-hcl2 reads it: blocks are lists by type, names of labels and strings without quotes."""

_EXPRESSION: Final = re.compile(r"\$\{([^{}]*)\}")
_DEPTH: Final = 5
"""Of locals that name others."""


@dataclass(frozen=True)
class TemplateImages:
    """named: references, every one that a parameter offers. unread: expressions that only Terraform can work out."""

    named: frozenset[str]
    unread: frozenset[str]


def template_images(files: Sequence[Parsed], variables: Mapping[str, str]) -> TemplateImages:
    """Images of Kubernetes resources. variables: the values that the template's version has for its own."""
    values = {**_values(files), **{f"var.{name}": (value,) for name, value in variables.items()}}
    written = {image for file in files for image in _written(file)}
    named = {image: _expanded(image, values, _DEPTH) for image in written}
    return TemplateImages(
        named=frozenset(reference for found in named.values() if found for reference in found),
        unread=frozenset(image for image, found in named.items() if not found),
    )


def _written(file: Parsed) -> Iterator[str]:
    for block in file.get("resource", ()):
        for kind, resources in block.items():
            if kind.startswith("kubernetes_"):
                yield from _images_in(resources)


def _images_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        inside = cast("Parsed", value)
        if isinstance(image := inside.get("image"), str):
            yield image
        for one in inside.values():
            yield from _images_in(one)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _images_in(one)


def _values(files: Sequence[Parsed]) -> Mapping[str, tuple[str, ...]]:
    """What expressions may mean: defaults of variables, locals, and all that a parameter offers."""
    found: dict[str, tuple[str, ...]] = {}
    for file in files:
        for block in file.get("locals", ()):
            found |= {f"local.{n}": (v,) for n, v in block.items() if isinstance(v, str)}
        for block in file.get("variable", ()):
            found |= {f"var.{n}": (v["default"],) for n, v in block.items() if isinstance(v.get("default"), str)}
        for block in file.get("data", ()):
            for name, parameter in block.get("coder_parameter", {}).items():
                offered = [one.get("value") for one in parameter.get("option", ())] or [parameter.get("default")]
                texts = tuple(dict.fromkeys(value for value in offered if isinstance(value, str)))
                if len(texts) == len(offered):
                    found[f"data.coder_parameter.{name}.value"] = texts
    return found


def _expanded(text: str, values: Mapping[str, tuple[str, ...]], depth: int) -> frozenset[str]:
    """Every text that this may become; empty where an expression is unknown."""
    expressions = list(dict.fromkeys(_EXPRESSION.findall(text)))
    if not expressions:
        return frozenset({text})
    known = [values.get(expression.strip(), ()) for expression in expressions]
    if not depth or not all(known):
        return frozenset()
    return frozenset(
        expanded
        for chosen in product(*known)
        for expanded in _expanded(_replaced(text, dict(zip(expressions, chosen, strict=True))), values, depth - 1)
    )


def _replaced(text: str, chosen: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda match: chosen[match[1]], text)
