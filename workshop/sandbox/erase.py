"""Empties a sandbox."""

from __future__ import annotations

import shutil
from contextlib import ExitStack

from workshop.sandbox.clock import clock_file
from workshop.sandbox.clusters import lifecycle as clusters
from workshop.sandbox.clusters.running import folder_of
from workshop.sandbox.engine.state.lock import locked
from workshop.sandbox.lifecycle import stop
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.servers.coder.state_file import coder_file
from workshop.sandbox.servers.faults import faults_file
from workshop.sandbox.servers.monitoring import monitoring_file


def erase(paths: SandboxPaths) -> None:
    """Stops the servers and deletes what the sandbox wrote, but for locks, which others may be waiting for.

    Whatever else is in its folder stays, and so the folder. Raises Locked while a run changes one of its stacks.
    """
    with ExitStack() as held:
        for lock in sorted(paths.stacks.glob("*.lock")):
            held.enter_context(locked(lock, "reset"))
        clusters.stop(paths)
        stop(paths)
        for file in paths.stacks.glob("*"):
            if file.suffix != ".lock":
                file.unlink(missing_ok=True)
        own = (paths.folder / name for name in ("oci", "tls", "preflight", "checklists"))
        for folder in (paths.pulumi, paths.clusters, paths.homes, paths.objects, folder_of(paths), *own):
            shutil.rmtree(folder, ignore_errors=True)
        for file in (
            paths.overrides,
            paths.aws_record,
            paths.cloudflare_file,
            paths.litellm_file,
            paths.token_file,
            paths.cluster_token,
            clock_file(paths),
            coder_file(paths),
            monitoring_file(paths),
            faults_file(paths),
            paths.kubeconfig,
            paths.server_log,
            paths.port_file,
        ):
            file.unlink(missing_ok=True)
            for left_by_a_crash in paths.folder.glob(f".{file.name}.*.tmp"):
                left_by_a_crash.unlink(missing_ok=True)
