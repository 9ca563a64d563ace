"""`workshop event keep`: the keeper, where it does not run in a cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Annotated

import typer

from workshop.cli.commands.event.stack import event_of
from workshop.cli.commands.event.store import DATABASE, database_of, folder_of
from workshop.cli.options import SANDBOX, StackName, Users
from workshop.cli.sandbox_config import config_for_server
from workshop.cli.session import reporting_problems
from workshop.cli.stack import read_stack
from workshop.model.event.keeper import MAIL_TEMPLATES_VARIABLE, keep_request
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.section import given
from workshop.observe.project import in_project
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import CHECKOUT, SandboxPaths
from workshop.sandbox.pods.keeper import keeper_environment

Once = Annotated[bool, typer.Option("--once", help="Look once and do what is due, then end.")]


def keep(users: Users = None, stack: StackName = SANDBOX, once: Once = False) -> None:
    """Runs the event's keeper here: it starts, warns, saves and stops seats, and keeps the budget.

    It takes over from any other: on a real stack the one in the cluster does all this. Then it needs contexts for all
    clusters in KUBECONFIG, credentials of AWS, CODER_URL and CODER_SESSION_TOKEN.

    \b
    Examples:
      workshop event keep
      workshop event keep --once
    """
    with reporting_problems(stack):
        target = read_stack(stack, users)
        event_of(target)
        settings, environment = target.settings, {**os.environ}
        if target.is_sandbox:
            paths = SandboxPaths.from_environment()
            ensure_running(paths)
            settings = settings_from_config(config_for_server(target.config))
            environment = {**environment, **keeper_environment(paths)}
        environment |= {DATABASE: database_of(target), "PYTHONPATH": str(CHECKOUT)}
        if (mail := given(target.settings.event).mail) is not None and mail.templates is not None:
            environment[MAIL_TEMPLATES_VARIABLE] = str(in_project(mail.templates))
        command = [sys.executable, "-P", "-m", "workshop.event", "keep-once" if once else "keep"]
        request = keep_request(settings).text()
        with subprocess.Popen([*command, request], env=environment, cwd=folder_of(target)) as keeper:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the keeper gets it too, and says so
            signal.signal(signal.SIGTERM, lambda _number, _frame: keeper.terminate())
            code = keeper.wait()
            sys.exit(code if code >= 0 else 128 - code)  # typer would take 130 for an interruption of its own
