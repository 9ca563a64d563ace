"""The processes of the clusters: one etcd, and for each an API server, a controller manager, and what nodes need."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from workshop.sandbox.clusters.binaries import Commands
from workshop.sandbox.clusters.credentials import KUBELET_CLIENT
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.pods import WITH_NODES
from workshop.sandbox.clusters.processes import spawn
from workshop.sandbox.clusters.running import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.pods.kubelet import IMAGES

ETCD: Final = "etcd"
PODS: Final = "pods"
ETCD_SECONDS: Final = 30
API_SERVER_SECONDS: Final = 120
"""How long each may take to be ready: 3 s on a quiet machine, 40 with twenty processes in line for two cores."""

_API_SERVER_GOGC: Final = "300"
"""Go's own is 100: garbage is collected less often, for more memory."""

_CONTROLLERS: Final = (
    "garbage-collector-controller",  # deletes in the foreground wait for it
    "namespace-controller",
    "serviceaccount-controller",  # the account `default` of each namespace, which pods need
    "clusterrole-aggregation-controller",
    "resourcequota-controller",
    "validatingadmissionpolicy-status-controller",
    "deployment-controller",  # whoever changes a Deployment waits for its rollout
    "replicaset-controller",
)
"""Those that the API itself leans on, and those of Deployments. CronJobs are never due: nobody makes their Jobs."""

_NODE_CONTROLLERS: Final = (
    "node-lifecycle-controller",  # takes the taint off that a node has until it is ready
    "taint-eviction-controller",
    "pod-garbage-collector-controller",
    "disruption-controller",
    "job-controller",
    "ttl-after-finished-controller",
    "daemonset-controller",
    "statefulset-controller",
    "endpointslice-controller",
    "horizontal-pod-autoscaler-controller",
)
"""More, for clusters whose pods are placed on nodes; that of CronJobs where these are due.

None is for volumes: no pod here has a claim on one.
"""


@dataclass(frozen=True, kw_only=True)
class ControlPlanes:
    """Starts the parts. folder: credentials, process records, logs and etcd's data; commands: how parts are started."""

    folder: Path
    commands: Commands

    def start_etcd(self, port: int) -> None:
        """Starts etcd on 127.0.0.1; only the holder of our certificate gets in."""
        url = f"https://127.0.0.1:{port}"
        peer = f"https://127.0.0.1:{free_port()}"
        self._spawn(
            ETCD,
            (*self.commands["etcd"],),
            {
                "name": "sandbox",
                "data-dir": str(self.folder / "etcd-data"),
                "listen-client-urls": url,
                "advertise-client-urls": url,
                "listen-peer-urls": peer,
                "initial-advertise-peer-urls": peer,
                "initial-cluster": f"sandbox={peer}",
                "trusted-ca-file": self._file("ca.crt"),
                "cert-file": self._file("loopback.crt"),
                "key-file": self._file("loopback.key"),
                "client-cert-auth": "true",
                "peer-trusted-ca-file": self._file("ca.crt"),
                "peer-cert-file": self._file("loopback.crt"),
                "peer-key-file": self._file("loopback.key"),
                "peer-client-cert-auth": "true",
                "unsafe-no-fsync": "true",  # survives a crash of the process, not of the machine
                "log-level": "error",
            },
        )

    def start_api_server(self, context: str, port: int, etcd_port: int) -> None:
        """Starts a cluster's API server; its objects are below a prefix of its own."""
        self._spawn(
            api_server(context),
            self.commands["kube-apiserver"],
            {
                "bind-address": "127.0.0.1",
                "secure-port": str(port),
                "tls-cert-file": self._file("loopback.crt"),
                "tls-private-key-file": self._file("loopback.key"),
                "etcd-servers": f"https://127.0.0.1:{etcd_port}",
                "etcd-prefix": f"/registry/{context}",
                "etcd-cafile": self._file("ca.crt"),
                "etcd-certfile": self._file("loopback.crt"),
                "etcd-keyfile": self._file("loopback.key"),
                "token-auth-file": self._file("tokens.csv"),
                "authorization-mode": "RBAC",
                "service-account-issuer": "https://kubernetes.default.svc",
                "service-account-key-file": self._file("service-accounts.key"),
                "service-account-signing-key-file": self._file("service-accounts.key"),
                "service-cluster-ip-range": "10.96.0.0/16",
                "endpoint-reconciler-type": "none",
                "kubelet-certificate-authority": self._file("ca.crt"),
                "kubelet-client-certificate": self._file("kubelet-client.crt"),
                "kubelet-client-key": self._file("kubelet-client.key"),
                "kubelet-preferred-address-types": "InternalIP",
                "allow-privileged": "true",
                "profiling": "false",
                "max-requests-inflight": "200",
            },
            {"GOGC": _API_SERVER_GOGC},
        )

    def start_controller_manager(self, context: str, port: int, nodes: Nodes | None) -> None:
        """Starts a cluster's controller manager, with the controllers that the API itself needs or with all of ours."""
        controllers = (*_CONTROLLERS, *(_NODE_CONTROLLERS if nodes else ()))
        if nodes and nodes.are_cron_jobs_due:
            controllers += ("cronjob-controller",)
        self._spawn(
            controller_manager(context),
            self.commands["kube-controller-manager"],
            {
                "kubeconfig": self._kubeconfig(controller_manager(context), port, "system:kube-controller-manager"),
                "controllers": ",".join(controllers),
                "use-service-account-credentials": "true",
                "service-account-private-key-file": self._file("service-accounts.key"),
                "root-ca-file": self._file("ca.crt"),
                "horizontal-pod-autoscaler-sync-period": "3s",  # 15 s elsewhere
                "kube-api-qps": "200",  # 20 elsewhere: DaemonSets would be later than nodes, which boot fast here
                "kube-api-burst": "400",
                "leader-elect": "false",
                "secure-port": "0",
                "profiling": "false",
            },
        )

    def start_nodes(self, context: str, port: int, nodes: Nodes) -> None:
        """Starts what places a cluster's pods, what runs them, and Karpenter where there is a catalogue for it."""
        scheduler_access = self._kubeconfig(scheduler(context), port, "system:kube-scheduler")
        self._spawn(
            scheduler(context),
            self.commands["kube-scheduler"],
            {"kubeconfig": scheduler_access, "leader-elect": "false", "secure-port": "0", "profiling": "false"},
        )
        self._spawn(
            kubelet(context),
            self.commands["kubelet"],
            {
                "folder": self._file(f"{kubelet(context)}-pods"),
                "port": str(free_port()),
                "tls-cert-file": self._file("loopback.crt"),
                "tls-private-key-file": self._file("loopback.key"),
                "client-ca-file": self._file("ca.crt"),
                "client-name": KUBELET_CLIENT,
                "plain-nodes": str(nodes.plain),
                "boot-delays": ",".join(f"{seconds:.3f}s" for seconds in nodes.boot_seconds),
                "start-delay": f"{nodes.start_seconds:.3f}s",
                "volume": "" if nodes.volume_gib is None else f"{nodes.volume_gib}Gi",
                "images": f"{nodes.images_gib}Gi",
                "image-sizes": ",".join(f"{name}={gib}Gi" for name, gib in nodes.images.items()),
                "pull-rate": f"{nodes.pull_mib_per_second}Mi",
                "parallel-pulls": str(nodes.parallel_pulls),
                "refused-pulls": str(nodes.refused_pulls),
                "speed": str(nodes.speed),
                "elsewhere": ",".join(IMAGES),
            },
            {"KUBECONFIG": self._kubeconfig(kubelet(context), port, "kubelet")},
        )
        if nodes.instance_types is not None:
            self.start_karpenter(context, port, nodes.instance_types, nodes.quota_vcpu)

    def start_karpenter(self, context: str, port: int, instance_types: Path, quota_vcpu: int | None = None) -> None:
        """Starts a cluster's Karpenter, which reads its catalogue once."""
        quota = {} if quota_vcpu is None else {"VCPU_QUOTA": str(quota_vcpu)}
        self._spawn(
            karpenter(context),
            self.commands["karpenter"],
            {"instance-types-file-path": str(instance_types.resolve())},
            {"KUBECONFIG": self._kubeconfig(karpenter(context), port, "karpenter"), **quota},
        )

    def start_karpenter_on_aws(self, context: str, port: int, program: Path, environment: Mapping[str, str]) -> None:
        """Starts a cluster's Karpenter with its AWS provider. environment: where AWS is, and who asks it."""
        access = self._kubeconfig(karpenter(context), port, "karpenter")
        self._spawn(karpenter(context), (str(program),), {}, {"KUBECONFIG": access, **environment})

    def start_pods(self, ports: Mapping[str, int], with_nodes: Iterable[str], sandbox: Mapping[str, str]) -> None:
        """Starts what makes pods and Jobs run, and in clusters with nodes what is in pods of ours.

        ports: of API servers, by context; sandbox: variables that lead to this sandbox.
        """
        command = (sys.executable, "-P", "-m", "workshop.sandbox.clusters.pods")
        clusters = tuple(f"{context}={port}" for context, port in ports.items())
        clusters += tuple(f"{WITH_NODES}{context}" for context in with_nodes)
        environment = {"PATH": os.defpath, "HOME": str(self.folder), "PYTHONPATH": str(CHECKOUT), **sandbox}
        spawn(self.folder, PODS, (*command, *clusters), environment)

    def _spawn(
        self,
        name: str,
        command: Sequence[str],
        flags: Mapping[str, str],
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        arguments = (f"--{flag}={value}" for flag, value in flags.items())
        always = {"PATH": os.defpath, "HOME": str(self.folder)}
        spawn(self.folder, name, (*command, *arguments), {**always, **environment})

    def _kubeconfig(self, name: str, port: int, user: str) -> str:
        """The path of a file, by which a process reaches an API server as a user."""
        path = self.folder / f"{name}.kubeconfig"
        content = (
            "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
            f"clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:{port}', "
            f"certificate-authority: '{self._file('ca.crt')}'}}}}]\n"
            f"users: [{{name: u, user: {{token: '{token_of(self.folder, user)}'}}}}]\n"
        )
        write_private(path, content)
        return str(path)

    def _file(self, name: str) -> str:
        return str(self.folder / name)


def api_server(context: str) -> str:
    """The process's name."""
    return f"kube-apiserver-{context}"


def controller_manager(context: str) -> str:
    """The process's name."""
    return f"kube-controller-manager-{context}"


def scheduler(context: str) -> str:
    """The process's name."""
    return f"kube-scheduler-{context}"


def kubelet(context: str) -> str:
    """The process's name."""
    return f"kubelet-{context}"


def karpenter(context: str) -> str:
    """The process's name."""
    return f"karpenter-{context}"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
