"""What is read of the checkout and of the environment: settings, zone files, preflight's record, and the clock."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pulumi.runtime.config import CONFIG

from tests.model.given import ROOT, config, settings
from tests.observe.asking import absent, unanswered, value_of
from workshop.model.findings import Refused, line
from workshop.model.preflight.record import make_record
from workshop.observe.clock import now
from workshop.observe.config import settings_of_stack, zones_of_project
from workshop.observe.look_up import NotFound, look_up
from workshop.observe.preflight import FOLDER_VARIABLE, observe_preflight, record_file
from workshop.observe.project import NoProject, project_folder
from workshop.observe.sandbox_credentials import NO_TOKEN, sandbox_token
from workshop.observe.zone_files import MAX_BYTES, zone_texts


def test_a_look_up_is_found_absent_or_unanswered() -> None:
    def nothing() -> str:
        raise NotFound(("a", "b"))

    def crash() -> str:
        raise OSError("connection refused")

    assert value_of(look_up("the system", lambda: "value"), "the system") == "value"
    assert absent(look_up("the system", nothing), "the system", "a", "b")
    assert unanswered(look_up("the system", crash), "the system", "no answer: connection refused")
    assert NotFound().known == ()
    assert str(NotFound()) == "not found"


def test_the_clock_tells_utc() -> None:
    before = datetime.now(UTC)
    assert before <= now() <= datetime.now(UTC)


def test_settings_are_those_that_pulumi_hands_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config(users=17)))
    assert settings_of_stack().users == 17
    token = CONFIG.set({"workshop:users": "18"})
    try:
        assert settings_of_stack().users == 18
    finally:
        CONFIG.reset(token)


def test_the_projects_zone_files_are_read() -> None:
    assert {zone.path for zone in zones_of_project()} == {
        file.relative_to(ROOT).as_posix() for file in ROOT.glob("zones/*.yaml")
    }


def test_zone_files_and_their_lock_come_by_path_in_order(tmp_path: Path) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    for name in ("b.yaml", "a.yaml", "zones.lock", "readme.md"):
        (folder / name).write_text(f"text of {name}", "utf-8")

    read = ("a.yaml", "b.yaml", "zones.lock")
    assert list(zone_texts(tmp_path).items()) == [(f"zones/{name}", f"text of {name}") for name in read]


def test_a_project_without_zone_files_has_none(tmp_path: Path) -> None:
    assert zone_texts(tmp_path) == {}


def test_a_zone_file_that_is_not_text_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones" / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")

    with pytest.raises(Refused) as refused:
        zone_texts(tmp_path)
    assert [line(finding) for finding in refused.value.findings] == [
        "[zone-file] zones/a.yaml:2: this line is not valid UTF-8; a zone file is applied only where all of it is "
        "understood: save the file as UTF-8"
    ]


def told(project: Path) -> list[str]:
    with pytest.raises(Refused) as refused:
        zone_texts(project)
    return [f"{one.resource}: {one.problem}" for one in refused.value.findings]


def test_dns_2_a_file_under_a_name_that_is_not_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zones").mkdir()
    names = (".hidden.yml", "a.yml", "b.YAML", "c.yaml.bak", "coderdemo.io")
    for name in (*names, ".DS_Store", "zone.schema.json", "README.md", "zones.lock", "x.io.yaml"):
        (tmp_path / "zones" / name).write_text("")
    (tmp_path / "zones" / "old").mkdir()
    not_read = "it is not read: zone files end in .yaml"
    assert told(tmp_path) == [f"zones/{name}: {not_read}" for name in sorted((*names, "old"))]


def test_dns_9_zone_files_are_plain_files_inside_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "zones"
    folder.mkdir()
    (tmp_path / "elsewhere.yaml").write_text("zone: a.io\n")
    (folder / "a.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    (folder / "b.yaml").symlink_to("nowhere.yaml")
    (folder / "c.yaml").symlink_to("/dev/zero")
    os.mkfifo(folder / "d.yaml")
    (folder / "e.yaml").mkdir()
    (folder / "f.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    (folder / "zones.lock").symlink_to("/dev/zero")
    assert told(tmp_path) == [
        "zones/a.yaml: it is a symbolic link",
        "zones/b.yaml: it is a symbolic link",
        "zones/c.yaml: it is a symbolic link",
        "zones/d.yaml: it is not a plain file",
        "zones/e.yaml: it is not a plain file",
        "zones/f.yaml: it has more than 800000 bytes",
        "zones/zones.lock: it is a symbolic link",
    ]


def test_dns_9_the_longest_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones" / "a.yaml").write_bytes(b"#" * MAX_BYTES)
    assert len(zone_texts(tmp_path)["zones/a.yaml"]) == MAX_BYTES


def test_dns_9_the_folder_is_no_link_and_no_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "zones").symlink_to("elsewhere")
    assert told(tmp_path) == ["zones: it is not a plain folder"]
    (tmp_path / "zones").unlink()
    (tmp_path / "zones").symlink_to("nowhere")
    assert told(tmp_path) == ["zones: it is not a plain folder"]
    (tmp_path / "zones").unlink()
    (tmp_path / "zones").write_text("")
    assert told(tmp_path) == ["zones: it is not a plain folder"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["line-feed", "both", "carriage-return"])
def test_dns_11_the_line_that_is_not_text_is_counted_by_any_line_end(end: str, tmp_path: Path) -> None:
    (tmp_path / "zones").mkdir()
    (tmp_path / "zones" / "a.yaml").write_bytes(f"a: 1{end}b: 2{end}c: ".encode() + b"\xff")
    assert told(tmp_path) == ["zones/a.yaml:3: this line is not valid UTF-8"]


def test_a_preflights_record_is_a_file_of_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    assert record_file(tmp_path, "workshop") == tmp_path / "workshop.json"
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "elsewhere"))
    assert record_file(tmp_path, "workshop") == tmp_path / "elsewhere" / "workshop.json"
    assert FOLDER_VARIABLE == "WORKSHOP_PREFLIGHT_DIR"


def test_a_preflights_record_is_found_absent_or_not_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    file = tmp_path / "workshop.json"

    assert absent(observe_preflight(tmp_path, "workshop"), str(file))
    file.write_text("{}")
    assert unanswered(observe_preflight(tmp_path, "workshop"), str(file), "validation error")
    record = make_record("workshop", settings(), [], [], datetime.now(UTC))
    file.write_text(record.model_dump_json())
    assert value_of(observe_preflight(tmp_path, "workshop"), str(file)) == record


def test_the_sandboxes_token_lies_beside_its_kubeconfig(tmp_path: Path) -> None:
    given = settings().model_copy(update={"kubeconfig": str(tmp_path / "kubeconfig")})
    assert sandbox_token(given) == NO_TOKEN
    (tmp_path / "token").write_text("x" * 40)
    assert sandbox_token(given) == "x" * 40
    assert sandbox_token(given.model_copy(update={"kubeconfig": None})) == NO_TOKEN
    assert NO_TOKEN == "0" * 40  # as long as the Cloudflare provider asks of a token


def test_the_project_is_the_folder_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_PROJECT", str(tmp_path))
    with pytest.raises(NoProject, match=r"has no Pulumi\.yaml, so it is not the project's folder$"):
        project_folder()
    (tmp_path / "Pulumi.yaml").touch()
    assert project_folder() == tmp_path


def test_the_project_is_the_nearest_folder_above_else_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKSHOP_PROJECT", raising=False)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert project_folder() == ROOT
    monkeypatch.setattr("workshop.observe.project._PACKAGES", below)
    with pytest.raises(NoProject, match=rf"^neither {below} nor a folder above it has a Pulumi\.yaml"):
        project_folder()
    (tmp_path / "Pulumi.yaml").touch()
    assert project_folder() == tmp_path
