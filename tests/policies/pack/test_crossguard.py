"""The wrapper that makes CrossGuard policies: nothing passes unjudged, whatever a rule does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pulumi_policy import EnforcementLevel, ResourceValidationPolicy, Severity, StackValidationPolicy
from pulumi_policy.proxy import UnknownValueError

from policies.framework.kinds import exactly
from policies.framework.policy import Context, Declared, Option, Policy, Problem
from policies.framework.reading import Reading
from policies.pack.crossguard import Session, crossguard
from policies.pack.exemptions import Ledger
from policies.pack.testing import TODAY, Resource, judge, messages, resource_args, stack_args
from tests.policies.expecting import exemption, refused

THING = Resource(type="a:b:C", name="thing", inputs={"size": 3})
OTHER = Resource(type="x:y:Z", name="other", inputs={"size": 4})


SIZES = Policy(
    id="sizes",
    title="Sizes are right.",
    why="else it breaks",
    fix="Make it right.",
    source="a test",
    applies_to=exactly("a:b:C"),
)


def test_a_rule_that_fails_is_a_violation() -> None:
    def fail(_declared: Declared, _context: Context) -> Iterator[Problem]:
        yield Problem(problem="first", fix="a")
        raise ZeroDivisionError("by zero")

    failing = replace(SIZES, judge=fail)
    assert judge(failing, THING) == [
        refused(failing, "first", "a"),
        refused(
            failing,
            "the policy itself failed (ZeroDivisionError: by zero)",
            "declare the resource more plainly, or report this as a fault of the policy",
            "what was not judged may not pass",
        ),
    ]


def test_pulumi_s_own_error_at_unknown_values_never_comes_through() -> None:
    def leak(_declared: Declared, _context: Context) -> Iterator[Problem]:
        raise UnknownValueError("04da6b54-80e4-46f7-96ec-b56ff0331ba9", ["size"])
        yield

    assert len(judge(replace(SIZES, judge=leak), THING)) == 1


def test_what_cannot_be_read_is_a_violation() -> None:
    def read(declared: Declared, _context: Context) -> Iterator[Problem]:
        declared.props.member("weight")
        return iter(())

    assert judge(replace(SIZES, judge=read), THING) == [refused(SIZES, "weight is missing", "declare it")]


def test_objects_go_by_their_own_name_and_findings_about_none_by_the_stack() -> None:
    def report_it(declared: Declared, _context: Context) -> Iterator[Problem]:
        yield Problem(problem=f"{declared.object_name} {declared.is_protected}", fix="a", why="so")

    def whole(_resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        yield Problem(problem="all", fix="a", why="so")

    own = THING.with_input("metadata", {"name": "own"})
    assert judge(replace(SIZES, judge=report_it), THING, own) == ["thing False; so: a", "own False; so: a"]
    everything = replace(SIZES, applies_to=None, judge_stack=whole)
    assert judge(everything, THING, exemptions=[exemption(everything, "the stack")]) == []
    assert Declared(type="a", name="b", urn="c", props=Reading({})).is_protected is False


def test_a_resource_is_judged_with_the_parent_that_was_declared_before_it() -> None:
    def report_it(declared: Declared, _context: Context) -> Iterator[Problem]:
        grandparent = declared.parent.parent if declared.parent else None
        yield Problem(problem=f"{declared.name} {declared.parent and declared.parent.name}", fix="a", why="so")
        if grandparent:
            yield Problem(problem=f"below {grandparent.name}", fix="a", why="so")

    above = Resource(type="a:b:C", name="above")
    between = Resource(type="a:b:C", name="between", parent=above)
    below = Resource(type="a:b:C", name="below", parent=between)
    orphan = Resource(type="a:b:C", name="orphan", parent=OTHER)

    assert judge(replace(SIZES, judge=report_it), above, between, below, orphan) == [
        "above None; so: a",
        "between above; so: a",
        "below between; so: a",
        "below above; so: a",
        "orphan None; so: a",
    ]


def test_the_provider_s_inputs_have_their_own_path() -> None:
    def report_it(declared: Declared, _context: Context) -> Iterator[Problem]:
        if declared.provider:
            declared.provider.member("region").text()
        return
        yield

    with_provider = Resource(type="a:b:C", provider=Resource(type="pulumi:providers:a", inputs={"region": ""}))
    assert judge(replace(SIZES, judge=report_it), with_provider) == [
        refused(SIZES, "provider.region is empty", "give it a value")
    ]


def test_only_the_kinds_that_a_policy_applies_to_are_judged() -> None:
    def any_size(declared: Declared, _context: Context) -> Iterator[Problem]:
        yield Problem(problem=f"size {declared.props.member('size').integer()}", fix="a", why="so")

    assert judge(replace(SIZES, judge=any_size), THING, OTHER) == ["size 3; so: a"]


def test_the_stack_is_judged_by_what_was_declared_not_by_what_came_out() -> None:
    def sizes(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        for declared in resources:
            yield Problem(problem=f"{declared.name} {declared.props.member('size').integer()}", fix="a", why="so")

    came_out = Resource(type="a:b:C", name="thing", inputs={"size": 3}, outputs={"size": 5})
    assert judge(replace(SIZES, judge_stack=sizes), came_out) == ["thing 3; so: a"]
    assert judge(replace(SIZES, judge_stack=sizes, applies_to=None), came_out) == ["thing 5; so: a"]


def test_what_was_refreshed_and_deleted_is_not_judged_with_the_stack() -> None:
    """Pulumi hands it over as it was found last: with --refresh, and with `refresh: always` of Pulumi.yaml."""
    session = Session(lambda: None, Ledger((), TODAY))
    found: list[str] = []

    def names(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        found.extend(declared.name for declared in resources)
        return iter(())

    each, whole = crossguard(replace(SIZES, judge_stack=names), session)
    messages(each, [THING], {})
    messages(whole, [THING, Resource(type="a:b:C", name="gone", inputs={"size": 9}, outputs={"size": 9})], {})
    assert found == [THING.name]


def test_inputs_seen_again_replace_those_seen_before() -> None:
    session = Session(lambda: None, Ledger((), TODAY))
    found: list[str] = []

    def sizes(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        found.extend(str(declared.props.member("size").integer()) for declared in resources)
        return iter(())

    each, whole = crossguard(replace(SIZES, judge_stack=sizes), session)
    for size in (3, 4):
        messages(each, [THING.with_input("size", size)], {})
        messages(whole, [THING], {})
    assert found == ["3", "4"]


def test_protection_and_the_provider_s_inputs_are_seen() -> None:
    def report_it(declared: Declared, _context: Context) -> Iterator[Problem]:
        provider = declared.provider.member("region").text() if declared.provider else "none"
        yield Problem(problem=f"{declared.is_protected} {provider}", fix="a", why="so")

    with_provider = Resource(
        type="a:b:C", protect=True, provider=Resource(type="pulumi:providers:a", inputs={"region": "r"})
    )
    assert judge(replace(SIZES, judge=report_it), with_provider, THING) == ["True r; so: a", "False none; so: a"]


def test_options_have_their_defaults_and_what_pulumi_sends() -> None:
    def report_it(_declared: Declared, context: Context) -> Iterator[Problem]:
        yield Problem(problem=f"limit {context.options.member('limit').integer()}", fix="a", why="so")

    limited = replace(SIZES, judge=report_it, options={"limit": Option(schema={"type": "integer"}, default=3)})
    assert judge(limited, THING) == ["limit 3; so: a"]
    assert judge(limited, THING, config={"limit": 4}) == ["limit 4; so: a"]
    bound = crossguard(limited, Session(lambda: None, Ledger((), TODAY)))[0]
    found: list[str] = []
    assert isinstance(bound, ResourceValidationPolicy)
    bound.validate(resource_args(THING, {}), lambda message, _urn=None: found.append(message))  # pyright: ignore[reportUnknownMemberType] SDK
    assert found == ["limit 3; so: a"]


def test_metadata_reaches_pulumi() -> None:
    def nothing(_resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        return iter(())

    advice = replace(
        SIZES,
        judge_stack=nothing,
        is_mandatory=False,
        severity="low",
        options={"limit": Option(schema={"type": "integer"}, default=3)},
    )
    for bound, kind in zip(
        crossguard(advice, Session(lambda: None, Ledger((), TODAY))),
        (ResourceValidationPolicy, StackValidationPolicy),
        strict=True,
    ):
        assert isinstance(bound, kind)
        assert (bound.name, bound.description, bound.remediation_steps) == (
            "sizes",
            "Sizes are right.",
            "Make it right.",
        )
        assert (bound.enforcement_level, bound.severity) == (EnforcementLevel.ADVISORY, Severity.LOW)
        assert bound.config_schema is not None
        assert bound.config_schema.properties == {"limit": {"type": "integer", "default": 3}}
    mandatory = crossguard(SIZES, Session(lambda: None, Ledger((), TODAY)))
    assert [bound.enforcement_level for bound in mandatory] == [EnforcementLevel.MANDATORY]


def test_findings_about_a_resource_carry_its_urn() -> None:
    def both(resources: tuple[Declared, ...], _context: Context) -> Iterator[Problem]:
        yield Problem(problem="one", fix="a", about=resources[0])
        yield Problem(problem="all", fix="a")

    bound = crossguard(replace(SIZES, applies_to=None, judge_stack=both), Session(lambda: None, Ledger((), TODAY)))[0]
    found: list[str | None] = []
    assert isinstance(bound, StackValidationPolicy)
    bound.validate(stack_args([THING], {}), lambda _message, urn=None: found.append(urn))  # pyright: ignore[reportUnknownMemberType] SDK
    assert found == [THING.urn, None]
