"""The registries of a stack, for the commands that copy to them or delete there."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from workshop.cli.problem import CannotRun
from workshop.cli.screen import Screen
from workshop.cli.stack import Stack
from workshop.images.ecr import Ecr
from workshop.images.regctl import CONFIG
from workshop.model.names import IMAGE_PRUNER
from workshop.model.settings.commands import set_command
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.regctl_config import write_regctl_config


def settings_of(stack: Stack, screen: Screen) -> Settings:
    """The stack's; in the sandbox with its server, which is started. Raises CannotRun without an account."""
    settings = stack.settings
    if stack.is_sandbox:
        from workshop.cli.preflight.sandbox import sandbox_settings

        settings = sandbox_settings(stack, screen)
        os.environ[CONFIG] = str(write_regctl_config(SandboxPaths.from_environment(), settings))
    if settings.account is None:
        account = '"$(aws sts get-caller-identity --query Account --output text)"'
        raise CannotRun(f"workshop:account is not set: {set_command(('account',), account)}")
    return settings


@contextmanager
def registries_of(settings: Settings) -> Generator[Mapping[str, Ecr]]:
    """By region."""
    with ExitStack() as open_clients:
        registries: dict[str, Ecr] = {}
        for region in settings.regions:
            client = open_clients.enter_context(aws_client(settings, "ecr", region.name))
            registries[region.name] = Ecr(settings.account or "", region.name, client)
        yield registries


@contextmanager
def deleting(settings: Settings) -> Generator[Mapping[str, Ecr]]:
    """With the role that may delete; the sandbox has no roles. Raises CannotRun where it may not be taken on."""
    if settings.endpoints:
        with registries_of(settings) as all_of_them:
            yield all_of_them
        return
    from boto3.session import Session  # pyright: ignore[reportMissingTypeStubs] # it takes a while
    from botocore.exceptions import BotoCoreError, ClientError  # pyright: ignore[reportMissingTypeStubs]

    arn = f"arn:aws:iam::{settings.account}:role/{IMAGE_PRUNER}"
    try:
        with aws_client(settings, "sts", settings.regions[0].name) as sts:
            given = sts.assume_role(RoleArn=arn, RoleSessionName=IMAGE_PRUNER)["Credentials"]
    except (BotoCoreError, ClientError) as error:
        raise CannotRun(f"{arn} can't be taken on: {error} (docs/images.md says who may)") from None
    session: Any = Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    with ExitStack() as open_clients:
        registries: dict[str, Ecr] = {}
        for region in settings.regions:
            client = session.client("ecr", region_name=region.name)
            open_clients.callback(client.close)
            registries[region.name] = Ecr(settings.account or "", region.name, client)
        yield registries
