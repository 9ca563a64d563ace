"""The program and the server, each run in a process forked from one that has everything imported already."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, TypeAlias

from tests.faults.moments import Action, Moments
from workshop.sandbox.json_values import Json
from workshop.sandbox.paths import SandboxPaths

NOBODY = 65534
PRELOADED = ["tests.faults.preloaded"]
SECONDS = 300
"""Before a process that does not end counts as hanging."""

Service: TypeAlias = Literal["aws", "cloudflare", "clusters"]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What the server does to one request that changes something (any request, for clusters).

    number: which, from 1. is_done: whether it is carried out before it is answered with this status.
    """

    service: Service
    status: int
    number: int
    is_done: bool


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What a run meets. moments: actions by their number; record: where the moments' names go.

    file_bytes: limit on the size of any file. patience: seconds that it waits for an answer. without: variables that
    are not set.
    """

    moments: Mapping[int, Action] = field(default_factory=dict[int, Action])
    record: Path | None = None
    server: int | None = None
    file_bytes: int | None = None
    as_nobody: bool = False
    without: tuple[str, ...] = ()
    patience: float | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


NONE = Conditions()


def context() -> Json:
    """Makes processes by fork from a clean one."""
    made = get_context("forkserver")
    made.set_forkserver_preload(PRELOADED)
    return made


def start(target: Callable[..., None], *arguments: object) -> Json:
    """A process that runs the target."""
    process = context().Process(target=target, args=arguments, daemon=False)
    process.start()
    return process


def end(process: Json) -> None:
    """Ends it, whatever it does."""
    process.kill()
    process.join()
    process.close()


def environment_of(paths: SandboxPaths, conditions: Conditions = NONE) -> dict[str, str]:
    """What a person exports who wants this sandbox, and no more than a person has."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    own = {
        "WORKSHOP_SANDBOX_DIR": str(paths.folder),
        "WORKSHOP_SANDBOX_PORT": str(paths.port),
        "PYTHONPATH": str(paths.checkout),
    }
    return {
        name: value
        for name, value in {**kept, **own, **conditions.environment}.items()
        if name not in conditions.without
    }


def run_command(
    arguments: tuple[str, ...], environment: Mapping[str, str], output: Path, conditions: Conditions
) -> None:
    """In a process of its own: the workshop command, its words going to a file."""
    meet(environment, output, conditions)
    _run(arguments)


def run_undisturbed(arguments: tuple[str, ...], environment: Mapping[str, str], output: Path, errors: Path) -> None:
    """In a process of its own: the workshop command, what it answers and what else it says going to a file each."""
    _become(environment, output, errors)
    _run(arguments)


def _run(arguments: tuple[str, ...]) -> None:
    from workshop.cli.main import main

    sys.argv = ["workshop", *arguments]
    main()


def meet(environment: Mapping[str, str], output: Path, conditions: Conditions) -> None:
    """Puts this process into its conditions."""
    _become(environment, output)
    _limit_files(conditions.file_bytes)
    if conditions.as_nobody and os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    if conditions.patience is not None:
        _lose_patience(conditions.patience)
    Moments(conditions.moments, conditions.record, conditions.server).arm()


def run_server(environment: Mapping[str, str], output: Path, fault: Fault | None, file_bytes: int | None) -> None:
    """In a process of its own: the sandbox's server, one of whose answers may be wrong."""
    _become(environment, output)
    from tests.faults.faulty_application import inject
    from workshop.sandbox.servers.__main__ import main

    if fault:
        inject(fault)
    _limit_files(file_bytes)
    sys.exit(main())


def _become(environment: Mapping[str, str], output: Path, errors: Path | None = None) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(environment)
    with output.open("w") as file, (errors or output).open("a") as other, Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno() if errors is None else other.fileno(), 2)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, m) for n, m in ((0, "r"), (1, "w"), (2, "w")))


def _limit_files(limit: int | None) -> None:
    """No file may grow beyond so many bytes: to a process it looks like a full disk."""
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def _lose_patience(seconds: float) -> None:
    from workshop.sandbox.providers.aws import provider as aws
    from workshop.sandbox.providers.cloudflare import provider as cloudflare

    for provider in (aws, cloudflare):
        impatient: Json = provider
        impatient.ANSWER_SECONDS = seconds
