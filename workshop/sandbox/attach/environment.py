"""The environment in which the real Pulumi CLI runs a sandbox stack and leaves everything else alone."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from workshop.sandbox.isolation import drop_credentials
from workshop.sandbox.paths import SandboxPaths


def isolated_environment(paths: SandboxPaths) -> dict[str, str]:
    """This process's environment without what reaches real systems, and with a backend of the sandbox's own.

    Nothing that the sandbox makes up reaches anyone's state: it lies in the data folder, encrypted with a
    passphrase that lies beside it.
    """
    environment = dict(os.environ)
    drop_credentials(environment, paths)
    return environment | {
        "PULUMI_BACKEND_URL": backend_folder(paths).as_uri(),
        "PULUMI_CONFIG_PASSPHRASE_FILE": str(passphrase_file(paths)),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def stack_variables(paths: SandboxPaths, stack: str, ports: Mapping[str, int]) -> dict[str, str]:
    """What makes `pulumi` take this stack, its settings, the policy pack, and the stand-ins at these ports."""
    return {
        "PULUMI_OPTION_STACK": stack,
        "PULUMI_OPTION_CONFIG_FILE": str(settings_file(paths, stack)),
        "PULUMI_OPTION_POLICY_PACK": "policies",
        "PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items()),
    }


def backend_folder(paths: SandboxPaths) -> Path:
    """Where the CLI keeps the state of sandbox stacks."""
    return paths.pulumi / "backend"


def passphrase_file(paths: SandboxPaths) -> Path:
    """What encrypts that state."""
    return paths.pulumi / "passphrase"


def settings_file(paths: SandboxPaths, stack: str) -> Path:
    """The stack's settings as the CLI reads and `pulumi config set` changes them, so that no tracked file does."""
    return paths.pulumi / f"Pulumi.{stack}.yaml"


def shell_lines(before: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """What turns a shell's environment that is like before into this one."""
    gone = [f"unset {name}" for name in sorted(before.keys() - environment.keys())]
    changed = sorted(name for name, value in environment.items() if before.get(name) != value)
    return [*gone, *(f"export {name}={shlex.quote(environment[name])}" for name in changed)]
