"""The program that images run where they are only pulled: it ends at once, and needs nothing of its image."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from workshop.warm.__main__ import main
from workshop.warm.program import place, program


def test_it_is_a_small_static_executable_for_amd64() -> None:
    found = program()
    assert (found[:5], found[18:20], len(found)) == (b"\x7fELF\x02", b"\x3e\x00", 129)


@pytest.mark.skipif((sys.platform, platform.machine()) != ("linux", "x86_64"), reason="runs on the nodes' kind alone")
def test_it_ends_at_once_and_well_with_nothing_around_it(tmp_path: Path) -> None:
    place(str(tmp_path / "done"))
    ended = subprocess.run([tmp_path / "done"], env={}, cwd="/", timeout=10, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_everybody_may_run_it_and_only_its_owner_write_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["place", str(tmp_path / "done")]) == 0
    assert (tmp_path / "done").stat().st_mode & 0o777 == 0o755
    assert capsys.readouterr().out == f"{tmp_path / 'done'} written\n"


def test_staying_ends_some_day() -> None:
    assert main(["stay", "0"]) == 0
