"""The processes of the control planes: one etcd, and for each cluster an API server and a controller manager."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workshop.sandbox.clusters.binaries import Commands
from workshop.sandbox.clusters.processes import spawn
from workshop.sandbox.clusters.running import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.paths import CHECKOUT

ETCD: Final = "etcd"
PODS: Final = "pods"
ETCD_SECONDS: Final = 10
API_SERVER_SECONDS: Final = 30
"""How long each may take to be ready; both take 3 s on a quiet machine."""

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
                "allow-privileged": "true",
                "profiling": "false",
                "max-requests-inflight": "200",
            },
        )

    def start_controller_manager(self, context: str, port: int) -> None:
        """Starts a cluster's controller manager, with the controllers that the API itself needs."""
        kubeconfig = self.folder / f"{controller_manager(context)}.kubeconfig"
        write_private(kubeconfig, self._kubeconfig(port))
        self._spawn(
            controller_manager(context),
            self.commands["kube-controller-manager"],
            {
                "kubeconfig": str(kubeconfig),
                "controllers": ",".join(_CONTROLLERS),
                "use-service-account-credentials": "true",
                "service-account-private-key-file": self._file("service-accounts.key"),
                "root-ca-file": self._file("ca.crt"),
                "leader-elect": "false",
                "secure-port": "0",
                "profiling": "false",
            },
        )

    def start_pods(self, ports: Mapping[str, int], sandbox: Mapping[str, str]) -> None:
        """Starts what makes pods and Jobs run, in every cluster.

        ports: of API servers, by context; sandbox: variables that lead to this sandbox.
        """
        command = (sys.executable, "-P", "-m", "workshop.sandbox.clusters.pods")
        clusters = tuple(f"{context}={port}" for context, port in ports.items())
        environment = {"PATH": os.defpath, "HOME": str(self.folder), "PYTHONPATH": str(CHECKOUT), **sandbox}
        spawn(self.folder, PODS, (*command, *clusters), environment)

    def _spawn(self, name: str, command: Sequence[str], flags: Mapping[str, str]) -> None:
        arguments = (f"--{flag}={value}" for flag, value in flags.items())
        spawn(self.folder, name, (*command, *arguments), {"PATH": os.defpath, "HOME": str(self.folder)})

    def _kubeconfig(self, port: int) -> str:
        token = token_of(self.folder, "system:kube-controller-manager")
        return (
            "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
            f"clusters: [{{name: c, cluster: {{server: 'https://127.0.0.1:{port}', "
            f"certificate-authority: '{self._file('ca.crt')}'}}}}]\nusers: [{{name: u, user: {{token: '{token}'}}}}]\n"
        )

    def _file(self, name: str) -> str:
        return str(self.folder / name)


def api_server(context: str) -> str:
    """The process's name."""
    return f"kube-apiserver-{context}"


def controller_manager(context: str) -> str:
    """The process's name."""
    return f"kube-controller-manager-{context}"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
