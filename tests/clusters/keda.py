"""What KEDA's documentation says that it makes of one ScaledObject: an autoscaler of Kubernetes', and its metric.

KEDA's operator is too large for these tests. Played here: triggers of kind metrics-api, scalingModifiers.formula and
fallback; the autoscaler itself is Kubernetes' own. Source: KEDA documentation 2.20, ScaledObject specification.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from tests.clusters.objects import DEPLOYMENT
from workshop.sandbox.certificates import Authority, Lifetime, certificate_text, key_text, new_key
from workshop.sandbox.clusters.api import APPLY, Api
from workshop.sandbox.clusters.store import ApiServerStore
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest

SCALED_OBJECT = kind_of("keda.sh/v1alpha1", "ScaledObject")
GROUP = "external.metrics.k8s.io"
METRIC = "composite-metric"


@dataclass
class Keda:
    """One ScaledObject's. exporter: what its triggers' URLs lead to here; failures: in a row.

    faster: by what time-outs of the autoscaler are divided, so that a test need not wait for them.
    """

    store: ApiServerStore
    namespace: str
    name: str
    exporter: str
    faster: int
    failures: int = 0
    values: list[float] = field(default_factory=list[float])

    @property
    def scaled_object(self) -> Manifest:
        found = self.store.get(SCALED_OBJECT, self.namespace, self.name)
        assert found is not None
        return found

    def reconcile(self) -> None:
        """The HorizontalPodAutoscaler of the ScaledObject as it is now."""
        spec = self.scaled_object["spec"]
        modifiers, behavior = (
            spec["advanced"]["scalingModifiers"],
            spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"],
        )
        for rules in behavior.values():
            rules["stabilizationWindowSeconds"] //= self.faster
        target = {"type": modifiers["metricType"], "averageValue": modifiers["target"]}
        external = {"metric": {"name": METRIC, "selector": {"matchLabels": {"scaledobject.keda.sh/name": self.name}}}}
        autoscaler: Manifest = {
            "apiVersion": "autoscaling/v2",
            "kind": "HorizontalPodAutoscaler",
            "metadata": {"name": f"keda-hpa-{self.name}", "namespace": self.namespace},
            "spec": {
                "scaleTargetRef": spec["scaleTargetRef"],
                "minReplicas": spec["minReplicaCount"],
                "maxReplicas": spec["maxReplicaCount"],
                "behavior": behavior,
                "metrics": [{"type": "External", "external": {**external, "target": target}}],
            },
        }
        self.store.apply(autoscaler, "keda", force=True)

    def metric(self) -> float:
        """The composite metric. Raises httpx.HTTPError where a trigger fails, and it has not failed often enough."""
        spec = self.scaled_object["spec"]
        try:
            found = {trigger["name"]: self._ask(trigger) for trigger in spec["triggers"]}
        except httpx.HTTPError:
            self.failures += 1
            fallback = spec["fallback"]
            if self.failures < fallback["failureThreshold"]:
                raise
            assert fallback["behavior"] == "currentReplicasIfHigher"
            replicas = max(self.replicas(), fallback["replicas"])
            return replicas * float(spec["advanced"]["scalingModifiers"]["target"])
        self.failures = 0
        return float(eval(spec["advanced"]["scalingModifiers"]["formula"], {"__builtins__": {}}, found))

    def replicas(self) -> int:
        """Of what is scaled."""
        found = self.store.get(DEPLOYMENT, self.namespace, self.scaled_object["spec"]["scaleTargetRef"]["name"])
        assert found is not None
        return found["spec"]["replicas"]

    def _ask(self, trigger: Mapping[str, Json]) -> float:
        assert trigger["type"] == "metrics-api"
        metadata: Mapping[str, str] = trigger["metadata"]
        response = httpx.get(f"{self.exporter}{urlsplit(metadata['url']).path}").raise_for_status()
        return float(response.json()[metadata["valueLocation"]])


@contextmanager
def metrics_server(keda: Keda, api: Api, folder: Path) -> Generator[None]:
    """KEDA's metrics server, behind the API server's aggregation, which does not check who it is."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if METRIC not in self.path:
                self._answer(
                    200,
                    {
                        "kind": "APIResourceList",
                        "apiVersion": "v1",
                        "groupVersion": f"{GROUP}/v1beta1",
                        "resources": [],
                    },
                )
                return
            try:
                value = keda.metric()
            except httpx.HTTPError as error:
                self._answer(
                    500, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 500, "message": str(error)}
                )
                return
            keda.values.append(value)
            item = {"metricName": METRIC, "metricLabels": None, "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
            items = [{**item, "value": f"{round(value * 1000)}m"}]
            self._answer(
                200,
                {"kind": "ExternalMetricValueList", "apiVersion": f"{GROUP}/v1beta1", "metadata": {}, "items": items},
            )

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

        def _answer(self, status: int, body: Manifest) -> None:
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = _context(folder).wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        _register(api, server.server_port)
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _register(api: Api, port: int) -> None:
    """An APIService that leads to this machine."""
    service: Manifest = {"type": "ExternalName", "externalName": "localhost"}
    metadata = {"name": "keda-metrics", "namespace": "kube-system"}
    ApiServerStore(api).apply(
        {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}, "keda", force=True
    )
    version = {"group": GROUP, "version": "v1beta1", "groupPriorityMinimum": 100, "versionPriority": 100}
    reference = {**metadata, "port": port}
    spec = {**version, "insecureSkipTLSVerify": True, "service": reference}
    made: Manifest = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "spec": spec}
    made["metadata"] = {"name": f"v1beta1.{GROUP}"}
    path = f"/apis/apiregistration.k8s.io/v1/apiservices/{made['metadata']['name']}"
    api.request("PATCH", path, made, content_type=APPLY, query={"fieldManager": "keda", "force": "true"})


def _context(folder: Path) -> ssl.SSLContext:
    lifetime = Lifetime(begins_at=datetime.now(UTC), ends_at=datetime.now(UTC) + timedelta(hours=1))
    key = new_key()
    signed = Authority("keda", lifetime).sign(
        "keda", key, lifetime, x509.SubjectAlternativeName([x509.DNSName("localhost")])
    )
    file = folder / "keda.pem"
    file.write_text(certificate_text(signed) + key_text(key))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
