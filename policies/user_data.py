"""user-data: nothing that a node runs at boot changes what was judged of its kubelet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from email import message_from_string
from typing import cast

import yaml

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem, set_by_patch
from policies.framework.reading import Reading
from policies.resources.node_classes import CUSTOM, family
from policies.resources.workspaces import NOT_FOR_WORKSPACES, runs_workspaces

NODE_CONFIG = "application/node.eks.aws"

HARMLESS = frozenset(
    {
        "allowedunsafesysctls",
        "apiversion",
        "clusterdns",
        "clusterdnsip",
        "clusterdomain",
        "containerlogmaxfiles",
        "containerlogmaxsize",
        "eventburst",
        "eventqps",
        "eventrecordqps",
        "kind",
        "kubeapiburst",
        "kubeapiqps",
        "logging",
        "maxparallelimagepulls",
        "nodelabels",
        "registryburst",
        "registrypullqps",
        "registryqps",
        "serializeimagepulls",
        "servertlsbootstrap",
        "shutdowngraceperiod",
        "shutdowngraceperiodcriticalpods",
    }
)
"""Settings of the kubelet that change neither what a node offers nor when it evicts, without case and hyphens."""

BOOT_CODE = ("bootstrap-commands", "bootstrap-containers")
"""Bottlerocket's settings that run code of their own on the node."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """Each setting of the kubelet in userData that spec.kubelet does not have, and what cannot be judged at all.

    AL2023's NodeConfig, alone or in a MIME archive, and Bottlerocket's TOML are read; scripts are not.
    """
    user_data = declared.props.optional("spec", "userData")
    if user_data is None or not runs_workspaces(declared, context):
        return
    if declared.is_patch:
        yield from set_by_patch(declared, "userData")
        return
    text, name = user_data.text(), family(declared)
    if name == CUSTOM:
        yield not_judged(
            user_data.path, "the whole configuration of a Custom node's kubelet", f"remove {user_data.path}"
        )
    elif name == "Bottlerocket":
        yield from bottlerocket(user_data.path, text)
    else:
        yield from al2023(user_data.path, text)


def bottlerocket(path: str, text: str) -> Iterator[Problem]:
    """Bottlerocket's settings. Karpenter overwrites those that spec.kubelet has, and keeps all others."""
    try:
        document = Reading(tomllib.loads(text), path)
    except tomllib.TOMLDecodeError:
        yield not_judged(path, "no TOML, which is all that Bottlerocket reads", "write TOML")
        return
    settings = document.optional("settings")
    for name in BOOT_CODE:
        if settings and settings.optional(name):
            yield not_judged(path, f"settings.{name}, which can change the node", f"remove settings.{name} from {path}")
    kubernetes = settings.optional("kubernetes") if settings else None
    if kubernetes:
        yield from judged_settings(path, sorted(kubernetes.entries_or_none()))


def al2023(path: str, text: str) -> Iterator[Problem]:
    """A NodeConfig, or a MIME archive of NodeConfigs and scripts."""
    if not text.lstrip().startswith(("MIME-Version:", "Content-Type:")):
        yield from node_config(path, text)
        return
    archive = message_from_string(text.lstrip())
    for part in archive.walk():
        if part.get_content_type() == NODE_CONFIG:
            content = cast("bytes", part.get_payload(decode=True) or b"")
            yield from node_config(path, content.decode(errors="replace"))
        elif not part.is_multipart():
            yield script(path, part.get_content_type())


def node_config(path: str, text: str) -> Iterator[Problem]:
    """What a NodeConfig, or a text that should be one, says of the kubelet."""
    try:
        documents = [document for document in yaml.safe_load_all(text) if document is not None]
    except (yaml.YAMLError, RecursionError, ValueError):
        documents = [text]
    for document in documents:
        reading = Reading(cast("object", document), path)
        if not reading.is_mapping:
            yield script(path, "a script")
            continue
        kubelet = reading.optional("spec", "kubelet")
        config = kubelet.optional("config") if kubelet else None
        flags = kubelet.optional("flags") if kubelet else None
        named = [flag.text().partition("=")[0].split()[0] for flag in flags.items_or_none()] if flags else []
        yield from judged_settings(path, [*(sorted(config.entries_or_none()) if config else ()), *named])
        if reading.optional("spec", "instance", "localStorage"):
            yield Problem(
                problem=f"{path} sets spec.instance.localStorage, which moves the kubelet's storage",
                fix=f"remove spec.instance.localStorage from {path}",
            )


def judged_settings(path: str, names: list[str]) -> Iterator[Problem]:
    """Settings that were judged in spec.kubelet, or that are not known to be harmless."""
    changing = [name for name in names if name.lower().replace("-", "") not in HARMLESS]
    if changing:
        yield Problem(
            problem=f"{path} sets {', '.join(changing)} of the kubelet, with which Karpenter does not count",
            fix=f"set in spec.kubelet what it has of them, and remove them from {path}",
        )


def script(path: str, kind: str) -> Problem:
    """Code that runs at boot."""
    return not_judged(path, f"{kind}, which can change the kubelet", "write a NodeConfig (application/node.eks.aws)")


def not_judged(path: str, what: str, fix: str) -> Problem:
    """A part that no policy can read."""
    return Problem(problem=f"{path} has {what}: not judged", why="what was not judged may not pass", fix=fix)


USER_DATA = Policy(
    id="user-data",
    title="What nodes run at boot changes nothing that was judged of their kubelet.",
    why="nodes would take another number of workspaces, or evict them earlier, than was judged",
    fix="Set in spec.kubelet what it has, and keep userData to what does not size the node.",
    source="Karpenter v1.14.1, pkg/providers/amifamily/bootstrap; nodeadm's NodeConfig; Bottlerocket's settings",
    severity="critical",
    applies_to=NODE_CLASS,
    judge=judge,
    options=dict(NOT_FOR_WORKSPACES),
)
