"""Prometheus' and Alertmanager's APIs as far as preflight asks them; what they know is in monitoring.json."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.wrappers import Request, Response

from workshop.model.settings.stack import Settings
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.kubernetes.stores import store_of

_DAEMONSETS: Final = {"cpu": 'resource="cpu"', "memory": 'resource="memory"', "pods": "count by (node)"}
"""By kind, how a query asks about what DaemonSets request: millicores, MiB and pods of each node."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Target(_Part):
    """Something that Prometheus scrapes."""

    job: str
    instance: str
    health: Literal["up", "down", "unknown"] = "up"
    last_error: str = ""


class Rule(_Part):
    """An alerting rule."""

    group: str
    name: str
    health: Literal["ok", "err", "unknown"] = "ok"
    last_error: str = ""


class Contents(_Part):
    """monitoring.json.

    daemonsets: what they take of every node, by kind of query (_DAEMONSETS). alerts: labels of those that arrived.
    is_delivering: whether Alertmanager takes alerts in.
    """

    targets: tuple[Target, ...]
    rules: tuple[Rule, ...]
    daemonsets: Mapping[str, float] = {"cpu": 450, "memory": 900, "pods": 6}
    alerts: tuple[Mapping[str, str], ...] = ()
    is_delivering: bool = True


FIRST: Final = Contents(
    targets=tuple(
        Target(job=job, instance=instance)
        for job, instance in (
            ("coder", "coder.coder:2112"),
            ("kube-state-metrics", "kube-state-metrics.monitoring:8080"),
            ("karpenter", "karpenter.karpenter:8080"),
        )
    ),
    rules=(Rule(group="coder", name="CoderdReplicas"), Rule(group="workspaces", name="WorkspaceBuildFailures")),
)


class Monitoring:
    """The WSGI application below /prometheus and /alertmanager."""

    def __init__(self, paths: SandboxPaths, settings: Settings) -> None:
        self._paths = paths
        self._contexts = [region.cluster.context for region in settings.regions if region.cluster.context]
        self._file = monitoring_file(paths)
        self._lock = threading.Lock()
        if not self._file.exists():
            self._keep(FIRST)

    def __call__(self, environ: dict[str, Json], start_response: Json) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        with self._lock:
            try:
                answer, status = self._answer(request, Contents.model_validate_json(self._file.read_bytes()))
            except (OSError, ValidationError) as error:
                answer, status = {"status": "error", "error": f"{self._file} can't be read: {error}"}, 500
        return Response(json.dumps(answer), status=status, content_type="application/json")(environ, start_response)

    def _answer(self, request: Request, contents: Contents) -> tuple[Json, int]:
        if request.path == "/prometheus/api/v1/targets":
            return _success({"activeTargets": [_target(one) for one in contents.targets], "droppedTargets": []}), 200
        if request.path == "/prometheus/api/v1/rules":
            return _success({"groups": _groups(contents.rules)}), 200
        if request.path == "/prometheus/api/v1/query":
            return _success(self._vector(request.args.get("query", ""), contents)), 200
        if request.path == "/alertmanager/api/v2/alerts" and request.method == "POST":
            alerts: list[dict[str, Json]] = request.get_json(silent=True) or []
            if contents.is_delivering:
                labels = tuple(alert["labels"] for alert in alerts)
                self._keep(contents.model_copy(update={"alerts": (*contents.alerts, *labels)}))
            return {}, 200
        if request.path == "/alertmanager/api/v2/alerts":
            return [_alert(labels) for labels in contents.alerts], 200
        return {"status": "error", "errorType": "not_found", "error": "not found"}, 404

    def _vector(self, query: str, contents: Contents) -> Json:
        """Of a question about DaemonSets, a sample for every node of every cluster; of any other, nothing."""
        kind = next((kind for kind, words in _DAEMONSETS.items() if words in query), None)
        value = contents.daemonsets.get(kind, 0) if kind and "DaemonSet" in query else None
        found = [
            {"metric": {"node": node["metadata"]["name"]}, "value": [0, str(value)]}
            for context in self._contexts
            for node in (store_of(self._paths, context).list(kind_of("v1", "Node")) if value is not None else ())
        ]
        return {"resultType": "vector", "result": found}

    def _keep(self, contents: Contents) -> None:
        write_private(self._file, contents.model_dump_json(indent=1) + "\n")


def monitoring_file(paths: SandboxPaths) -> Path:
    """Where both keep what they know."""
    return paths.folder / "monitoring.json"


def _success(data: Json) -> Json:
    return {"status": "success", "data": data}


def _target(target: Target) -> Json:
    url = f"http://{target.instance}/metrics"
    return {
        "discoveredLabels": {},
        "labels": {"job": target.job, "instance": target.instance},
        "scrapePool": target.job,
        "scrapeUrl": url,
        "globalUrl": url,
        "lastError": target.last_error,
        "health": target.health,
    }


def _groups(rules: Iterable[Rule]) -> list[Json]:
    groups: dict[str, list[Json]] = {}
    for rule in rules:
        groups.setdefault(rule.group, []).append(
            {
                "name": rule.name,
                "type": "alerting",
                "state": "inactive",
                "query": "vector(0)",
                "health": rule.health,
                "lastError": rule.last_error,
                "alerts": [],
            }
        )
    return [{"name": name, "file": "rules.yaml", "interval": 30, "rules": found} for name, found in groups.items()]


def _alert(labels: Mapping[str, str]) -> Json:
    return {
        "labels": labels,
        "annotations": {},
        "receivers": [{"name": "default"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
    }
