"""The record that `up` can demand: what it must be to be believed, and what makes it go stale."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.model.given import ABSENT, NO_ANSWER, NOON, found, judged, observe, settings
from workshop.model.observations import Found, Observation
from workshop.model.preflight.record import (
    BEFORE_UP,
    Record,
    Result,
    Stage,
    Verdict,
    make_record,
    overall,
    settings_digest,
)
from workshop.model.settings.stack import Settings

GIVEN = settings(preflight={"required": True})
"""Records of it hold for 24 hours unless told otherwise."""


def result(verdict: Verdict = Verdict.GO, stage: Stage = Stage.BEFORE_UP) -> Result:
    return Result(check="identity", stage=stage, verdict=verdict, found="a", needed="b")


OTHERS = tuple(
    Result(check=check, stage=Stage.BEFORE_UP, verdict=Verdict.GO, found="a", needed="b")
    for check in sorted(BEFORE_UP - {"identity"})
)
"""All other checks that a record must have, which say go."""


def record(*results: Result, of: Settings = GIVEN, others: tuple[Result, ...] = OTHERS) -> Record:
    return make_record("sandbox", of, ["identity"], (*(results or (result(),)), *others), NOON)


def refusals(given: Settings, preflight: Observation[Record] | None) -> list[str]:
    observations = replace(observe(given), preflight=preflight)
    return [one for one in judged(given, observations) if one.startswith("[preflight-required]")]


def seen(given: Record, after: timedelta = timedelta(hours=1)) -> Found[Record]:
    return replace(found(given), observed_at=NOON + after)


def test_a_fresh_record_of_these_settings_that_says_go_is_enough() -> None:
    assert refusals(GIVEN, seen(record())) == []
    assert refusals(GIVEN, seen(record(result(), result(Verdict.WARNING)))) == []
    assert refusals(GIVEN, seen(record(result(), result(Verdict.NO_GO, Stage.BEFORE_EVENT)))) == []


def test_nothing_is_demanded_in_a_preview() -> None:
    assert refusals(GIVEN, None) == []


def test_without_a_record_the_command_that_makes_one_is_told() -> None:
    assert refusals(GIVEN, ABSENT) == [
        "[preflight-required] preflight record: not found (the system); workshop:preflight.required needs a "
        "current one that says go; what failed on 30 September 2024 could be seen two days before: "
        "scripts/workshop preflight --before up"
    ]
    assert "lookup failed: the system: no answer" in refusals(GIVEN, NO_ANSWER)[0]


def test_no_go_could_not_tell_and_nothing_looked_at_are_refused() -> None:
    for verdict in (Verdict.NO_GO, Verdict.INCONCLUSIVE):
        assert f"says {verdict};" in refusals(GIVEN, seen(record(result(verdict))))[0]
    assert "lacks identity;" in refusals(GIVEN, seen(record(result(stage=Stage.BEFORE_EVENT))))[0]


def test_every_check_of_before_up_is_demanded() -> None:
    for absent in sorted(BEFORE_UP - {"identity"}):
        kept = tuple(one for one in OTHERS if one.check != absent)
        assert f"12:00 UTC lacks {absent}; " in refusals(GIVEN, seen(record(others=kept)))[0]
    assert "lacks ec2-quota, gate-clean, hosts-resolve, " in refusals(GIVEN, seen(record(others=())))[0]


def test_when_a_record_expires_is_worked_out_and_not_believed() -> None:
    """A digest says that a record is whole, not who made it."""
    forged = record().model_copy(update={"expires_at": NOON + timedelta(days=99)}).with_digest()
    assert forged.is_whole
    assert refusals(GIVEN, seen(forged, timedelta(hours=23))) == []
    assert "has expired" in refusals(GIVEN, seen(forged, timedelta(hours=24)))[0]
    sooner = record().model_copy(update={"expires_at": NOON + timedelta(hours=1)}).with_digest()
    assert "has expired" in refusals(GIVEN, seen(sooner, timedelta(hours=1)))[0]


def test_a_record_expires() -> None:
    assert refusals(GIVEN, seen(record(), timedelta(hours=24) - timedelta(seconds=1))) == []
    assert "has expired" in refusals(GIVEN, seen(record(), timedelta(hours=24)))[0]
    short = settings(preflight={"required": True, "holds": "30m"})
    assert "has expired" in refusals(short, seen(record(of=short)))[0]


def test_a_record_from_the_future_is_not_believed() -> None:
    assert "in the future" in refusals(GIVEN, seen(record(), timedelta(minutes=-1)))[0]


def test_other_settings_make_it_stale() -> None:
    other = settings(users="21", preflight={"required": True})
    assert settings_digest(other) != settings_digest(GIVEN)
    assert "is for other settings" in refusals(other, seen(record()))[0]


def test_a_record_that_was_edited_is_not_believed() -> None:
    edited = record(result(Verdict.NO_GO)).model_copy(update={"results": (result(),)})
    assert "its content does not match its digest" in refusals(GIVEN, seen(edited))[0]
    later = record().model_copy(update={"expires_at": NOON + timedelta(days=99)})
    assert not later.is_whole


def test_a_record_keeps_its_digest_from_one_version_to_the_next() -> None:
    kept = Record(
        stack="sandbox",
        made_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        settings="sha256:1",
        checks=("identity",),
        results=(result(),),
    )
    assert (kept.digest, kept.is_whole) == ("", False)
    assert (result().region, result().fix) == ("", "")
    digest = "sha256:dc4b3704656b47a4df832c5aeb4adf62e4ff2baa4fced7a202711da9466fa3ea"
    assert kept.model_copy(update={"digest": digest}).is_whole


def test_a_record_is_of_its_stage_and_sorted() -> None:
    made = make_record("sandbox", GIVEN, ["b", "a"], [result(), result(stage=Stage.OPT_IN)], NOON)
    assert made.checks == ("a", "b")
    assert [one.stage for one in made.of_stage(Stage.OPT_IN)] == ["opt-in"]
    assert (made.stack, made.made_at, made.expires_at) == ("sandbox", NOON, NOON + timedelta(hours=24))
    assert made.settings.startswith("sha256:")


def test_the_worst_verdict_is_that_of_all() -> None:
    verdicts = [Verdict.GO, Verdict.WARNING, Verdict.INCONCLUSIVE, Verdict.NO_GO]
    assert [overall(result(one) for one in verdicts[: count + 1]) for count in range(4)] == [
        "go",
        "go",
        "inconclusive",
        "no-go",
    ]
    assert overall([]) == "inconclusive"
    assert [*Stage] == ["before-up", "before-event", "opt-in"]
    assert [*Verdict] == ["go", "warning", "no-go", "inconclusive"]


def test_a_record_survives_being_written() -> None:
    written = Record.model_validate_json(record().model_dump_json())
    assert written == record()
    assert written.is_whole
