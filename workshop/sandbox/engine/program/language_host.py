"""Runs the unmodified program in this process, as pulumi's own language host does in its own."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import runpy
import sys
import traceback
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import pulumi.runtime.resource
from pulumi.runtime.proto import source_pb2

from workshop.model.findings import Refused
from workshop.sandbox.engine.errors import EngineError
from workshop.sandbox.engine.lazy.packages import lazy_packages
from workshop.sandbox.engine.program.monitor import Engine, Monitor
from workshop.sandbox.engine.registration.workers import Workers


def run_program(
    program: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str],
    is_preview: bool,
    monitor: Monitor,
    engine: Engine,
    workers: Workers,
) -> None:
    """Runs it to its end, deletions and all. Raises Refused, EngineError, KeyboardInterrupt."""

    def in_own_context() -> None:
        # Settings are context variables, set already by the constructor.
        settings = pulumi.runtime.Settings(
            project=project,
            stack=stack,
            monitor=monitor,
            engine=engine,
            dry_run=is_preview,
            organization="organization",
            root_directory=str(program),
        )
        pulumi.runtime.configure(settings)
        pulumi.runtime.set_all_config(dict(config), [])
        _run_loop(program, workers)

    with _surroundings(program), lazy_packages(), _without_stack_traces():
        try:
            contextvars.Context().run(in_own_context)
        except Exception as error:
            raise _for_people(monitor.error or error, program) from error


def _run_loop(program: Path, workers: Workers) -> None:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(workers)
    loop.set_exception_handler(lambda _loop, _context: None)  # outputs that nobody awaits after a failure
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _execute(program)))
    finally:
        with ThreadPoolExecutor(1) as joiner:  # the loop goes on, since the last calls may wait for its hooks
            loop.run_until_complete(loop.run_in_executor(joiner, workers.shutdown))
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        asyncio.set_event_loop(None)
        loop.close()


def _execute(program: Path) -> None:
    runpy.run_path(str(program), run_name="__main__")


@contextmanager
def _surroundings(program: Path) -> Generator[None]:
    """The working directory and the modules that a program may count on; all is put back afterwards.

    What the program imported from its own folder is dropped, so that the next run reads it afresh; what was
    there before, the engine's own modules among it, and installed packages stay.
    """
    if not (program / "__main__.py").is_file():
        raise EngineError(f"{program}: no Pulumi program is there (__main__.py is missing)")
    directory, arguments, modules = Path.cwd(), sys.argv, set(sys.modules)
    was_collecting = gc.isenabled()
    gc.disable()  # a program makes much and drops little
    os.chdir(program)
    sys.argv = [str(program)]
    try:
        yield
    finally:
        os.chdir(directory)
        sys.argv = arguments
        if was_collecting:
            gc.enable()
        for name in set(sys.modules) - modules:
            if _is_of(program, getattr(sys.modules[name], "__file__", None)):
                del sys.modules[name]


@contextmanager
def _without_stack_traces() -> Generator[None]:
    """The SDK tells with each resource where it was declared, an eighth of a large preview's time; nobody reads it."""
    sdk: Any = pulumi.runtime.resource
    taken = sdk._get_stack_trace
    sdk._get_stack_trace = source_pb2.StackTrace
    try:
        yield
    finally:
        sdk._get_stack_trace = taken


def _is_of(program: Path, file: str | None) -> bool:
    if file is None:
        return False
    path = Path(file)
    return path.is_relative_to(program) and not {"site-packages", ".venv"} & set(path.parts)


def _for_people(error: BaseException, program: Path) -> BaseException:
    if isinstance(error, Refused | EngineError):
        return error
    if isinstance(error, pulumi.RunError):  # meant for people: the CLI's language host shows its message and no more
        return error.__cause__ if isinstance(error.__cause__, Refused) else EngineError(str(error))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_of(program, frame.filename)]
    where = f" ({Path(frames[-1].filename).relative_to(program)}, line {frames[-1].lineno})" if frames else ""
    return EngineError(f"the program failed{where}: {type(error).__name__}: {error}")
