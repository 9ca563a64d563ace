"""`workshop sandbox attach`: the sandbox's clouds and clusters for the real Pulumi CLI."""

import gc
import os
from typing import Annotated

import typer

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.session import reporting_problems
from workshop.sandbox.attach.attachment import attached
from workshop.sandbox.attach.environment import shell_lines
from workshop.sandbox.attach.waiting import run, wait
from workshop.sandbox.isolation import isolate
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.providers.packages import PACKAGES

Command = Annotated[
    list[str] | None,
    typer.Argument(help="What to run, such as: pulumi up. Unset: print the environment and serve until Ctrl-C."),
]


def attach(command: Command = None, stack_name: StackName = SANDBOX) -> None:
    """Serves the sandbox to the real Pulumi CLI; everything after -- is run in the environment for that.

    \b
    Examples:
      workshop sandbox attach -- pulumi up
      workshop sandbox attach
    """
    gc.enable()  # unlike other commands it runs for hours
    with reporting_problems(stack_name) as screen:
        paths, before = SandboxPaths.from_environment(), dict(os.environ)
        isolate(stack_name, paths)
        with attached(paths, stack_name, PACKAGES, screen.notes.print) as attachment:
            for package, plugin in attachment.plugins.items():
                screen.notes.print(f"{package}: the real provider {plugin}, against the sandbox's server")
            if command:
                raise typer.Exit(run(command, attachment.environment))
            screen.notes.print(f"Serving stack {stack_name} until Ctrl-C. In another shell, in the checkout:")
            for line in shell_lines(before, attachment.environment):
                screen.results.print(line, soft_wrap=True)
            wait()
