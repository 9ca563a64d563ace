"""The bucket of an event's saved work, as a command reaches it."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing, contextmanager

from workshop.cli.problem import CannotRun
from workshop.cli.sandbox_config import config_for_server
from workshop.cli.stack import Stack
from workshop.event.work.bucket import Bucket, BucketError
from workshop.model.event.keeper import bucket_of, control_plane
from workshop.model.settings.config import settings_from_config
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.pods.kubelet import aws_environment


@contextmanager
def bucket_of_event(stack: Stack) -> Generator[Bucket]:
    """The bucket, with AWS's usual credentials. Raises CannotRun where it refuses or can't be reached."""
    settings = stack.settings
    if stack.is_sandbox:
        paths = SandboxPaths.from_environment()
        ensure_running(paths)
        settings = settings_from_config(config_for_server(stack.config))
        os.environ.update(aws_environment(paths))
    try:
        with closing(Bucket(bucket_of(settings), control_plane(settings).name)) as bucket:
            yield bucket
    except BucketError as error:
        raise CannotRun(f"Saved work can't be reached: {error}") from None
