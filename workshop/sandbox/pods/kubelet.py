"""Stands in for Job controller and kubelet: runs a Job's container as a process of this machine.

There are no containers in the sandbox: an image is known by the last part of its name, and stands for a Python module.
The process has the Pod's ServiceAccount, whose token a real API server issues and judges by RBAC; a cluster that is a
folder takes one token for all.
"""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import yaml

from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.binaries import cache_folder
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_private
from workshop.sandbox.json_values import Json
from workshop.sandbox.manifests.kinds import kind_of
from workshop.sandbox.manifests.merging import Manifest
from workshop.sandbox.manifests.store import ClusterStore
from workshop.sandbox.paths import SandboxPaths

IMAGES: Final[Mapping[str, str]] = {
    "ai-coder-workshop": "workshop.rotation",
    "rotate-key": "workshop.sandbox.pods.rotate_key",
}
"""Module by image name, unless the container's command names another of the image's. A Job of any other image is taken
to have done its work at once."""

_CONTAINER: Final = "workshop.sandbox.pods.container"
_MANAGER: Final = "kube-controller-manager"
_POLL_SECONDS: Final = 0.2


class Kubelet:
    """Runs the Jobs of one cluster. has_controllers: it makes their Pods itself; only what is in them is run here."""

    def __init__(
        self, paths: SandboxPaths, context: str, store: ClusterStore, *, has_controllers: bool = False
    ) -> None:
        self._paths = paths
        self._context = context
        self._store = store
        self._has_controllers = has_controllers
        self._seen: set[str] = set()

    def run(self, job: Manifest) -> Manifest:
        """Runs a Job that exists until it is complete, or has failed as often as it may; answers it with its status."""
        self._seen.add(job["metadata"]["uid"])
        spec = job["spec"]["template"]["spec"]
        started = _now()
        said, is_done = "", False
        for _ in range(1 + int(job["spec"].get("backoffLimit", 6))):
            said, is_done = self._run_pod(job["metadata"]["namespace"], spec, _deadline(job))
            if is_done:
                break
        finished = {**job, "status": _completed(started) if is_done else _failed(started, said)}
        self._store.set_status(finished, _MANAGER)
        return finished

    def run_pod(self, pod: Manifest) -> bool:
        """Runs what is in a Pod; answers whether it ended well."""
        spec = pod["spec"]
        said, is_done = self._run_pod(pod["metadata"]["namespace"], spec, _deadline(pod))
        if said and not is_done:
            sys.stderr.write(f"{pod['metadata']['namespace']}/{pod['metadata']['name']}: {said}\n")
        return is_done

    def run_cron_job(self, namespace: str, name: str) -> Manifest:
        """What happens when a CronJob is due; answers the Job that ran. Raises LookupError where there is none."""
        found = self._store.get(kind_of("batch/v1", "CronJob"), namespace, name)
        if found is None:
            raise LookupError(f"there is no CronJob {namespace}/{name}")
        owner = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "name": name,
            "uid": found["metadata"]["uid"],
            "controller": True,
        }
        metadata = {"name": f"{name}-{secrets.token_hex(4)}", "namespace": namespace, "ownerReferences": [owner]}
        job = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": found["spec"]["jobTemplate"]["spec"],
        }
        return self.run(self._store.create(job, _MANAGER))

    def _run_pod(self, namespace: str, spec: Mapping[str, Json], deadline_seconds: float) -> tuple[str, bool]:
        """The last line that the Pod said, and whether it ended well."""
        (container,) = spec["containers"]
        module = _module(container)
        if module is None:
            return "", True
        with tempfile.TemporaryDirectory(prefix="workshop-pod-") as home:
            kubeconfig = Path(home) / "kubeconfig"
            account = spec.get("serviceAccountName", "default")
            write_private(kubeconfig, yaml.safe_dump(self._kubeconfig(namespace, account)))
            try:
                environment = {**self._environment(home), **self._variables(namespace, container)}
            except LookupError as missing:
                return f"CreateContainerConfigError: {missing.args[0]}", False
            command = [sys.executable, "-P", "-m", _CONTAINER, module, *container.get("args", [])]
            return self._run_process(command, environment, Path(home), deadline_seconds)

    def _run_process(
        self, command: list[str], environment: Mapping[str, str], home: Path, deadline_seconds: float
    ) -> tuple[str, bool]:
        """Waits for its end, and runs what it starts in the cluster meanwhile."""
        deadline = time.monotonic() + deadline_seconds
        log = home / "log"
        with (
            log.open("wb") as output,
            subprocess.Popen(
                command, env=environment, cwd=home, stdin=subprocess.PIPE, stdout=output, stderr=output
            ) as process,
        ):
            while process.poll() is None:
                if time.monotonic() > deadline:
                    process.kill()
                    return f"DeadlineExceeded: no end after {deadline_seconds:g} s", False
                time.sleep(_POLL_SECONDS)
                if not self._has_controllers:
                    self.run_pending()
        lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return (lines[-1] if lines else f"exit code {process.returncode}"), process.returncode == 0

    def run_once(self, job: Manifest) -> None:
        """Runs a Job unless it has run here before, or has ended elsewhere."""
        if job["metadata"]["uid"] not in self._seen and not _has_ended(job):
            self.run(job)

    def run_pending(self) -> None:
        """Runs every Job that waits and whose image is known; each once."""
        for job in self._store.list(kind_of("batch/v1", "Job")):
            if is_known(job["spec"]["template"]["spec"]):
                self.run_once(job)

    def _environment(self, home: str) -> dict[str, str]:
        """What the cluster puts into every Pod: who it is to the API server and, by IRSA, to AWS."""
        return {
            "PATH": _path(),
            "HOME": home,
            "PYTHONPATH": str(self._paths.checkout),
            "KUBECONFIG": str(Path(home) / "kubeconfig"),
            "LITELLM_URL": self._paths.litellm_endpoint,
            "REGCTL_CONFIG": str(self._paths.regctl_config),
            "WORKSHOP_CACHE_DIR": str(cache_folder()),  # where regctl is, if it is not on PATH
            **aws_environment(self._paths),
        }

    def _variables(self, namespace: str, container: Mapping[str, Json]) -> dict[str, str]:
        """The container's own. Raises LookupError for a Secret, or a key of one, that isn't there."""
        variables: dict[str, str] = {}
        for entry in container.get("env", []):
            if "value" in entry:
                variables[entry["name"]] = entry["value"]
                continue
            reference = entry["valueFrom"]["secretKeyRef"]
            variables[entry["name"]] = self._secret(namespace, reference["name"], reference["key"])
        return variables

    def _secret(self, namespace: str, name: str, key: str) -> str:
        secret = self._store.get(kind_of("v1", "Secret"), namespace, name)
        if secret is None:
            raise LookupError(f'secret "{name}" not found')
        data: Mapping[str, str] = secret.get("data") or {}
        if key not in data:
            raise LookupError(f"couldn't find key {key} in Secret {namespace}/{name}")
        return base64.b64decode(data[key]).decode()

    def _kubeconfig(self, namespace: str, account: str) -> dict[str, Json]:
        access = api_servers(self._paths).get(self._context)
        if access is None:
            cluster, token = {"server": self._paths.cluster_endpoint(self._context)}, folder_token(self._paths)
        else:
            asked = Api(self._context, access).request(
                "POST",
                f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token",
                {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 3600}},
            )
            cluster, token = access.cluster, asked["status"]["token"]
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "cluster", "cluster": dict(cluster)}],
            "users": [{"name": account, "user": {"token": token}}],
            "contexts": [{"name": "pod", "context": {"cluster": "cluster", "user": account, "namespace": namespace}}],
            "current-context": "pod",
        }


def _path() -> str:
    """The system's, and where regctl is, which the project's image has."""
    regctl = shutil.which("regctl")
    return os.pathsep.join([os.defpath, *([str(Path(regctl).parent)] if regctl else [])])


def aws_environment(paths: SandboxPaths) -> Mapping[str, str]:
    """The sandbox's AWS, and nothing of this machine's."""
    return {
        "AWS_ENDPOINT_URL": paths.aws_endpoint,
        "AWS_ACCESS_KEY_ID": token_of(paths),
        "AWS_SECRET_ACCESS_KEY": token_of(paths),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "*",
    }


def folder_token(paths: SandboxPaths) -> str:
    """The token that clusters in folders take for writing; made when it is first asked for."""
    try:
        return paths.cluster_token.read_text(encoding="utf-8")
    except FileNotFoundError:
        write_private(paths.cluster_token, secrets.token_urlsafe(32))
        return paths.cluster_token.read_text(encoding="utf-8")


def is_known(pod_spec: Mapping[str, Json]) -> bool:
    """Whether what is in such a Pod can be run on this machine."""
    return _image_name(pod_spec["containers"][0]["image"]) in IMAGES


def _module(container: Mapping[str, Json]) -> str | None:
    """What a container runs: python -m MODULE, as its command or as its image says; None for an image not known."""
    of_image = IMAGES.get(_image_name(container["image"]))
    command: list[str] = container.get("command") or []
    return command[2] if of_image and command[:2] == ["python", "-m"] else of_image


def _image_name(image: str) -> str:
    return image.partition("@")[0].rpartition("/")[2].partition(":")[0]


def _has_ended(job: Manifest) -> bool:
    status: Mapping[str, Json] = job.get("status") or {}
    return bool(status.get("conditions"))


def _deadline(job_or_pod: Manifest) -> float:
    return float(job_or_pod["spec"].get("activeDeadlineSeconds", 600))


def _completed(started: str) -> Manifest:
    ended = _now()
    return {
        "startTime": started,
        "completionTime": ended,
        "succeeded": 1,
        "conditions": [
            _condition("SuccessCriteriaMet", "CompletionsReached", "Reached expected number of succeeded pods"),
            _condition("Complete", "CompletionsReached", "Reached expected number of succeeded pods"),
        ],
    }


def _failed(started: str, said: str) -> Manifest:
    return {
        "startTime": started,
        "failed": 1,
        "conditions": [
            _condition("FailureTarget", "BackoffLimitExceeded", said),
            _condition("Failed", "BackoffLimitExceeded", said),
        ],
    }


def _condition(kind: str, reason: str, message: str) -> Manifest:
    return {"type": kind, "status": "True", "lastTransitionTime": _now(), "reason": reason, "message": message}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
