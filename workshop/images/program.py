"""Where regctl comes from: PATH, as in the image of our Jobs, else our cache, else a build of mirror/ with Go."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workshop.images.failure import ImagesFailure

SOURCE: Final = Path(__file__).resolve().parents[2] / "mirror"
"""A Go module whose only content is the version of regctl, by checksum."""

_PROGRAM: Final = "regctl"
_PACKAGE: Final = "github.com/regclient/regclient/cmd/regctl"


def regctl(say: Callable[[str], None] = lambda _: None) -> Path:
    """Finds it, and builds it where it is missing. Raises ImagesFailure where that can't be."""
    return find() or _build(say)


def find() -> Path | None:
    """As it is at hand; nothing is built."""
    on_path = shutil.which(_PROGRAM)
    if on_path:
        return Path(on_path)
    return _cached() if SOURCE.is_dir() and os.access(_cached(), os.X_OK) else None


def _build(say: Callable[[str], None]) -> Path:
    go = shutil.which("go")
    if go is None or not SOURCE.is_dir():
        raise ImagesFailure(
            "regctl, which copies images, is not on PATH, and Go, which would build it, is missing: install Go "
            "(https://go.dev/doc/install) and run this again, or install regctl (https://regclient.org/install)"
        )
    say("Building regctl (once, about a minute)")
    _cached().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_cached().parent, prefix=".regctl-") as folder:
        unfinished = Path(folder) / _PROGRAM
        command = [go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(unfinished), _PACKAGE]
        environment = {**os.environ, "CGO_ENABLED": "0"}
        built = subprocess.run(command, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
        if built.returncode != 0:
            last = " ".join(built.stderr.split()[-60:])
            raise ImagesFailure(f"regctl could not be built from {SOURCE}: {last}: fix that and run this again")
        unfinished.replace(_cached())
    return _cached()


def _cached() -> Path:
    """Another version is another file."""
    digest = hashlib.sha256((SOURCE / "go.sum").read_bytes()).hexdigest()
    own, xdg = os.environ.get("WORKSHOP_CACHE_DIR"), os.environ.get("XDG_CACHE_HOME")
    cache = Path(own) if own else (Path(xdg) if xdg else Path.home() / ".cache") / "workshop"
    return cache / f"{_PROGRAM}-{digest[:16]}"
