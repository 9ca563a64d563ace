"""Whatever a person types or breaks ends with a message and exit code 2, never with a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.options import MOST_USERS
from workshop.model.settings.stack import Settings


@pytest.mark.parametrize("users", ["0", "-3", "many", "1.5", "", "\u0664", str(MOST_USERS + 1), str(10**9), "9" * 5000])
@pytest.mark.parametrize("command", ["plan", "preview", "up", "gate"])
def test_users_out_of_range_name_the_option_what_was_found_and_what_it_takes(
    run: Run, fake: FakeBackend, command: str, users: str
) -> None:
    result = run(command, "--users", users)
    assert result.exit_code == 2
    found = users if len(users) <= 40 else f"{users[:40]}..."
    assert f"Invalid value for '--users': {found!r}: must be a whole number from 1 to 100000" in result.stderr
    assert fake.asked == []


def test_more_users_than_allowed_are_refused_before_anything_is_started(run: Run, fake: FakeBackend) -> None:
    result = run("up", "--users", "61")
    assert result.exit_code == 1
    assert "set workshop:max_users to 61 in Pulumi.sandbox.yaml" in " ".join(result.stdout.split())
    assert "pulumi config" not in result.stdout
    assert fake.asked == []


def test_the_option_takes_what_the_setting_takes() -> None:
    assert Settings.model_json_schema()["properties"]["users"]["maximum"] == MOST_USERS


def test_without_users_the_option_to_add_is_named(run: Run, fake: FakeBackend) -> None:
    result = run("up")
    assert result.exit_code == 2
    assert "--users 20" in result.stdout


@pytest.mark.parametrize("stack", ["nowhere", "../../etc/passwd", "", "a b", "*"])
def test_an_unknown_stack_names_those_there_are(run: Run, stack: str) -> None:
    result = run("plan", "--users", "20", "--stack", stack)
    assert result.exit_code == 2
    assert "there are dns, sandbox, sandbox-dns, workshop." in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"config: [", "line 1"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"- a\n- b\n", "must have keys"),
        (b"config:\n  workshop:regions: 3\n", "workshop:regions"),
        (b"", "workshop:regions"),
    ],
)
def test_broken_settings_say_where(run: Run, checkout: Path, content: bytes, named: str) -> None:
    (checkout / "Pulumi.sandbox.yaml").write_bytes(content)
    result = run("plan", "--users", "20")
    assert result.exit_code == 2
    assert result.stdout.startswith("Stack sandbox\nCould not run: ")
    assert named in " ".join(result.stdout.split())


def test_a_folder_without_project_file_is_named(run: Run, checkout: Path) -> None:
    (checkout / "Pulumi.yaml").unlink()
    result = run("plan", "--users", "20")
    assert result.exit_code == 2
    assert "has no Pulumi.yaml, so it is not the project's folder" in " ".join(result.stdout.split())


def test_a_settings_file_that_is_a_folder_is_no_stack(run: Run, checkout: Path) -> None:
    (checkout / "Pulumi.folder.yaml").mkdir()
    result = run("plan", "--users", "20", "--stack", "folder")
    assert result.exit_code == 2


@pytest.mark.parametrize("content", ["{", "[]", '{"sandbox": 3}', '{"sandbox": {"workshop:users": 20}}'])
def test_a_damaged_file_of_overrides_is_named(run: Run, tmp_path: Path, content: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "overrides.json").write_text(content)
    result = run("plan", "--users", "20")
    assert result.exit_code == 2
    assert "overrides.json is damaged: delete it" in " ".join(result.stdout.split())


def test_a_port_that_is_none_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_SANDBOX_PORT", "http")
    result = run("plan", "--users", "20")
    assert result.exit_code == 2
    assert "WORKSHOP_SANDBOX_PORT" in result.stdout


def test_an_interruption_is_no_refusal(run: Run, fake: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fake, "up", interrupted)
    result = run("up", "--users", "20")
    assert result.exit_code == 2
    assert "interrupted; run the same command to continue" in result.stdout


def test_a_real_stack_without_the_pulumi_command_says_what_to_install(run: Run, checkout: Path) -> None:
    settings = (checkout / "Pulumi.sandbox.yaml").read_text()
    (checkout / "Pulumi.live.yaml").write_text(settings)
    result = run("up", "--users", "20", "--stack", "live", "--yes")
    assert result.exit_code == 2
    assert "needs the Pulumi CLI, which is not on PATH" in " ".join(result.stdout.split())
    assert "\n    pulumi login\n" in result.stdout
    assert "Stack live (real)" in result.stdout
