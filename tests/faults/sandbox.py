"""One sandbox after another in the same folder and on the same port, each as it was left at a known moment."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.processes import (
    NOBODY,
    NONE,
    SECONDS,
    Conditions,
    Fault,
    end,
    environment_of,
    run_command,
    run_server,
    start,
)
from tests.sandbox.servers_for_tests import free_port
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import status
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

_POLL_SECONDS = 0.02
_AS_NOBODY = (
    "setpriv",
    f"--reuid={NOBODY}",
    f"--regid={NOBODY}",
    "--clear-groups",
    "--inh-caps=+dac_read_search",  # the interpreter may be in root's home, which others can't enter
    "--ambient-caps=+dac_read_search",
)


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended: exit_code is negative for the signal that ended it. text: all it said."""

    exit_code: int
    text: str

    @property
    def message(self) -> str:
        """The line that says why it could not run, or what was refused; empty where there is none."""
        found = re.search(r"^(Could not run|Refused).*?(?=\n\n|\n[A-Z]|\Z)", self.text, re.MULTILINE | re.DOTALL)
        return " ".join(found.group().split()) if found else ""

    @property
    def is_clear(self) -> bool:
        """Whether it said once what is wrong, and showed nobody a traceback."""
        said = len(re.findall(r"^(?:Could not run|Refused)", self.text, re.MULTILINE))
        return said == 1 and "Traceback" not in self.text and len(self.message) > len("Could not run: ")


class Running:
    """A command under way."""

    def __init__(self, process: Json, output: Path) -> None:
        self._process, self._output = process, output
        self.pid: int = process.pid

    def wait(self) -> Ran:
        """Until it ends. Raises TimeoutError where it does not."""
        self._process.join(SECONDS)
        if self._process.exitcode is None:
            end(self._process)
            raise TimeoutError(f"still running after {SECONDS} s: {self._output.read_text()}")
        code: int = self._process.exitcode
        self._process.close()
        return Ran(exit_code=code, text=self._output.read_text())

    def wait_until_stopped(self) -> None:
        """Until SIGSTOP has stopped it."""
        deadline = time.monotonic() + SECONDS
        while _process_state(self.pid) not in ("T", "Z"):
            if time.monotonic() > deadline:
                raise TimeoutError(f"never stopped: {self._output.read_text()}")
            time.sleep(_POLL_SECONDS)


@dataclass
class Sandbox:
    """A place for sandboxes: a folder and a port that stay the same, so that their states can be compared."""

    root: Path
    checkout: Path = CHECKOUT
    command: Callable[[tuple[str, ...], Mapping[str, str], Path, Conditions], None] = run_command
    port: int = field(default_factory=free_port)
    _servers: list[Json] = field(default_factory=list[Json])
    _outputs: int = 0

    @property
    def paths(self) -> SandboxPaths:
        """Of the sandbox that is there now."""
        return SandboxPaths(checkout=self.checkout, folder=(self.root / "data").resolve(), given_port=self.port)

    def keep(self, name: str) -> None:
        """Keeps what the sandbox holds, under a name. Its server must not run."""
        shutil.copytree(self.paths.folder, self.root / name)

    def restore(self, name: str) -> None:
        """Puts back what was kept."""
        self.stop()
        shutil.rmtree(self.paths.folder, ignore_errors=True)
        shutil.copytree(self.root / name, self.paths.folder)

    def serve(self, fault: Fault | None = None, file_bytes: int | None = None) -> int:
        """Starts the server, perhaps with a fault or a limit on any file's size, and answers its process."""
        self.paths.folder.mkdir(parents=True, exist_ok=True)
        process = start(run_server, environment_of(self.paths), self._output(), fault, file_bytes)
        self._servers.append(process)
        deadline = time.monotonic() + SECONDS
        while (found := status(self.paths)) is None or found.pid != process.pid:
            if time.monotonic() > deadline or process.exitcode is not None:
                raise TimeoutError(f"the server did not start: {self._last_output.read_text()}")
            time.sleep(_POLL_SECONDS)
        return process.pid

    def begin(self, *arguments: str, conditions: Conditions = NONE) -> Running:
        """Starts a command."""
        output = self._output()
        return Running(
            start(self.command, arguments, environment_of(self.paths, conditions), output, conditions), output
        )

    def run(self, *arguments: str, conditions: Conditions = NONE) -> Ran:
        """Runs a command to its end."""
        return self.begin(*arguments, conditions=conditions).wait()

    def stop(self) -> None:
        """Ends every server of this folder, started here or by a command."""
        for process in self._servers:
            end(process)
        self._servers.clear()
        for pid in self.running():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def running(self) -> dict[int, str]:
        """Processes of this sandbox that were started by a command: process id -> command line."""
        found: dict[int, str] = {}
        mark = f"WORKSHOP_SANDBOX_DIR={self.paths.folder}".encode()
        for folder in Path("/proc").iterdir():
            with suppress(OSError):
                if folder.name.isdecimal() and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def left_over(self) -> list[str]:
        """What still runs and is not the server; those that are about to end are given a moment."""
        deadline = time.monotonic() + 5
        while left := [line for line in self.running().values() if line and "workshop.sandbox.servers" not in line]:
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        return left

    @property
    def is_served(self) -> bool:
        """Whether a server answers."""
        return status(self.paths) is not None

    @property
    def _last_output(self) -> Path:
        return self.root / f"output-{self._outputs}"

    def _output(self) -> Path:
        self._outputs += 1
        return self._last_output


@contextmanager
def sandbox_in(root: Path, checkout: Path = CHECKOUT) -> Generator[Sandbox]:
    """A place for sandboxes; nothing of them runs afterwards."""
    root.mkdir(parents=True, exist_ok=True)
    sandbox = Sandbox(root, checkout)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def run_as_nobody(arguments: tuple[str, ...], environment: Mapping[str, str]) -> Ran:
    """Runs a command as somebody who owns nothing (as oneself where that takes root), with nothing imported before."""
    done = subprocess.run(
        [*(_AS_NOBODY if os.getuid() == 0 else ()), sys.executable, "-P", "-m", "workshop", *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return Ran(exit_code=done.returncode, text=done.stdout)


def half_written(paths: SandboxPaths) -> list[str]:
    """Files that can't be read as what they are."""
    import yaml

    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    broken: list[str] = []
    for path in paths.folder.rglob("*"):
        if path.suffix not in (".json", ".yaml") and path.name != "aws.jsonl":
            continue
        try:
            text = path.read_text(encoding="utf-8")
            for part in text.splitlines() if path.suffix == ".jsonl" else [text]:
                yaml.load(part, Loader=safe) if path.suffix == ".yaml" else json.loads(part)
        except (ValueError, yaml.YAMLError):
            broken.append(str(path.relative_to(paths.folder)))
    return broken


def _process_state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
