"""A command for tests that kill at every step: `up` of a small program, on the real engine, stand-ins and server."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.faults.processes import Conditions, meet
from tests.faults.verdict import Phase

PROGRAM = Path(__file__).with_name("kinds")
FIRST = Phase(name="creating", base="seeded", arguments=("one",))
SECOND = Phase(name="updating, replacing and deleting", base="ready", arguments=("two",))


def up(arguments: tuple[str, ...], environment: Mapping[str, str], output: Path, conditions: Conditions) -> None:
    """In a process of its own."""
    meet(environment, output, conditions)
    from workshop.sandbox.data_folder import token_of
    from workshop.sandbox.engine.run import run
    from workshop.sandbox.lifecycle import ensure_running
    from workshop.sandbox.paths import SandboxPaths
    from workshop.sandbox.providers.packages import PACKAGES

    paths = SandboxPaths.from_environment()
    ensure_running(paths)
    outcome = run(
        "up",
        project="kinds",
        stack="sandbox",
        state_file=paths.stacks / "sandbox.json",
        program=PROGRAM,
        config={
            "kinds:phase": arguments[0],
            "kinds:token": token_of(paths),
            "kinds:aws": paths.aws_endpoint,
            "kinds:cloudflare": paths.cloudflare_endpoint,
            "kinds:kubeconfig": str(paths.kubeconfig),
        },
        providers=PACKAGES,
        policy_pack=None,
        refresh=True,
    )
    if outcome.error:
        sys.stdout.write(f"Could not run: {outcome.error}\n")
    sys.stdout.flush()
    os._exit(0 if outcome.error is None else 2)
