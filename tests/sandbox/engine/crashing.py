"""Runs `up` in a process that kills itself at a numbered moment: python -m tests.sandbox.engine.crashing FOLDER N.

Moments are counted before and after every provider call that changes something and every journal entry.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from typing_extensions import override

from tests.sandbox.engine.double import Cloud, DoubleProvider
from workshop.model.outcome import Outcome
from workshop.sandbox.engine.run import run
from workshop.sandbox.engine.state import deployment
from workshop.sandbox.engine.state.journal import Journal
from workshop.sandbox.json_values import Json
from workshop.sandbox.providers.provider import CreateRequest, DeleteRequest, Properties, Resource, UpdateRequest

SDK = Path(__file__).parent / "sdk"


class Moments:
    def __init__(self, fatal: int) -> None:
        self._left = fatal

    def pass_one(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class KeptCloud(Cloud):
    """A cloud that outlives its process."""

    def __init__(self, file: Path, moments: Moments) -> None:
        super().__init__(objects=json.loads(file.read_text()) if file.exists() else {})
        self._file, self.moments = file, moments

    def keep(self) -> None:
        self._file.write_text(json.dumps(self.objects))

    @override
    def provider(self, configuration: Properties) -> DoubleProvider:
        return CrashingProvider(self, configuration)


class CrashingProvider(DoubleProvider):
    def __init__(self, cloud: KeptCloud, configuration: Properties) -> None:
        super().__init__(cloud, configuration)
        self._kept = cloud

    @override
    def create(self, request: CreateRequest) -> Resource:
        if request.is_preview:
            return super().create(request)
        self._kept.moments.pass_one()
        created = super().create(request)
        self._changed()
        return created

    @override
    def update(self, request: UpdateRequest) -> Properties:
        updated = super().update(request)
        if not request.is_preview:
            self._changed()
        return updated

    @override
    def delete(self, request: DeleteRequest) -> None:
        super().delete(request)
        self._changed()

    def _changed(self) -> None:
        self._kept.keep()
        self._kept.moments.pass_one()


def up(folder: Path, cloud: Cloud, phase: str) -> Outcome:
    """Runs `up` on the program in the folder."""
    return run(
        "up",
        project="scenario",
        stack="sandbox",
        state_file=folder / "state.json",
        program=folder,
        config={"scenario:phase": phase},
        providers={"double": cloud.provider},
        policy_pack=None,
    )


def main(folder: Path, phase: str, fatal: int) -> None:
    moments = Moments(fatal)

    class CrashingJournal(Journal):
        @override
        def write(self, entry: Mapping[str, Json], *, sync: bool) -> None:
            moments.pass_one()
            super().write(entry, sync=sync)
            moments.pass_one()

    deployment.Journal = CrashingJournal  # pyright: ignore[reportPrivateImportUsage]  the one place that makes journals
    sys.path.insert(0, str(SDK))
    outcome = up(folder, KeptCloud(folder / "cloud.json", moments), phase)
    sys.exit(outcome.error)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
