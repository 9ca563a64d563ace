"""saved-work: a bucket is private, encrypted, versioned, and empties itself; what people left in it is theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from policies.framework.kinds import any_of, exactly
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading
from policies.resources.iam_rights import document_statements, foreign_accounts, one_or_more
from workshop.model.event.keeper import bucket_of, days_kept


def _kind(name: str) -> str:
    return f"aws:s3/{name[0].lower()}{name[1:]}:{name}"


BUCKET: Final = exactly(_kind("Bucket"))
PRIVATE: Final = exactly(_kind("BucketPublicAccessBlock"))
ENCRYPTED: Final = exactly(_kind("BucketServerSideEncryptionConfiguration"))
VERSIONED: Final = exactly(_kind("BucketVersioning"))
EXPIRING: Final = exactly(_kind("BucketLifecycleConfiguration"))
TLS_ONLY: Final = exactly(_kind("BucketPolicy"))

_PARTS: Final = {
    "BucketPublicAccessBlock": PRIVATE,
    "BucketServerSideEncryptionConfiguration": ENCRYPTED,
    "BucketVersioning": VERSIONED,
    "BucketLifecycleConfiguration": EXPIRING,
    "BucketPolicy": TLS_ONLY,
}
_BLOCKS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_ALGORITHMS: Final = ("AES256", "aws:kms", "aws:kms:dsse")
_IN_PLACE: Final = (
    "acl",
    "corsRules",
    "grants",
    "lifecycleRules",
    "policy",
    "serverSideEncryptionConfiguration",
    "versioning",
    "website",
)
"""Settings that a bucket can have in itself, where those of the resources beside it would be judged and not hold."""


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """One bucket, or one setting of a bucket, by its kind."""
    if BUCKET(declared.type):
        yield from bucket(declared)
    elif PRIVATE(declared.type):
        for name in _BLOCKS:
            if not declared.props.member(name).boolean():
                yield Problem(problem=f"{name} is false", why="what is saved could be made public", fix=f"set {name}")
    elif ENCRYPTED(declared.type):
        for rule in declared.props.member("rules").items():
            algorithm = rule.member("applyServerSideEncryptionByDefault", "sseAlgorithm")
            if algorithm.text() not in _ALGORITHMS:
                yield Problem(
                    problem=f"{algorithm.path} is '{algorithm.text()}'", fix=f"use one of {', '.join(_ALGORITHMS)}"
                )
    elif VERSIONED(declared.type):
        status = declared.props.member("versioningConfiguration", "status").text()
        if status != "Enabled":
            yield Problem(
                problem=f"versioningConfiguration.status is '{status}', must be Enabled",
                why="what is overwritten by mistake is gone",
                fix="set it to Enabled",
            )
    elif EXPIRING(declared.type):
        yield from expiry(declared, context)
    else:
        yield from policy(declared, context)


def bucket(declared: Declared) -> Iterator[Problem]:
    """A bucket that goes with everything in it, or has settings of its own."""
    force = declared.props.optional("forceDestroy")
    if force is not None and force.boolean():
        yield Problem(
            problem="forceDestroy is true", why="deleting it deletes people's work", fix="remove forceDestroy"
        )
    for name in _IN_PLACE:
        if declared.props.optional(name) is not None:
            yield Problem(problem=f"{name} is set on the bucket itself", fix=f"remove {name}: declare it beside it")


def expiry(declared: Declared, context: Context) -> Iterator[Problem]:
    """Whether everything goes after a time, versions and unfinished uploads too, and not before it is promised to."""
    whole = [rule for rule in declared.props.member("rules").items() if _is_of_everything(rule)]
    expiring = [days for rule in whole if (days := rule.optional("expiration", "days")) is not None]
    for what, path in (
        ("objects", ("expiration", "days")),
        ("old versions", ("noncurrentVersionExpiration", "noncurrentDays")),
        ("unfinished uploads", ("abortIncompleteMultipartUpload", "daysAfterInitiation")),
    ):
        if not any((days := rule.optional(*path)) and days.integer() > 0 for rule in whole):
            yield Problem(
                problem=f"no rule that is enabled for the whole bucket ends {what}",
                why="work would be kept longer than its people were promised",
                fix=f"give such a rule {'.'.join(path)}",
            )
    stack = context.stack
    if stack is None or stack.settings.event is None or stack.settings.window is None:
        return
    needed = days_kept(stack.settings)
    if declared.props.member("bucket").text() == bucket_of(stack.settings):
        for days in expiring:
            if days.integer() < needed:
                yield Problem(
                    problem=f"{days.path} is {days.integer()}, must be at least {needed} "
                    "(workshop:event.saving.retention_days and the event's own days)",
                    why="work would be gone before its people were promised",
                    fix=f"set {days.path} to {needed}",
                )


def _is_of_everything(rule: Reading) -> bool:
    """Whether a rule is in force for every object."""
    if rule.member("status").text() != "Enabled":
        return False
    chosen = rule.optional("filter")
    found = chosen.entries_or_none() if chosen else {}
    return all(name == "prefix" and reading.value == "" for name, reading in found.items()) and not (
        (prefix := rule.optional("prefix")) and prefix.value
    )


def policy(declared: Declared, context: Context) -> Iterator[Problem]:
    """Whom a bucket's policy lets in, and whether it refuses all who come without TLS."""
    name = declared.props.member("bucket").text()
    account = context.stack.settings.account if context.stack else None
    refused: set[str] = set()
    for statement in document_statements(declared.props.member("policy")):
        if statement.member("Effect").text() == "Deny":
            if _refuses_without_tls(statement):
                refused.update(one_or_more(statement.member("Resource")))
            continue
        principal = statement.member("Principal")
        for who in (principal,) if not principal.is_mapping else principal.entries().values():
            if "*" in one_or_more(who):
                yield Problem(problem=f"{who.path} is '*'", why="everybody could read it", fix="name who may")
            else:
                yield from foreign_accounts(who, frozenset({account} if account else ()))
    for resource in (f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"):
        if resource not in refused:
            yield Problem(
                problem=f"nothing refuses requests for {resource} without TLS",
                why="work could travel unencrypted",
                fix="deny s3:* to * where aws:SecureTransport is false",
            )


def _refuses_without_tls(statement: Reading) -> bool:
    """To everybody, whatever they ask for, under this one condition."""
    asked = one_or_more(statement.member("Action")) == ("s3:*",)
    condition = statement.member("Condition").value
    principal = statement.member("Principal").value
    return asked and principal in ("*", {"AWS": "*"}) and condition == {"Bool": {"aws:SecureTransport": "false"}}


def judge_stack(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
    """Buckets that lack one of the settings."""
    for one in (resource for resource in resources if BUCKET(resource.type)):
        name = one.props.member("bucket").text()
        for kind, is_kind in _PARTS.items():
            parts = (part for part in resources if is_kind(part.type))
            if not any(part.props.member("bucket").text() == name for part in parts):
                yield Problem(problem=f"bucket {name} has no {kind}", fix=f"declare aws.s3.{kind} for it", about=one)


SAVED_WORK = Policy(
    id="saved-work",
    title="A bucket is private, encrypted and versioned, and empties itself when its time is over.",
    why="people's work could be read by others, lost, or kept for ever",
    fix="Declare the component SavedWork, or the same resources beside the bucket.",
    source="AWS documentation: S3 security best practices, lifecycle of versioned buckets; docs/event-parts.md",
    severity="critical",
    applies_to=any_of(BUCKET, *_PARTS.values()),
    judge=judge,
    judge_stack=judge_stack,
)
