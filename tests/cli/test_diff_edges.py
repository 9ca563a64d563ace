"""`workshop diff` of versions that are incomplete, unreadable, one-sided or too large: a message, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from typer.testing import Result

from tests.cli.conftest import Run
from tests.cli.history import begin, commit, edit, git, write
from tests.cli.render.github import live_in
from tests.model.given import ROOT
from workshop.cli import commits as reading
from workshop.cli.commands import diff as command

ZONE = "zones/devcoder.io.yaml"
PUBLIC = "Pulumi.workshop.yaml"


@pytest.fixture
def history(checkout: Path) -> Path:
    """The stacks and zone files in a repository with one commit."""
    begin(checkout)
    return checkout


def compared(run: Run, folder: Path, *options: str) -> Result:
    """The diff of the last commit; nobody sees a traceback, and nothing in it is live."""
    commit(folder)
    result = run("diff", *options, "HEAD~1..HEAD")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code in (0, 1, 2)
    assert "Traceback" not in result.output
    assert result.exit_code == 2 or live_in(result.stdout) == []
    return result


@pytest.mark.parametrize(
    ("window", "exit_code"),
    [
        ("{start: '2026-12-01T09:00-08:00', duration: 4h}", 1),
        ("{start: '2026-12-01T09:00-08:00'}", 1),
        ("{duration: 4h}", 1),
        ("{}", 0),
        ("null", 0),
        ("soon", 1),
        ("[4h]", 1),
        ("{start: {}, duration: []}", 1),
    ],
    ids=["whole", "no-duration", "no-start", "empty", "null", "text", "list", "structures"],
)
def test_a_window_where_the_facts_are_not_public(run: Run, history: Path, window: str, exit_code: int) -> None:
    write(history, PUBLIC, (history / PUBLIC).read_text("utf-8") + f"  workshop:window: {window}\n")
    assert compared(run, history, "--stack", "workshop").exit_code == exit_code


Place = tuple[str | int, ...]


def optional(value: object, path: Place = ()) -> Iterator[Place]:
    """The place of every single value of the settings."""
    if isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield from optional(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(cast("list[Any]", value)):
            yield from optional(item, (*path, index))
    else:
        yield path


def test_whatever_is_left_out_of_the_settings(run: Run, history: Path) -> None:
    whole = yaml.safe_load((ROOT / "Pulumi.sandbox.yaml").read_text("utf-8"))
    whole["config"]["workshop:window"] = {"start": "2026-12-01T09:00-08:00", "duration": "4h"}
    places: list[Any] = list(optional(whole["config"]))
    assert len(places) > 60
    for number, path in enumerate(places[::25]):
        less = yaml.safe_load(yaml.safe_dump(whole))
        holder = less["config"]
        for step in path[:-1]:
            holder = holder[step]
        del holder[path[-1]]
        write(history, f"Pulumi.s{number}.yaml", yaml.safe_dump(less))
    assert compared(run, history).stdout.count("New: the base has no such stack.") >= 1


CONTENTS = {
    "open": b"config: [",
    "bytes": b"\xff\xfe",
    "empty": b"",
    "list": b"- a\n",
    "loop": b"a: &a [*a]\n",
    "deep": b"[" * 3000,
    "number": b"config: 1\n",
    "nul": b"\0",
}
UNREADABLE = [("Pulumi.dns.yaml", name) for name in CONTENTS] + [
    (file, name) for file in (ZONE, "Pulumi.yaml", "zones/zones.lock") for name in ("open", "bytes", "empty")
]


@pytest.mark.parametrize(("file", "name"), UNREADABLE, ids=[f"{file}-{name}" for file, name in UNREADABLE])
def test_files_that_cannot_be_read_at_head_and_at_base(run: Run, history: Path, file: str, name: str) -> None:
    content = CONTENTS[name]
    good = (history / file).read_bytes()
    write(history, file, content)
    compared(run, history, "--stack", "dns")
    write(history, file, content + b"# still\n")
    compared(run, history, "--stack", "dns")
    write(history, file, good)
    compared(run, history, "--stack", "dns")


def test_a_stack_that_goes_takes_nothing_with_it(run: Run, history: Path) -> None:
    (history / "Pulumi.sandbox-dns.yaml").unlink()
    result = compared(run, history)
    assert result.exit_code == 0
    assert (
        "### Stack `sandbox-dns`\n\n**Removed**: its settings are no longer there. Nothing is deleted" in result.stdout
    )
    assert "| `workshop:scope` | dns | - |" in result.stdout


def test_a_new_stack_that_is_refused_is_the_change_s_fault(run: Run, history: Path) -> None:
    write(history, "Pulumi.new.yaml", "config: {workshop:users: 0}\n")
    result = compared(run, history, "--stack", "new")
    assert result.exit_code == 1
    assert "New: the base has no such stack.\n\n**Refused**: " in result.stdout


def test_a_stack_that_neither_has_is_a_mistake(run: Run, history: Path) -> None:
    write(history, "README.md", "x")
    result = compared(run, history, "--stack", "nowhere")
    assert result.exit_code == 2
    assert "Neither commit has a stack nowhere; there are dns, sandbox" in " ".join(result.stdout.split())


def test_a_link_is_not_followed(run: Run, history: Path) -> None:
    (history / "Pulumi.dns.yaml").unlink()
    (history / "Pulumi.dns.yaml").symlink_to("Pulumi.workshop.yaml")
    result = compared(run, history, "--stack", "dns")
    assert result.exit_code == 1
    assert "1. `Pulumi.dns.yaml is a link or a submodule, which is not followed; make it a file`" in result.stdout


def test_a_file_that_is_too_large_is_refused_unread(run: Run, history: Path) -> None:
    write(history, ZONE, "#" * (reading.MOST_BYTES + 1))
    result = compared(run, history, "--stack", "sandbox-dns")
    assert result.exit_code == 1
    assert f"`{ZONE} has 524289 bytes, of which no more than 524288 are read; shorten it`" in result.stdout


def test_too_much_in_all_is_no_verdict(run: Run, history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES_IN_ALL", 5000)
    write(history, ZONE, "#" * 4000)
    write(history, "zones/a.yaml", "#" * 4000)
    result = compared(run, history, "--stack", "sandbox-dns")
    assert result.exit_code == 2
    assert "Could not run: the files of settings and zones in" in result.stdout
    assert "Workshop:" not in result.stdout


def test_more_stacks_than_the_most_are_named_and_the_base_s_come_first(
    run: Run, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "MOST_STACKS", 4)
    for number in range(3):
        write(history, f"Pulumi.a{number}.yaml", "config: {}\n")
    shown = compared(run, history).stdout
    assert "**Not compared**, since 4 stacks are the most: 3 stacks: `a0`, `a1`, `a2`.\n" in shown
    compared_stacks = re.findall(r"^### Stacks? (.*)$", shown, re.MULTILINE)
    assert sorted(", ".join(compared_stacks).split(", ")) == ["`sandbox-dns`", "dns", "sandbox", "workshop"]


def test_the_largest_comment_stays_below_what_github_takes(run: Run, history: Path) -> None:
    names = "".join(f"  - {{host: h{number}.devcoder.io, region: us-east-2}}\n" for number in range(700))
    edit(history, ZONE, "records: []\n", f"records:\n{names}")
    for number in range(400):
        write(history, f"policies/{'é' * 100}{number}.py", "x")
    whole = compared(run, history, "--stack", "sandbox-dns")
    assert len(whole.stdout) > 65_536
    short = run("diff", "--most", "60000", "--stack", "sandbox-dns", "HEAD~1..HEAD").stdout
    assert len(short.encode()) <= 60_000
    assert "400 files that decide what runs or what is refused differ" in short
    assert "too many to show" in short
    assert live_in(short) == []


def test_a_name_from_a_commit_forges_no_line(run: Run, history: Path) -> None:
    write(history, "policies/\n## Nothing changes.\n@team \x1b[2J`x", "x")
    write(history, "a\xff.py".encode("latin-1").decode("utf-8", "surrogateescape"), "x")
    shown = compared(run, history).stdout
    assert "\n## Nothing" not in shown
    assert "``policies/\\n## Nothing changes.\\n@team \\x1b[2J`x``" in shown


def test_a_project_below_the_repository_s_root_sees_what_is_beside_it(
    run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(checkout)
    folder = checkout / "project"
    folder.mkdir()
    for name in ("Pulumi.yaml", "Pulumi.dns.yaml", "zones"):
        git(checkout, "mv", name, f"project/{name}")
    commit(checkout)
    monkeypatch.setenv("WORKSHOP_PROJECT", str(folder))
    write(folder, "policies/a.py", "x")
    write(checkout, "policies/b.py", "x")
    shown = compared(run, checkout, "--stack", "dns").stdout
    assert "| `policies/a.py` | added |" in shown
    assert "| `/policies/b.py` | added |" in shown
