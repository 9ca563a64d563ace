"""What `workshop images` says and writes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from tests.cli.conftest import FakeBackend, Run
from tests.cli.images import NAME, NEWER, PINNED, REBUILT, World, digest_of, index, world
from tests.model.given import NOON
from workshop.model.images.history import Promotion, Release, read_history
from workshop.model.outcome import Outcome, Violation

OPEN = '  workshop:window: {start: "2026-11-30T18:00:00Z", duration: 4h, preparation: 24h, cool_down: 2h}\n'
A, B = digest_of(PINNED), digest_of(NEWER)


@pytest.fixture
def here(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return world(checkout, monkeypatch)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workshop.cli.stack.now", lambda: NOON)


def history(here: World) -> tuple[Promotion, ...]:
    return read_history(here.history.read_text()) if here.history.exists() else ()


def said(result: Result) -> str:
    """What it printed, however it was wrapped."""
    return " ".join(result.stdout.split())


def check(run: Run, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and the only image."""
    result = run("images", "check", "--json", *arguments)
    document = json.loads(result.stdout)
    assert document["exit_code"] == result.exit_code
    return result.exit_code, document["images"][0]


class TestCheck:
    def test_a_source_that_stayed_is_current(self, run: Run, here: World) -> None:
        here.published = PINNED
        code, image = check(run)
        assert (code, image["has_moved"], image["is_held"], image["refused"]) == (0, False, True, [])
        assert run("images", "check").stdout.startswith("coder-preview (ghcr.io/coder/coder-preview:latest) is current")

    def test_a_source_that_moved_is_shown_with_what_is_between(self, run: Run, here: World) -> None:
        here.scan = {"HIGH": 2}
        code, image = check(run)
        assert (code, image["has_moved"]) == (1, True)
        assert image["summary"] == (
            f"coder-preview (ghcr.io/coder/coder-preview:latest) has moved from v2.27.1 ({A[7:19]}) to "
            f"v2.27.2 ({B[7:19]}), 3 d 4 h ago."
        )
        assert image["mirrored"] == {"us-east-2": "", "us-west-2": "", "eu-west-2": ""}
        assert (image["signature"]["state"], image["vulnerabilities"]) == ("unsigned", {"HIGH": 2})
        assert image["may_change_schema"] is True
        shown = said(run("images", "check"))
        assert "3 of 3 regions" in shown
        assert "2 high" in shown
        assert "may change: needs --override" in shown

    def test_the_stale_mirror_of_the_incident_is_said(self, run: Run, here: World) -> None:
        """The source moved, and nobody pushed: what is pinned still runs, and the newer build can't be pinned."""
        here.held = {A}
        code, image = check(run)
        assert (code, image["is_held"]) == (1, True)
        assert set(image["mirrored"].values()) == {"not found"}
        assert any("0 of 3 regions hold it" in reason for reason in image["refused"])

    def test_a_region_that_lost_the_pinned_build_is_no_current_image(self, run: Run, here: World) -> None:
        here.published, here.held = PINNED, set()
        code, image = check(run)
        assert (code, image["has_moved"], image["is_held"]) == (1, False, False)

    def test_a_source_without_an_answer_is_inconclusive(self, run: Run, here: World) -> None:
        here.answers[f"Registry GET /v2/{NAME}/manifests/latest"] = (503, "")
        code, image = check(run)
        assert code == 2
        assert image["published"] is None
        assert "answered 503" in image["problem"]

    def test_a_pull_request_gets_the_table(self, run: Run, here: World, tmp_path: Path) -> None:
        check(run, "--out", str(tmp_path / "images.md"))
        text = (tmp_path / "images.md").read_text()
        assert "| version | `v2.27.1` | `v2.27.2` |" in text
        assert "--override schema-change" in text

    def test_another_name_is_refused_with_those_there_are(self, run: Run, here: World) -> None:
        result = run("images", "check", "--image", "nope")
        assert result.exit_code == 2
        assert "No image nope is listed in the settings; there is coder-preview" in result.stdout


class TestPromote:
    def test_a_rebuilt_release_is_pinned_and_written_down(self, run: Run, here: World) -> None:
        here.published = REBUILT
        before = here.file.read_text()
        result = run("images", "promote")
        assert result.exit_code == 0, result.stdout
        assert here.file.read_text() == before.replace(A, digest_of(REBUILT))
        (only,) = history(here)
        assert (only.image, only.digest, only.previous) == ("coder-preview", digest_of(REBUILT), A)
        assert (only.version, only.previous_version, only.overrides) == ("v2.27.1", "v2.27.1", ())
        assert (only.source, only.promoted_at) == ("ghcr.io/coder/coder-preview:latest", NOON)
        assert "@" not in only.promoted_by

    @pytest.mark.parametrize("arguments", [(), ("--override", "unverified")])
    def test_another_schema_is_refused_with_its_name(self, run: Run, here: World, arguments: tuple[str, ...]) -> None:
        before = here.file.read_text()
        result = run("images", "promote", *arguments)
        assert result.exit_code == 1
        assert f"images promote {B} {' '.join((*arguments, '--override schema-change'))}".replace("  ", " ") in (
            said(result)
        )
        assert (here.file.read_text(), history(here)) == (before, ())

    def test_a_risk_that_is_taken_is_written_for_the_reviewer(self, run: Run, here: World) -> None:
        result = run("images", "promote", "--override", "schema-change", "--override", "unverified")
        assert result.exit_code == 0, result.stdout
        assert [one.value for one in history(here)[0].overrides] == ["schema-change"]
        assert "--override unverified: not needed, and not written." in result.stdout
        assert "take a snapshot before" in result.stdout

    def test_what_is_not_mirrored_is_refused(self, run: Run, here: World) -> None:
        here.published, here.held = REBUILT, {A}
        result = run("images", "promote")
        assert result.exit_code == 1
        assert "0 of 3 regions hold it" in said(result)
        assert history(here) == ()

    def test_an_unsigned_build_is_refused_under_the_strict_setting(self, run: Run, here: World) -> None:
        here.published = REBUILT
        here.set("  workshop:mirror: {refuse: [unsigned]}\n")
        result = run("images", "promote")
        assert result.exit_code == 1
        assert "it is unsigned" in said(result)

    def test_a_build_without_the_platform_is_refused_whatever_is_named(self, run: Run, here: World) -> None:
        here.published = index("v2.27.1", "arm64")
        here.held.add(digest_of(here.published))
        result = run(
            "images", "promote", *(word for risk in ("schema-change", "unverified") for word in ("--override", risk))
        )
        assert result.exit_code == 1
        assert "linux/amd64 is needed" in said(result)

    def test_nobody_promotes_into_an_open_window(self, run: Run, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        here.published = REBUILT
        here.set(OPEN)
        monkeypatch.setattr("workshop.cli.stack.now", lambda: NOON.replace(month=11, day=30))
        before = here.file.read_text()
        result = run("images", "promote")
        assert result.exit_code == 1
        assert "the window is open until 2026-12-01 00:00 UTC" in said(result)
        assert here.file.read_text() == before
        assert run("images", "promote", "--override", "image-change").exit_code == 0
        assert "overrides: [image-change]" in here.file.read_text()

    def test_what_is_pinned_already_changes_nothing(self, run: Run, here: World) -> None:
        result = run("images", "promote", A)
        assert result.exit_code == 0
        assert result.stdout == f"coder-preview is pinned to\n{A} already.\nNothing was changed.\n"
        assert not here.history.exists()

    def test_other_bytes_under_a_digest_are_never_pinned(self, run: Run, here: World) -> None:
        """A push by hand that makes another image of it has another digest; a registry that lies is caught."""
        here.answers[f"Registry GET /v2/{NAME}/manifests/{B}"] = (200, PINNED)
        result = run("images", "promote", B)
        assert result.exit_code == 2
        assert f"answers {A} for {NAME}@{B}" in said(result)
        assert not here.history.exists()

    @pytest.mark.parametrize("digest", ["latest", "sha256:abc", "ghcr.io/coder/coder-preview", A.upper()])
    def test_a_digest_is_a_digest(self, run: Run, here: World, digest: str) -> None:
        result = run("images", "promote", digest)
        assert result.exit_code == 2
        assert "must be a digest, sha256: and 64 hex digits in lower case" in result.stderr

    def test_a_damaged_history_is_neither_read_nor_added_to(self, run: Run, here: World) -> None:
        here.history.parent.mkdir()
        here.history.write_text("promotions: 1\n")
        before = here.file.read_text()
        for command in (("check",), ("promote",), ("rollback", "--users", "20")):
            result = run("images", *command)
            assert result.exit_code == 2
            assert "images/sandbox.yaml can't be read" in result.stdout
        assert here.file.read_text() == before


class TestRollback:
    @pytest.fixture(autouse=True)
    def _rolled_out(self, run: Run, here: World, fake: FakeBackend) -> None:
        """The newer build was promoted; the older one is the last with which `up` succeeded."""
        assert run("images", "promote", "--override", "schema-change").exit_code == 0
        fake.released = (Release(digest=A, succeeded_at=NOON),)

    def test_the_way_back_crosses_a_schema_change_only_by_name(self, run: Run, here: World, fake: FakeBackend) -> None:
        before = here.file.read_text()
        result = run("images", "rollback", "--users", "20")
        assert result.exit_code == 1
        assert "images rollback --override schema-change" in result.stdout
        assert (here.file.read_text(), fake.asked) == (before, [])

    def test_the_last_good_build_is_pinned_and_applied(self, run: Run, here: World, fake: FakeBackend) -> None:
        result = run("images", "rollback", "--users", "20", "--override", "schema-change")
        assert result.exit_code == 0, result.stdout
        assert fake.asked == ["up"]
        assert A in here.file.read_text()
        *_, last = history(here)
        assert (last.digest, last.previous, last.is_rollback) == (A, B, True)
        assert "Going back from v2.27.2" in result.stdout

    def test_what_was_left_is_pinned_again_only_by_its_digest(self, run: Run, here: World) -> None:
        assert run("images", "rollback", "--users", "20", "--override", "schema-change").exit_code == 0
        code, image = check(run)
        assert code == 1
        assert any("it was rolled back from" in reason for reason in image["refused"])
        result = run("images", "promote", "--override", "schema-change")
        assert result.exit_code == 1
        assert f"images promote {B}" in said(result)
        assert run("images", "promote", B, "--override", "schema-change").exit_code == 0

    def test_the_source_may_have_deleted_it(self, run: Run, here: World, fake: FakeBackend) -> None:
        here.answers[f"Registry GET /v2/{NAME}/manifests/{A}"] = (404, "")
        assert run("images", "rollback", "--users", "20", "--override", "schema-change").exit_code == 0

    def test_a_region_that_lost_it_is_said_before_anything_is_written(self, run: Run, here: World) -> None:
        here.held = {B}
        result = run("images", "rollback", "--users", "20", "--override", "schema-change")
        assert result.exit_code == 1
        assert "0 of 3 regions hold it" in said(result)
        assert B in here.file.read_text()

    @pytest.mark.parametrize("typed", ["n\n", ""])
    def test_what_is_declined_or_can_not_be_asked_leaves_both_files(
        self, run: Run, here: World, fake: FakeBackend, typed: str
    ) -> None:
        fake.asks = True
        before = (here.file.read_text(), here.history.read_text())
        result = run("images", "rollback", "--users", "20", "--override", "schema-change", typed=typed)
        assert result.exit_code != 0
        assert (here.file.read_text(), here.history.read_text()) == before

    def test_what_is_refused_leaves_both_files(self, run: Run, here: World, fake: FakeBackend) -> None:
        before = (here.file.read_text(), here.history.read_text())
        fake.outcome = Outcome(violations=(Violation(policy="rules/image-change", resource="r", message="r: no"),))
        result = run("images", "rollback", "--users", "20", "--override", "schema-change")
        assert result.exit_code == 1
        assert (here.file.read_text(), here.history.read_text()) == before

    def test_an_up_that_breaks_off_keeps_them_and_is_run_again(self, run: Run, here: World, fake: FakeBackend) -> None:
        fake.outcome = Outcome(error="the cluster did not answer", applied=True)
        assert run("images", "rollback", "--users", "20", "--override", "schema-change").exit_code == 2
        assert A in here.file.read_text()

    def test_in_the_window_it_takes_its_name(self, run: Run, here: World, monkeypatch: pytest.MonkeyPatch) -> None:
        here.set(OPEN)
        monkeypatch.setattr("workshop.cli.stack.now", lambda: NOON.replace(month=11, day=30))
        named = ("images", "rollback", "--users", "20", "--override", "schema-change")
        assert run(*named).exit_code == 1
        assert run(*named, "--override", "image-change").exit_code == 0
        assert "overrides: [image-change]" in here.file.read_text()

    @pytest.mark.parametrize("is_good", [False, True])
    def test_an_up_that_breaks_off_with_a_new_image_names_the_way_back(
        self, run: Run, here: World, fake: FakeBackend, is_good: bool
    ) -> None:
        if is_good:
            fake.released += (Release(digest=B, succeeded_at=NOON),)
        fake.outcome = Outcome(error="not all of its 2 pods run after 60 s", applied=True)
        result = run("up", "--users", "20")
        assert result.exit_code == 2
        assert ("images rollback" in said(result)) is not is_good

    def test_without_a_build_to_go_back_to_it_says_so(self, run: Run, here: World, fake: FakeBackend) -> None:
        fake.released = (Release(digest=B, succeeded_at=NOON),)
        result = run("images", "rollback", "--users", "20")
        assert result.exit_code == 2
        assert "No `up` of stack sandbox succeeded with another build" in result.stdout
