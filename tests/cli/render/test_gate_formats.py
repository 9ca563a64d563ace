"""The gate's reports against the schemas and limits of the tools that read them."""

from __future__ import annotations

import copy
import json
import re
from datetime import date
from xml.etree import ElementTree

import pytest
from sarif_kit.validate import validation_errors  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

from policies.pack.catalog import with_exemptions
from policies.pack.exemptions import Ledger
from workshop.cli.render.gate.github import MAX_ANNOTATIONS, as_github
from workshop.cli.render.gate.json import as_json
from workshop.cli.render.gate.junit import as_junit
from workshop.cli.render.gate.markdown import as_markdown
from workshop.cli.render.gate.sarif import as_sarif
from workshop.cli.reports import GateReport, PolicySummary
from workshop.model.outcome import Violation

URN = "urn:pulumi:sandbox::workshop::kubernetes:karpenter.k8s.aws/v1:EC2NodeClass::us-east-2-class"
REFUSED = Violation(policy="storage-headroom", resource=URN, message="Storage holds.\n<44 GiB> & too small: set 224Gi")
AGAIN = Violation(policy="storage-headroom", resource=URN, message="Storage holds.\nand once more")
ADVICE = Violation(policy="spend-estimate", resource=URN, message="100%, known: a, b", is_mandatory=False)
OPEN = Violation(policy="rules/identity", resource="AWS account", message="AWS account: no answer", is_judged=False)
HOSTILE = Violation(policy="dns-records", resource=f"{URN}\x1b[2J", message="\0name is '\u202e\ud800\uffff'\n\r\x85ü")


def report(*violations: Violation) -> GateReport:
    return GateReport(
        stack="sandbox",
        users=20,
        policies={
            policy.id: PolicySummary(title=policy.title, why=policy.why, fix=policy.fix)
            for policy in with_exemptions(Ledger((), date.min))
        },
        are_judged=OPEN not in violations,
        violations=violations,
    )


EVERY = pytest.mark.parametrize(
    "found",
    [(), (REFUSED, AGAIN, ADVICE), (OPEN,), (REFUSED, OPEN, ADVICE, HOSTILE)],
    ids=["none", "two", "open", "all"],
)


@EVERY
def test_sarif_holds_to_the_schema_that_oasis_publishes(found: tuple[Violation, ...]) -> None:
    assert validation_errors(json.loads(as_sarif(report(*found)))) == []


def test_the_schema_notices_what_is_wrong() -> None:
    document = json.loads(as_sarif(report(REFUSED)))
    for name, value in (("kind", "wrong"), ("level", "fatal"), ("message", "text"), ("locations", 1), ("unknown", 1)):
        broken = copy.deepcopy(document)
        broken["runs"][0]["results"][0][name] = value
        assert len(validation_errors(broken)) == 1


def test_sarif_describes_every_rule_as_code_scanning_wants_it() -> None:
    run = json.loads(as_sarif(report(REFUSED, OPEN)))["runs"][0]

    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
    for rule in rules.values():
        for name, most in (("shortDescription", 1024), ("fullDescription", 1024), ("help", 10_000)):
            assert 0 < len(rule[name]["text"]) <= most
        assert len(rule["name"]) <= 255
    assert rules["storage-headroom"]["fullDescription"]["text"].startswith("A violation means that a node whose ")
    assert rules["storage-headroom"]["help"]["text"].startswith("Enlarge the volume ")
    assert rules["rules/identity"]["help"]["text"] == "The finding itself says how to fix it."


JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set[str](), {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped"},
        {"name", "tests", "failures", "errors"},
        {"testcase"},
    ),
    "testcase": ({"name", "classname", "time"}, {"name"}, {"failure", "skipped"}),
    "failure": ({"type", "message"}, set[str](), set[str]()),
    "skipped": ({"type", "message"}, set[str](), set[str]()),
}
"""What Jenkins' schema (xunit-plugin, junit-10.xsd) allows: attributes, those of them that must be, and children.

Only what the gate writes; Jenkins has more."""


@EVERY
def test_junit_holds_to_the_schema_of_jenkins(found: tuple[Violation, ...]) -> None:
    root = ElementTree.fromstring(as_junit(report(*found)))

    assert root.tag == "testsuites"
    for element in root.iter():
        allowed, needed, children = JUNIT[element.tag]
        assert needed <= set(element.attrib) <= allowed, element.tag
        assert {child.tag for child in element} <= children, element.tag
        assert re.fullmatch(r"\d*(\.\d*)?", element.get("time", "0"))


def test_junit_has_one_failure_a_case_with_all_that_was_found() -> None:
    (failure,) = ElementTree.fromstring(as_junit(report(REFUSED, AGAIN))).iter("failure")

    assert failure.get("message") == "us-east-2-class: <44 GiB> & too small: set 224Gi\nus-east-2-class: and once more"


@EVERY
def test_junit_counts_what_it_holds(found: tuple[Violation, ...]) -> None:
    (suite,) = ElementTree.fromstring(as_junit(report(*found)))

    cases = list(suite)
    assert int(suite.attrib["tests"]) == len(cases)
    for attribute, tag in (("failures", "failure"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == sum(case.find(tag) is not None for case in cases)


def test_what_no_report_may_hold_is_written_out() -> None:
    told = r"us-east-2-class\x1b[2J: \r\x85ü"
    found = report(HOSTILE)

    assert json.loads(as_sarif(found))["runs"][0]["results"][0]["message"]["text"] == told
    (failure,) = ElementTree.fromstring(as_junit(found)).iter("failure")
    assert failure.get("message") == told
    assert told in as_github(found)
    assert r"\r\x85ü" in as_markdown(found)
    assert json.loads(as_json(found))["violations"][0]["message"] == "\\x00name is '\\u202e\\ud800\\uffff'\n\\r\\x85ü"


def test_github_shows_ten_annotations_of_a_kind_and_the_tenth_holds_the_rest() -> None:
    many = [Violation(policy=f"p{number}", resource="r", message=f"m{number}") for number in range(12)]

    told = as_github(report(*many, ADVICE)).splitlines()
    assert len(told) == MAX_ANNOTATIONS + 1
    assert told[8] == "::error file=Pulumi.sandbox.yaml,line=1,title=p8::r: m8"
    assert told[9] == "::error file=Pulumi.sandbox.yaml,line=1,title=3 more::p9: r: m9%0Ap10: r: m10%0Ap11: r: m11"
    assert told[10].startswith("::notice ")
    assert len(as_github(report(*many[:10])).splitlines()) == 10
    assert "more" not in as_github(report(*many[:10]))


@EVERY
def test_github_s_commands_are_one_line_each(found: tuple[Violation, ...]) -> None:
    for line in as_github(report(*found)).splitlines():
        assert re.fullmatch(r"::(error|warning|notice) file=[^,:]+,line=1,title=[^,:]+::\S.*", line)
