"""Exemptions: violations that somebody answers for, for a time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from policies.framework.policy import Policy
from policies.pack.exemptions import Exemption, Ledger, exemption_policies, read_exemptions, read_ledger
from policies.pack.testing import TODAY, judge_pack
from policies.storage_headroom import STORAGE_HEADROOM
from tests.policies.declared import node_class
from tests.policies.expecting import exemption, refused

SMALL = node_class().with_input("spec.blockDeviceMappings.1.ebs.volumeSize", "50Gi")
ENTRIES, IN_FORCE = exemption_policies(Ledger((), TODAY), frozenset())


def entry(**changes: object) -> Exemption:
    return exemption(STORAGE_HEADROOM, SMALL).model_copy(update=changes)


def judged(*entries: Exemption) -> dict[str, list[str]]:
    """What the headroom policy and the exemptions' own say of a volume that is too small."""
    found: dict[str, list[str]] = {}
    for policy, message in judge_pack((STORAGE_HEADROOM,), SMALL, exemptions=entries):
        found.setdefault(policy, []).append(message)
    return found


def complaint(policy: Policy, problem: str, fix: str) -> list[str]:
    return [refused(policy, problem, fix)]


def test_an_exemption_excuses_until_its_last_day_and_is_told() -> None:
    assert judged(entry()) == {
        "exemptions-in-force": complaint(
            IN_FORCE,
            "exempt: storage-headroom on workshop-class, until 2026-01-15 by platform: "
            "a rehearsal without participants",
            "fix workshop-class, then remove it from policies/exemptions.yaml",
        )
    }
    assert not IN_FORCE.is_mandatory


def test_an_expired_one_excuses_nothing_and_is_a_violation_itself() -> None:
    found = judged(entry(expires=TODAY - timedelta(days=1)))

    assert found.pop("storage-headroom")
    assert found == {
        "exemptions": complaint(
            ENTRIES,
            "the exemption from storage-headroom of 'workshop-class' expired on 2026-01-14, today is 2026-01-15",
            "fix the resource, or have platform renew it in policies/exemptions.yaml",
        )
    }


def test_one_that_excuses_nothing_is_a_violation() -> None:
    found = judged(entry(), entry(resource="another-class"))

    assert found["exemptions"] == complaint(
        ENTRIES,
        "the exemption from storage-headroom of 'another-class' excuses nothing in this stack",
        "remove it from policies/exemptions.yaml",
    )


def test_one_of_a_policy_that_does_not_exist_is_a_violation() -> None:
    found = judged(entry(), entry(policy="storage-heedroom"))

    assert found["exemptions"] == complaint(
        ENTRIES,
        "the exemption of 'workshop-class' names 'storage-heedroom', which is no policy",
        "correct its policy in policies/exemptions.yaml, or remove it",
    )


def test_one_policy_s_exemption_does_not_excuse_another() -> None:
    assert judged(entry(policy="exemptions"))["storage-headroom"]


def test_the_file_is_read_and_holds_to_its_form(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text("[]", "utf-8")
    assert read_exemptions(file) == ()
    file.write_text(
        "- {policy: density, resource: a, reason: wegen des Ümlauts, owner: me, expires: 2026-01-15}", "utf-8"
    )
    assert read_exemptions(file) == (
        Exemption(policy="density", resource="a", reason="wegen des Ümlauts", owner="me", expires=TODAY),
    )


@pytest.mark.parametrize("changed", ["owner: ''", "reason: short", "expires: someday", "extra: 1"])
def test_a_file_that_does_not_hold_to_its_form_is_refused(tmp_path: Path, changed: str) -> None:
    file = tmp_path / "exemptions.yaml"
    good = ["policy: density", "resource: a", "reason: because it is so", "owner: me", "expires: 2026-01-15"]
    kept = [line for line in good if line.partition(":")[0] != changed.partition(":")[0]]
    file.write_text("- {" + ", ".join([*kept, changed]) + "}", "utf-8")

    with pytest.raises(ValidationError):
        read_exemptions(file)


def test_the_committed_file_can_be_read() -> None:
    assert isinstance(read_exemptions(), tuple)


def test_a_file_may_hold_any_letter(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    text = "- {policy: p, resource: r, reason: für Ähnliches, owner: o, expires: 2026-12-01}"
    file.write_text(text, encoding="utf-8")
    assert [one.reason for one in read_exemptions(file)] == ["für Ähnliches"]


def test_gate_16_one_may_not_hold_for_longer_than_ninety_days() -> None:
    latest = judged(entry(expires=TODAY + timedelta(days=90)))
    assert list(latest) == ["exemptions-in-force"]
    found = judged(entry(expires=TODAY + timedelta(days=91)))
    assert found.pop("storage-headroom"), "it excuses nothing"
    assert found == {
        "exemptions": complaint(
            ENTRIES,
            "the exemption from storage-headroom of 'workshop-class' expires on 2026-04-16, the latest is 2026-04-15, "
            "90 days from today",
            "set its expires to 2026-04-15 or earlier in policies/exemptions.yaml",
        )
    }


def test_gate_16_none_stands_twice() -> None:
    found = judged(entry(), entry(reason="another reason altogether"))
    assert found["exemptions"] == complaint(
        ENTRIES,
        "the exemption from storage-headroom of 'workshop-class' is listed 2 times",
        "keep one of them in policies/exemptions.yaml",
    )


@pytest.mark.parametrize("policy", ["exemptions", "exemptions-in-force"])
def test_gate_16_none_silences_the_exemptions_themselves(policy: str) -> None:
    found = judged(entry(), entry(policy=policy, resource="the stack"), entry(resource="another-class"))
    assert len(found["exemptions"]) == 2
    assert len(found["exemptions-in-force"]) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- {policy: density", "expected ',' or '}'"),
        ("- {policy: density}", "Field required"),
        ("policy: density", "Input should be a valid tuple"),
        (None, "No such file or directory"),
        (b"- \xff", "codec can't decode"),
    ],
)
def test_gate_14_a_broken_file_is_a_violation_with_its_reason(
    tmp_path: Path, text: str | bytes | None, reason: str
) -> None:
    file = tmp_path / "exemptions.yaml"
    if isinstance(text, str):
        file.write_text(text, "utf-8")
    elif text is not None:
        file.write_bytes(text)
    ledger = read_ledger(TODAY, file)
    (problem,) = ledger.problems(frozenset())
    assert problem.problem.startswith("policies/exemptions.yaml cannot be read, so nothing is exempt: ")
    assert reason in problem.problem
    assert "\n" not in problem.problem
    assert not ledger.excuses("density", "a")


def test_a_file_that_can_be_read_has_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "exemptions.yaml"
    file.write_text("[]", "utf-8")
    assert read_ledger(TODAY, file) == Ledger((), TODAY)
