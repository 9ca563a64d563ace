"""Resources that contain others: lists, groups of manifests, Helm releases and what deploys them.

What can be read is judged like what is declared by itself; what cannot is named.
Source: charts coder and coder-provisioner of helm.coder.com/v2; Argo CD's Application; Flux's HelmRelease.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import yaml

from policies.framework.kinds import any_of, exactly, kubernetes
from policies.framework.policy import Declared
from policies.framework.reading import Reading, Unreadable

MANIFESTS = exactly(
    "kubernetes:yaml:ConfigGroup",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:kustomize:Directory",
    "kubernetes:kustomize/v2:Directory",
)
HELM = exactly("kubernetes:helm.sh/v3:Release", "kubernetes:helm.sh/v3:Chart", "kubernetes:helm.sh/v4:Chart")
ARGO = kubernetes("argoproj.io", "Application")
FLUX = kubernetes("helm.toolkit.fluxcd.io", "HelmRelease")
ELSEWHERE = any_of(
    kubernetes("argoproj.io", "ApplicationSet"),
    kubernetes("kustomize.toolkit.fluxcd.io", "Kustomization"),
    kubernetes("helm.cattle.io", "HelmChart"),
)
"""What deploys manifests that are not in this stack."""
_LIST = re.compile(r"(kubernetes:(?:[^:]+:)?\w*)List")

_CODER_CHARTS = {"coder": "coder", "coder-provisioner": "coder-provisioner"}
"""Charts whose values are read, with the name of the Deployment that each makes."""
_CODER_IMAGE = "ghcr.io/coder/coder"
"""The charts' own coder.image.repo."""


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a resource contains. hidden: what of it cannot be read, in words."""

    objects: tuple[Declared, ...] = ()
    hidden: tuple[str, ...] = ()


def contains_others(token: str) -> bool:
    """Whether resources of this type contain others."""
    return _LIST.fullmatch(token) is not None or any_of(MANIFESTS, HELM, ARGO, FLUX, ELSEWHERE)(token)


def contents(declared: Declared) -> Contents:
    """What a resource contains, and what of it cannot be read. Never raises."""
    objects: list[Declared] = []
    hidden: list[str] = []
    if not contains_others(declared.type):
        return Contents()
    try:
        for found in _contents(declared):
            if isinstance(found, str):
                hidden.append(found)
            else:
                objects.append(found)
    except Unreadable as unreadable:
        hidden.append(unreadable.problem)
    return Contents(objects=tuple(objects), hidden=tuple(hidden))


def with_contents(declared: Declared) -> Iterator[Declared]:
    """The resource and everything that can be read in it, however deep."""
    yield declared
    for one in contents(declared).objects:
        yield from with_contents(one)


def _contents(declared: Declared) -> Iterator[Declared | str]:
    props = declared.props
    if match := _LIST.fullmatch(declared.type):
        for item in props.member("items").items_or_none():
            yield _object(declared, item, match[1])
    elif MANIFESTS(declared.type):
        yield from _manifests(declared)
    elif HELM(declared.type):
        yield from _helm(declared)
    elif ARGO(declared.type):
        yield from _argo(declared)
    elif FLUX(declared.type):
        yield from _flux(declared)
    else:
        yield "what it deploys is not in this stack"


def _object(container: Declared, item: Reading, token: str = "") -> Declared | str:
    """A manifest as if it were declared by itself; token: its type, where the item leaves that out."""
    if not item.is_mapping:
        return f"{item.path} is no plain object"
    version, kind = item.optional("apiVersion"), item.optional("kind")
    if version is not None and kind is not None:
        token = f"kubernetes:{version.text()}:{kind.text()}"
    elif not token or token.endswith(":"):
        return f"{item.path} has no apiVersion and kind"
    return replace(container, type=token, props=item)


def _manifests(declared: Declared) -> Iterator[Declared | str]:
    props = declared.props
    objs, text = props.optional("objs"), props.optional("yaml")
    for item in objs.items_or_none() if objs else ():
        yield _object(declared, item)
    for document in _texts(text) if text else ():
        yield from _documents(declared, document)
    for name in ("files", "file", "directory"):
        if props.optional(name):
            yield f"{name} names files, which are not in this stack"
    if objs is None and text is None and not any(props.optional(name) for name in ("files", "file", "directory")):
        yield "its manifests are not declared"


def _texts(reading: Reading) -> Sequence[Reading]:
    return reading.items_or_none() if isinstance(reading.value, list) else (reading,)


def _documents(declared: Declared, text: Reading) -> Iterator[Declared | str]:
    try:
        documents = [document for document in yaml.safe_load_all(text.text()) if document is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        yield f"{text.path} is no YAML"
        return
    for index, document in enumerate(documents):
        path = text.path if len(documents) == 1 else f"{text.path}#{index}"
        yield _object(declared, Reading(cast("object", document), path))


def _helm(declared: Declared) -> Iterator[Declared | str]:
    props = declared.props
    namespace, values = props.optional("namespace"), props.optional("values")
    files = props.optional("valueYamlFiles")
    if files and files.items_or_none():
        yield "valueYamlFiles names files, which are not in this stack"
    yield from _chart(
        declared,
        props.member("chart").text(),
        namespace.text() if namespace else "default",
        [values] if values else [],
    )


def _argo(declared: Declared) -> Iterator[Declared | str]:
    spec = declared.props.member("spec")
    target = spec.optional("destination", "namespace")
    one, several = spec.optional("source"), spec.optional("sources")
    for source in [*([one] if one else []), *(several.items_or_none() if several else ())]:
        chart = source.optional("chart")
        if chart is None:
            yield f"{source.path} names manifests that are not in this stack"
            continue
        values = [found for name in ("values", "valuesObject") if (found := source.optional("helm", name))]
        if source.optional("helm", "parameters") or source.optional("helm", "valueFiles"):
            yield f"{source.path}.helm has parameters or valueFiles"
        yield from _chart(declared, chart.text(), target.text() if target else "default", values)


def _flux(declared: Declared) -> Iterator[Declared | str]:
    spec = declared.props.member("spec")
    target, values = spec.optional("targetNamespace"), spec.optional("values")
    if spec.optional("valuesFrom"):
        yield "spec.valuesFrom names values that are not in this stack"
    yield from _chart(
        declared,
        spec.member("chart", "spec", "chart").text(),
        target.text() if target else declared.namespace,
        [values] if values else [],
    )


def _chart(declared: Declared, chart: str, namespace: str, values: list[Reading]) -> Iterator[Declared | str]:
    """The Deployment that one of Coder's charts makes with these values, the last of which win."""
    name = _CODER_CHARTS.get(chart.rstrip("/").rpartition("/")[2].partition(":")[0])
    if name is None:
        yield f"what the chart '{chart}' declares"
        return
    found: list[Reading] = []
    for one in values:
        if isinstance(one.value, str):
            try:
                found.append(Reading(cast("object", yaml.safe_load(one.value)), one.path))
            except (yaml.YAMLError, RecursionError, ValueError):
                yield f"{one.path} is no YAML"
                return
        else:
            found.append(one)

    def value(*keys: str) -> object | None:
        given = [reading.value for one in found if (reading := one.optional("coder", *keys))]
        return given[-1] if given else None

    replicas, tag = value("replicaCount"), value("image", "tag")
    image = f"{value('image', 'repo') or _CODER_IMAGE}{f':{tag}' if tag else ''}"
    yield replace(
        declared,
        type="kubernetes:apps/v1:Deployment",
        props=Reading(
            {
                "metadata": {"name": name, "namespace": namespace},
                "spec": {
                    "replicas": 1 if replicas is None else replicas,
                    "template": {"spec": {"containers": [{"name": name, "image": image}]}},
                },
            }
        ),
    )
