"""What a stack pins: its file, and the history beside it. Both are written, or neither."""

from __future__ import annotations

import getpass
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Final

import typer

from workshop.cli.backends.backend import Backend
from workshop.cli.problem import CannotRun
from workshop.cli.stack import Stack
from workshop.model.images.build import Build
from workshop.model.images.history import (
    FOLDER,
    BadHistory,
    Promotion,
    Risk,
    known_build,
    read_history,
    way_back,
    with_promotion,
)
from workshop.model.images.pin import with_digest
from workshop.model.images.sources import Source, sources
from workshop.model.legible import one_line
from workshop.model.outcome import Outcome
from workshop.model.settings.file.edit import CannotEdit
from workshop.model.settings.stack import Settings
from workshop.observe.project import project_folder
from workshop.sandbox.files import locked, write_whole

ImageName = Annotated[
    str | None, typer.Option("--image", metavar="NAME", help="Its repository in ECR; unset: the platform's image.")
]
Overrides = Annotated[
    list[Risk] | None, typer.Option("--override", metavar="NAME", help=f"Take a risk: {', '.join(Risk)}.")
]

ROLLBACK: Final = "scripts/workshop images rollback"

_GIT_SECONDS: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Pins:
    """Texts as they are: their line ends stay. history: oldest first."""

    file: Path
    text: str
    history_file: Path
    history_text: str
    history: tuple[Promotion, ...]

    def known(self, digest: str) -> Build:
        """What history says of a digest."""
        return known_build(self.history, digest)

    def write(self, source: Source, promotion: Promotion) -> None:
        """Pins a digest and says so in the history, through links. Raises CannotRun with both as they were."""
        try:
            in_window = Risk.IMAGE_CHANGE in promotion.overrides
            text = with_digest(self.text, source, promotion.digest, in_window=in_window)
            history = with_promotion(self.history_text, promotion)
        except (CannotEdit, BadHistory) as error:
            raise CannotRun(f"Cannot edit {self.file.name}: {error}. Nothing was changed.") from None
        with locked(self.file):
            if (_text(self.file), _text(self.history_file)) != (self.text, self.history_text):
                raise CannotRun(f"{self.file.name} or its history has changed meanwhile; run the same command again.")
            write_whole(self.history_file.resolve(), history)
            try:
                write_whole(self.file.resolve(), text)
            except OSError:
                self._restore_history()
                raise

    def restore(self) -> None:
        """Puts back what was there."""
        try:
            write_whole(self.file.resolve(), self.text)
        finally:
            self._restore_history()

    def _restore_history(self) -> None:
        if self.history_text:
            write_whole(self.history_file.resolve(), self.history_text)
        else:
            self.history_file.resolve().unlink(missing_ok=True)


def read_pins(stack: Stack) -> Pins:
    """Raises CannotRun where the history can't be read."""
    project = project_folder()
    file, history_file = project / f"Pulumi.{stack.name}.yaml", project / FOLDER / f"{stack.name}.yaml"
    try:
        history_text = _text(history_file)
        history = read_history(history_text)
    except (BadHistory, OSError, UnicodeDecodeError) as error:
        why = "it is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else error
        why = error.strerror if isinstance(error, OSError) else why
        raise CannotRun(f"{FOLDER}/{history_file.name} can't be read: {why}; take it from git again.") from None
    return Pins(
        file=file,
        text=_text(file),
        history_file=history_file,
        history_text=history_text,
        history=history,
    )


def _text(file: Path) -> str:
    """Its line ends stay; "" where there is none."""
    return file.read_bytes().decode() if file.exists() else ""


def source_of(settings: Settings, name: str | None) -> Source:
    """The image of this name, or the platform's. Raises CannotRun."""
    known = sources(settings)
    for source in known:
        if name in (None, source.image.repository):
            return source
    names = ", ".join(source.image.repository for source in known)
    raise CannotRun(f"No image {one_line(str(name))} is listed in the settings; there is {names}.")


def with_way_back(outcome: Outcome, stack: Stack, engine: Backend) -> Outcome:
    """The outcome of an `up`; one that broke off with another image than the last good one names the way back."""
    digest = stack.settings.image.digest
    if outcome.error is None or digest is None:
        return outcome
    try:
        pins = read_pins(stack)
    except CannotRun:  # the next command of images says so
        return outcome
    promoted = [one for one in pins.history if one.image == stack.settings.image.repository]
    is_new = promoted and promoted[-1].digest == digest and not promoted[-1].is_rollback
    releases = engine.releases()
    if not is_new or any(one.digest == digest for one in releases) or way_back(pins.history, releases, digest) is None:
        return outcome
    hint = f"the image is new, {pins.known(digest).name}; if it is to blame, go back: {ROLLBACK}"
    return outcome if ROLLBACK in outcome.error else replace(outcome, error=f"{outcome.error}; {hint}")


def whoever_this_is() -> str:
    """As git names who commits here, else as the system does. No address."""
    try:
        done = subprocess.run(
            ["git", "config", "user.name"],
            cwd=project_folder(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_GIT_SECONDS,
        )
        name = done.stdout.strip() if done.returncode == 0 else ""
    except (OSError, subprocess.TimeoutExpired):
        name = ""
    try:
        return one_line(name or getpass.getuser(), 200)
    except (OSError, KeyError):  # nobody of this number is known
        return "unknown"
