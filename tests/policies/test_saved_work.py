"""saved-work: a bucket is private, encrypted, versioned, and empties itself; what people left in it is theirs."""

from __future__ import annotations

import json

import pytest

from policies.pack.testing import UNKNOWN, Resource, judge
from policies.saved_work import SAVED_WORK
from tests.policies.event_parts import declared_by, part
from tests.policies.expecting import empty, exemption, missing, refused, sandbox, unknown, with_event, wrong_type
from workshop.model.window.phases import Phase

NAME = "ai-coder-workshop-123456789012-october"
ALL = declared_by("SavedWork")
BUCKET = part("SavedWork", "-saved-work")
PRIVATE, ENCRYPTED, VERSIONED, EXPIRING, POLICY = (
    part("SavedWork", name) for name in ("-private", "-encryption", "-versions", "-expiry", "-policy")
)


def found(problem: str, fix: str, why: str | None = None) -> str:
    return refused(SAVED_WORK, problem, fix, why)


def replaced(one: Resource, by: Resource | None) -> list[Resource]:
    """All of the bucket's resources, with another one in place of one of them."""
    return [by if each is one and by is not None else each for each in ALL if each is not one or by is not None]


def test_pass_with_what_the_component_declares() -> None:
    assert judge(SAVED_WORK, *ALL) == []
    assert judge(SAVED_WORK, *ALL, stack=lambda: with_event(Phase.RUNNING)) == []


def test_fail_on_a_bucket_that_takes_its_contents_along_or_has_its_own_settings() -> None:
    assert judge(SAVED_WORK, *replaced(BUCKET, BUCKET.with_input("forceDestroy", True))) == [
        found("forceDestroy is true", "remove forceDestroy", "deleting it deletes people's work")
    ]
    assert judge(SAVED_WORK, *replaced(BUCKET, BUCKET.with_input("forceDestroy", False))) == []
    assert judge(SAVED_WORK, *replaced(BUCKET, BUCKET.with_input("acl", "public-read"))) == [
        found("acl is set on the bucket itself", "remove acl: declare it beside it")
    ]


@pytest.mark.parametrize("name", ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"])
def test_fail_on_what_could_be_made_public(name: str) -> None:
    assert judge(SAVED_WORK, *replaced(PRIVATE, PRIVATE.with_input(name, False))) == [
        found(f"{name} is false", f"set {name}", "what is saved could be made public")
    ]


def test_fail_unencrypted_and_without_versions() -> None:
    path = "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm"
    assert judge(SAVED_WORK, *replaced(ENCRYPTED, ENCRYPTED.with_input(path, "none"))) == [
        found(
            "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm is 'none'",
            "use one of AES256, aws:kms, aws:kms:dsse",
        )
    ]
    assert judge(SAVED_WORK, *replaced(ENCRYPTED, ENCRYPTED.with_input(path, "aws:kms"))) == []
    suspended = VERSIONED.with_input("versioningConfiguration.status", "Suspended")
    assert judge(SAVED_WORK, *replaced(VERSIONED, suspended)) == [
        found(
            "versioningConfiguration.status is 'Suspended', must be Enabled",
            "set it to Enabled",
            "what is overwritten by mistake is gone",
        )
    ]


@pytest.mark.parametrize(
    ("what", "section", "path"),
    [
        ("objects", "expiration", "expiration.days"),
        ("old versions", "noncurrentVersionExpiration", "noncurrentVersionExpiration.noncurrentDays"),
        ("unfinished uploads", "abortIncompleteMultipartUpload", "abortIncompleteMultipartUpload.daysAfterInitiation"),
    ],
)
def test_fail_on_what_never_ends(what: str, section: str, path: str) -> None:
    told = found(
        f"no rule that is enabled for the whole bucket ends {what}",
        f"give such a rule {path}",
        "work would be kept longer than its people were promised",
    )
    assert judge(SAVED_WORK, *replaced(EXPIRING, EXPIRING.without_input(f"rules.0.{section}"))) == [told]
    for change in (("rules.0.status", "Disabled"), ("rules.0.filter", {"prefix": "a"}), ("rules.0.prefix", "a"),
                   ("rules.0.filter", {"tag": {"key": "a"}})):  # fmt: skip
        assert told in judge(SAVED_WORK, *replaced(EXPIRING, EXPIRING.with_input(*change)))
    assert judge(SAVED_WORK, *replaced(EXPIRING, EXPIRING.without_input("rules.0.filter"))) == []


def test_boundary_of_the_days_that_people_were_promised() -> None:
    def told(days: int, name: str = NAME) -> list[str]:
        changed = EXPIRING.with_input("rules.0.expiration.days", days).with_input("bucket", name)
        return judge(SAVED_WORK, changed, stack=lambda: with_event(Phase.RUNNING))

    assert told(31) == []
    assert told(30) == [
        found(
            "rules[0].expiration.days is 30, must be at least 31 (workshop:event.saving.retention_days and the event's "
            "own days)",
            "set rules[0].expiration.days to 31",
            "work would be gone before its people were promised",
        )
    ]
    assert told(1, "another") == []
    assert judge(SAVED_WORK, EXPIRING.with_input("rules.0.expiration.days", 1), stack=sandbox) == []


def test_fail_without_tls() -> None:
    def told(resource: str) -> str:
        return found(
            f"nothing refuses requests for {resource} without TLS",
            "deny s3:* to * where aws:SecureTransport is false",
            "work could travel unencrypted",
        )

    document = json.loads(POLICY.inputs["policy"])
    whole = [told(f"arn:aws:s3:::{NAME}"), told(f"arn:aws:s3:::{NAME}/*")]
    for change in (
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Action": "s3:GetObject"},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Condition": {**document["Statement"][0]["Condition"], "StringEquals": {"aws:PrincipalAccount": "1"}}},
    ):
        changed = {**document, "Statement": [{**document["Statement"][0], **change}]}
        assert judge(SAVED_WORK, POLICY.with_input("policy", changed), stack=sandbox) == whole
    half = {**document, "Statement": [{**document["Statement"][0], "Resource": f"arn:aws:s3:::{NAME}/*"}]}
    assert judge(SAVED_WORK, POLICY.with_input("policy", half)) == whole[:1]


def test_fail_on_letting_others_in() -> None:
    document = json.loads(POLICY.inputs["policy"])

    def told(principal: object) -> list[str]:
        allowed = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
        changed = POLICY.with_input("policy", {**document, "Statement": [*document["Statement"], allowed]})
        return judge(SAVED_WORK, changed, stack=sandbox)

    everybody = "everybody could read it"
    assert told("*") == [found("policy.Statement[1].Principal is '*'", "name who may", everybody)]
    assert told({"AWS": ["*"]}) == [found("policy.Statement[1].Principal.AWS is '*'", "name who may", everybody)]
    assert "which is account 210987654321, not 123456789012" in told({"AWS": "arn:aws:iam::210987654321:root"})[0]
    assert told({"AWS": "arn:aws:iam::123456789012:role/reader"}) == []


@pytest.mark.parametrize("one", ALL[1:], ids=lambda one: one.type)
def test_missing_settings_beside_a_bucket(one: Resource) -> None:
    kind = one.type.rpartition(":")[2]
    assert judge(SAVED_WORK, *replaced(one, None)) == [
        found(f"bucket {NAME} has no {kind}", f"declare aws.s3.{kind} for it")
    ]
    of_another = one.with_input("bucket", "another")
    assert found(f"bucket {NAME} has no {kind}", f"declare aws.s3.{kind} for it") in judge(
        SAVED_WORK, *replaced(one, of_another)
    )


def test_missing_unknown_wrong_type_and_empty_values() -> None:
    assert judge(SAVED_WORK, PRIVATE.without_input("blockPublicAcls")) == [missing(SAVED_WORK, "blockPublicAcls")]
    assert judge(SAVED_WORK, EXPIRING.with_input("rules", [])) == [empty(SAVED_WORK, "rules")]


def test_unknown_values() -> None:
    assert judge(SAVED_WORK, POLICY.with_input("policy", UNKNOWN)) == [unknown(SAVED_WORK, "policy")]
    assert judge(SAVED_WORK, PRIVATE.with_input("blockPublicAcls", UNKNOWN)) == [unknown(SAVED_WORK, "blockPublicAcls")]


def test_wrong_type_of_a_value() -> None:
    assert judge(SAVED_WORK, PRIVATE.with_input("blockPublicAcls", "yes")) == [
        wrong_type(SAVED_WORK, "blockPublicAcls", "the text 'yes'", "true or false")
    ]
    assert judge(SAVED_WORK, POLICY.with_input("policy", "{")) == [
        found("policy is not a JSON document", "write a JSON document")
    ]


def test_empty_values() -> None:
    assert judge(SAVED_WORK, VERSIONED.with_input("versioningConfiguration.status", "")) == [
        empty(SAVED_WORK, "versioningConfiguration.status")
    ]


def test_exempt() -> None:
    public = PRIVATE.with_input("blockPublicAcls", False)
    assert judge(SAVED_WORK, public, exemptions=[exemption(SAVED_WORK, public)]) == []
