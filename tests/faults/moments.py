"""Every moment at which a run can be cut short: what it writes to disk, and what it asks of a provider."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Literal

from workshop.sandbox.json_values import Json

Action = Literal["SIGKILL", "SIGINT", "SIGTERM", "SIGSTOP", "kill server", "hang server"]
"""What happens at a moment: a signal to the run itself, or the end of the server (SIGKILL), or SIGSTOP to it."""

_PROVIDERS = {
    "workshop.sandbox.providers.aws.provider": "AwsProvider",
    "workshop.sandbox.providers.cloudflare.provider": "CloudflareProvider",
    "workshop.sandbox.providers.kubernetes.provider": "KubernetesProvider",
}


class Moments:
    """Counts them, writes their names to a file if asked to, and acts at those that are named by their number."""

    def __init__(self, actions: Mapping[int, Action], record: Path | None, server: int | None) -> None:
        """actions: by number, from 1. server: its process."""
        self._actions, self._server = actions, server
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if record else None
        self._count = 0
        self._lock = threading.Lock()
        self._write = os.write

    def arm(self) -> None:
        """From here on every write and every call of this process counts."""
        self._arm_disk()
        for module, name in _PROVIDERS.items():
            provider: Json = getattr(import_module(module), name)
            for method in ("create", "update", "delete"):
                setattr(provider, method, self._counted(getattr(provider, method), method))

    def pass_one(self, name: str, while_torn: Callable[[], object] = lambda: None) -> None:
        """while_torn: makes half of the change, for runs that end here."""
        with self._lock:
            self._count += 1
            action = self._actions.get(self._count)
        if self._record is not None:
            self._write(self._record, f"{name}\n".encode())
        if action is None:
            return
        if action == "SIGKILL":
            while_torn()
        if action.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[action])
        elif self._server is not None:
            os.kill(self._server, signal.SIGKILL if action == "kill server" else signal.SIGSTOP)

    def _arm_disk(self) -> None:
        """The journal is the one file that is written with os.write; whatever else is kept is renamed into place."""
        write, rename, unlink = os.write, Path.replace, Path.unlink

        def counted_write(descriptor: int, data: bytes) -> int:
            if data.endswith(b"\n") and data.startswith(b"{"):
                self.pass_one("journal, torn", lambda: write(descriptor, data[: len(data) // 2]))
                written = write(descriptor, data)
                self.pass_one("journal, written")
                return written
            return write(descriptor, data)

        def counted_replace(path: Path, target: Path) -> Path:
            self.pass_one(f"{Path(target).name}, about to be replaced")
            replaced = rename(path, target)
            self.pass_one(f"{Path(target).name}, replaced")
            return replaced

        def counted_unlink(path: Path, missing_ok: bool = False) -> None:
            unlink(path, missing_ok=missing_ok)
            self.pass_one(f"{path.name}, removed")

        system: Json = os
        system.write = counted_write
        paths: Json = Path
        paths.replace, paths.unlink = counted_replace, counted_unlink

    def _counted(self, call: Callable[..., Json], method: str) -> Callable[..., Json]:
        @wraps(call)
        def counted(provider: Json, request: Json) -> Json:
            if getattr(request, "is_preview", False):
                return call(provider, request)
            name = f"{method} {request.kind.rpartition(':')[2]} {request.urn.rpartition('::')[2]}"
            answer = call(provider, request)
            self.pass_one(f"{name}, done")
            return answer

        return counted
