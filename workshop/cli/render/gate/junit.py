"""The gate's report as JUnit XML."""

from __future__ import annotations

from typing import cast

from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from workshop.cli.render.gate.text import NOT_ASKED
from workshop.cli.render.text import message_of
from workshop.cli.reports import GateReport


def as_junit(report: GateReport) -> str:
    """A test case for every policy and rule, failed by what it refuses, skipped where it did not judge.

    One failure a case, since Jenkins reads no more than the first.
    """
    suite = TestSuite("workshop gate")
    for policy in dict.fromkeys((*(violation.policy for violation in report.violations), *report.policies)):
        case = TestCase(policy, classname="rules" if policy.startswith("rules/") else "policies")
        refused = [message_of(one) for one in report.refused if one.policy == policy]
        unknown = [message_of(one) for one in report.not_judged if one.policy == policy]
        if policy in report.policies and not report.are_judged:
            unknown = [NOT_ASKED]
        if refused:
            case.result = [Failure("\n".join(refused), type_=policy)]
        elif unknown:
            case.result = [Skipped("\n".join(unknown), type_="not judged")]
        suite.add_testcase(case)
    document = JUnitXml("workshop gate")
    document.add_testsuite(suite)
    return cast("bytes", document.tostring()).decode("utf-8")
