"""Asks Karpenter's own code (controlplane/instancetypes), built once into the user's cache."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel

from workshop.sandbox.clusters import binaries
from workshop.sandbox.files import locked
from workshop.sandbox.json_values import Json

_PACKAGE = "instancetypes"


class Answer(BaseModel):
    """left: instance types that a pool may launch. offered: millicores, bytes of memory and of disk, pods, by type."""

    left: list[str]
    offered: Mapping[str, tuple[int, int, int, int]]


def program() -> Path | None:
    """The program, built if need be; None where it is not there and Go is missing."""
    source, digest = binaries.SOURCE, hashlib.sha256()
    for file in (source / "go.mod", source / "go.sum", *sorted((source / _PACKAGE).glob("*.go"))):
        digest.update(file.read_bytes())
    target = binaries.cached().with_name(f"{_PACKAGE}-{digest.hexdigest()[:16]}")
    go = shutil.which("go")
    if target.exists() or go is None:
        return target if target.exists() else None
    unfinished = target.with_name(f"{target.name}.unfinished")
    command = ["nice", go, "build", "-trimpath", "-ldflags", "-s -w", "-o", str(unfinished), f"./{_PACKAGE}"]
    with locked(target.with_name(f"{_PACKAGE}.lock")):  # of tests that run at the same time, one builds
        if not target.exists():
            subprocess.run(command, cwd=source, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
            unfinished.replace(target)
    return target


def answers(found: Path, questions: Iterable[Json]) -> list[Answer]:
    """What Karpenter says to each."""
    lines = "".join(f"{json.dumps(question)}\n" for question in questions)
    ran = subprocess.run([found], input=lines, capture_output=True, text=True, check=True)
    return [Answer.model_validate_json(line) for line in ran.stdout.splitlines()]
