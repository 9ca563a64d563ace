"""Empties a sandbox."""

from __future__ import annotations

import shutil
from contextlib import suppress

from workshop.sandbox.clusters import lifecycle as clusters
from workshop.sandbox.clusters.running import folder_of
from workshop.sandbox.lifecycle import stop
from workshop.sandbox.paths import SandboxPaths


def erase(paths: SandboxPaths) -> None:
    """Stops the servers and deletes what the sandbox wrote; whatever else is in its folder stays, and so the folder."""
    clusters.stop(paths)
    stop(paths)
    for folder in (paths.stacks, paths.pulumi, paths.clusters, folder_of(paths)):
        shutil.rmtree(folder, ignore_errors=True)
    for file in (
        paths.overrides,
        paths.aws_record,
        paths.cloudflare_file,
        paths.kubeconfig,
        paths.server_file,
        paths.server_log,
        paths.server_lock,
        paths.start_lock,
    ):
        file.unlink(missing_ok=True)
    with suppress(OSError):  # not empty
        paths.folder.rmdir()
