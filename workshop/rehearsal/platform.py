"""Coder's own scale test, run on the platform: users, workspaces, traffic, and all of it deleted again."""

from __future__ import annotations

import fcntl
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from workshop.model.rehearsal.platform import Results, read_results
from workshop.sandbox.files import is_locked, write_private

_CLI: Final = "coder"
_TRAFFIC_SECONDS: Final = 120
_START_MINUTES: Final = 20
"""After which a workspace that is not there has failed."""


_TRACE: Final = re.compile(r"^Trace=\[.*?\] ")
_ASKS: Final = re.compile(r"prepare build: (?:EOF|error creating cancelreader)")
_PARAMETERS: Final = "it takes no defaults: give each parameter of the template with --parameter NAME=VALUE"


class PlatformProblem(Exception):
    """Why it can't go on, in a sentence."""


class Journal(BaseModel):
    """What was begun, and is not known to be cleaned up. url: Coder's; empty: that which the CLI is logged in to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    stack: str
    template: str
    users: int
    url: str
    begun_at: AwareDatetime


@dataclass(frozen=True, kw_only=True)
class ScaleTest:
    """program: Coder's CLI. journal: file that is there from before the first user until all are deleted.

    environment: the CLI's. say: hears what is going on.
    """

    program: str
    journal: Path
    environment: Mapping[str, str]
    say: Callable[[str], None]

    def play(self, begun: Journal, parameters: Sequence[str]) -> tuple[Results, Results | None]:
        """Creates, sends traffic and cleans up, whatever happens between. Raises PlatformProblem."""
        self.journal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.journal, begun.model_dump_json())
        try:
            answer = self._test(begun, parameters)
        except PlatformProblem as problem:
            try:
                self.clean_up(begun.stack)
            except PlatformProblem as left:
                raise PlatformProblem(f"{problem}; then {left}") from None
            raise
        except BaseException:  # Ctrl-C
            self.clean_up(begun.stack)
            raise
        self.clean_up(begun.stack)
        return answer

    def _test(self, begun: Journal, parameters: Sequence[str]) -> tuple[Results, Results | None]:
        self.say(f"creating {begun.users} users and workspaces")
        created = self._run(
            "create-workspaces",
            *("--count", str(begun.users), "--template", begun.template, "--no-cleanup"),
            *("--concurrency", "0", "--job-timeout", f"{_START_MINUTES}m", "--timeout", f"{_START_MINUTES + 5}m"),
            *(f"--parameter={one}" for one in parameters),
        )
        if not created.passed:
            return created, None
        self.say(f"traffic to {len(created.passed)} workspaces for {_TRAFFIC_SECONDS} s")
        return created, self._run(
            "workspace-traffic",
            *("--template", begun.template, "--ssh", "--concurrency", "0", "--timeout", f"{_TRAFFIC_SECONDS}s"),
            # By default it serves metrics on every address of this machine, and waits to be asked for them.
            *("--scaletest-prometheus-address", "127.0.0.1:0", "--scaletest-prometheus-wait", "0s"),
        )

    def clean_up(self, stack: str) -> None:
        """Deletes every workspace of scale tests, then their users. Raises PlatformProblem; the journal then stays."""
        self.say("deleting workspaces and users of the scale test")
        # Of every template: users of another one's workspaces could not be deleted, nor anything where it is unknown.
        done = self._call("cleanup", "--cleanup-concurrency", "10")
        if done.returncode:
            raise PlatformProblem(
                f"{_said(done)}: workspaces or users of the scale test may be left: "
                f"workshop rehearse --real --clean-up --stack {stack}"
            )
        self._results.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)

    def _run(self, command: str, *options: str) -> Results:
        """A test's results; that some runs failed is one."""
        done = self._call(command, *options, "--output", f"json:{self._results}")
        try:
            return read_results(self._results.read_bytes())
        except FileNotFoundError:
            raise PlatformProblem(f"coder exp scaletest {command} did not run: {_said(done)}") from None
        except ValueError as error:
            raise PlatformProblem(
                f"coder exp scaletest {command} wrote what this version can't read: {error}"
            ) from None
        finally:
            self._results.unlink(missing_ok=True)

    @property
    def _results(self) -> Path:
        """In the data folder, for the CLI writes users' passwords into it, and where it stays it is known."""
        return self.journal.with_suffix(".results")

    def _call(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        with self.journal.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH)  # which the CLI keeps for as long as it lives, and it may live longer
            return subprocess.run(
                [self.program, "exp", "scaletest", command, *options],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                pass_fds=(held.fileno(),),
                text=True,
                errors="replace",
                check=False,
            )


def find_cli() -> str:
    """Coder's CLI on PATH. Raises PlatformProblem."""
    found = shutil.which(_CLI)
    if found is None:
        raise PlatformProblem(
            "--real runs Coder's own scale test, and its CLI is not on PATH: install the one of the server's version "
            "(https://coder.com/docs/install/cli), not the slim build, and log in as a site owner"
        )
    return found


def unfinished(journal: Path) -> Journal | None:
    """What an earlier rehearsal left, if it did not get to its end. Raises PlatformProblem where nobody can tell, and
    while it runs.
    """
    if not journal.exists():
        return None
    if is_locked(journal):
        raise PlatformProblem("a scale test still runs: wait until `coder exp scaletest` ends, or end that process")
    try:
        return Journal.model_validate_json(journal.read_bytes())
    except ValidationError:
        raise PlatformProblem(
            f"{journal} can't be read: run coder exp scaletest cleanup by hand, then delete it"
        ) from None


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """Why the CLI did nothing, in its words, and what to do where they don't say."""
    _, _, said = done.stderr.rpartition("error: ")
    why = _TRACE.sub("", " ".join(said.split()))[:300].rstrip(".") or f"exit code {done.returncode}"
    return f"{why} ({_PARAMETERS})" if _ASKS.match(why) else why
