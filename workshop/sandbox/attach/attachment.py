"""A sandbox stack, attached to the real Pulumi CLI for as long as a block runs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workshop.sandbox.attach.environment import isolated_environment, stack_variables
from workshop.sandbox.attach.plugins import installed_plugins
from workshop.sandbox.attach.serve import serve
from workshop.sandbox.attach.stack import prepare_stack
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.engine.steps.registry import ProviderFactory
from workshop.sandbox.isolation import refuse_real_stack
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """environment: in which `pulumi` runs the stack. ports: of stand-ins; plugins: real providers, by package."""

    environment: Mapping[str, str]
    ports: Mapping[str, int]
    plugins: Mapping[str, Path]


@contextmanager
def attached(
    paths: SandboxPaths, stack: str, factories: Mapping[str, ProviderFactory], say: Callable[[str], None]
) -> Generator[Attachment, None, None]:
    """Starts the sandbox's server where it does not run and serves the stand-ins while the block runs.

    A real provider plugin that is installed takes its stand-in's place, against the same servers; that of Kubernetes
    only where the clusters have API servers. Raises SandboxProblem for a stack that is not the sandbox's, and where
    the server or the CLI can't be had.
    """
    refuse_real_stack(stack)
    isolated = isolated_environment(paths)
    ensure_running(paths, say)
    prepare_stack(paths, stack, isolated)
    plugins = installed_plugins(factories, isolated, has_api_servers=bool(api_servers(paths)))
    stand_ins = {package: factory for package, factory in factories.items() if package not in plugins}
    with serve(stand_ins) as ports:
        yield Attachment(environment=isolated | stack_variables(paths, stack, ports), ports=ports, plugins=plugins)
