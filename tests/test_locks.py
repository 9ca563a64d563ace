"""Locks name everything, since nothing is resolved when they are installed: pip looks up a dependency with an extra
(`pydantic[email]`) among all releases even where the lock pins it, so a release of tomorrow would break the install.
"""

import re
import subprocess
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-jobs.txt")


def locked(lock: str) -> dict[str, str]:
    """Versions by name, of what this machine needs."""
    lines = re.findall(r"^([\w.-]+==[^\\\n]+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
    wanted = [Requirement(one) for one in lines]
    return {
        canonicalize_name(one.name): str(one.specifier).removeprefix("==")
        for one in wanted
        if one.marker is None or one.marker.evaluate()
    }


def missing(pinned: dict[str, str], sources: str) -> list[str]:
    """What the sources or a pinned package ask for and the pins don't satisfy, extras followed."""
    lines = [line.partition("#")[0].strip() for line in (ROOT / sources).read_text("utf-8").splitlines()]
    wanted = [("", Requirement(line)) for line in lines if line and not line.startswith("-")]
    wanted += [(name, Requirement(name)) for name in pinned]
    found: list[str] = []
    seen: set[tuple[str, str]] = set()
    while wanted:
        asker, one = wanted.pop()
        name = canonicalize_name(one.name)
        if name not in pinned or not one.specifier.contains(pinned[name], prereleases=True):
            found.append(f"{asker} needs {one}")
            continue
        for extra in {"", *one.extras} - {extra for at, extra in seen if at == name}:
            seen.add((name, extra))
            inner = [Requirement(text) for text in requires(name) or []]
            wanted += [(name, each) for each in inner if each.marker is None or each.marker.evaluate({"extra": extra})]
    return sorted(set(found))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_and_every_extra_is_pinned(lock: str) -> None:
    assert missing(locked(lock), lock.replace(".txt", ".in")) == []


def test_a_package_of_an_extra_that_is_left_out_is_told() -> None:
    pinned = locked("requirements.txt")
    del pinned["email-validator"]
    assert [line.partition(" needs ")[0] for line in missing(pinned, "requirements.in")] == ["pydantic"]


def test_nothing_is_resolved_when_a_lock_is_installed() -> None:
    files = subprocess.run(
        ["git", "grep", "-h", "-e", "--require-hashes -r", "--", ":!tests"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = files.stdout.splitlines()
    assert len(lines) == 4
    assert [line for line in lines if "--no-deps --require-hashes" not in line] == []
