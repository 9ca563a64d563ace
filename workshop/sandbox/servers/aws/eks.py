"""EKS access entries, which moto lacks: who of AWS is which user in a cluster. Kept as long as the server runs; the
record of changes brings them back.

Actions follow from method and path (Amazon EKS API Reference), below /eks, since the sandbox's Kubernetes APIs are
below /clusters. Nothing else of EKS is here: clusters are the sandbox's own, and no access entry lets anybody in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from workshop.sandbox.json_values import Json

_PATH: Final = re.compile(r"/eks/clusters/(?P<cluster>[\w-]{1,100})/access-entries(?:/(?P<principal>arn:aws:iam::.+))?")
_ACTIONS: Final[Mapping[tuple[str, bool], str]] = {
    ("POST", False): "CreateAccessEntry",
    ("GET", True): "DescribeAccessEntry",
    ("POST", True): "UpdateAccessEntry",
    ("DELETE", True): "DeleteAccessEntry",
}
_Key = tuple[str, str, str]
_entries: dict[_Key, dict[str, Json]] = {}


def action_of(method: str, path: str, query: str) -> str:
    """The action that a request asks for; "" for one that the sandbox doesn't know."""
    at = _PATH.fullmatch(path)
    return "" if at is None or query else _ACTIONS.get((method, at["principal"] is not None), "")


def answer(account: str, region: str, path: str, action: str, body: str) -> tuple[Json, int]:
    """What EKS answers to an action, with the HTTP status."""
    at = _PATH.fullmatch(path)
    if at is None:
        return _refusal("InvalidRequestException", f"{path} is no access entry", 400)
    sent: Mapping[str, Json] = json.loads(body or "{}")
    principal = unquote(at["principal"] or str(sent.get("principalArn", "")))
    key = region, at["cluster"], principal
    if action == "CreateAccessEntry":
        return _create(account, key, sent)
    if key not in _entries:
        return _refusal("ResourceNotFoundException", "The specified principalArn could not be found.", 404)
    if action == "DeleteAccessEntry":
        del _entries[key]
        return {}, 200
    if action == "UpdateAccessEntry":
        _entries[key] |= {name: sent[name] for name in ("kubernetesGroups", "username") if name in sent}
    return {"accessEntry": _entries[key]}, 200


def _create(account: str, key: _Key, sent: Mapping[str, Json]) -> tuple[Json, int]:
    region, cluster, principal = key
    if key in _entries:
        return _refusal("ResourceInUseException", "The specified access entry resource is already in use.", 409)
    kind, name = re.sub(r"^arn:aws:iam::\d{12}:", "", principal).split("/", 1)
    _entries[key] = {
        "clusterName": cluster,
        "principalArn": principal,
        "kubernetesGroups": sent.get("kubernetesGroups", []),
        "accessEntryArn": f"arn:aws:eks:{region}:{account}:access-entry/{cluster}/{kind}/{account}/{name}/sandbox",
        "tags": sent.get("tags", {}),
        "username": sent.get("username") or principal,
        "type": sent.get("type") or "STANDARD",
    }
    return {"accessEntry": _entries[key]}, 200


def _refusal(code: str, message: str, status: int) -> tuple[Json, int]:
    return {"__type": code, "message": message}, status
