"""What a preflight that asks nothing yet loads."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.model.given import ROOT
from workshop.checks.catalog import CHECKS
from workshop.model.preflight.record import BEFORE_UP, Stage

SDKS = {"pulumi", "pulumi_aws", "pulumi_cloudflare", "pulumi_kubernetes", "boto3"}


def test_the_catalog_needs_no_sdk() -> None:
    """The SDKs take six times as long to import as all checks together."""
    program = f"import sys, workshop.checks.catalog; print(*({SDKS} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_a_record_must_have_every_check_of_before_up() -> None:
    assert {check.id for check in CHECKS if check.stage is Stage.BEFORE_UP} == BEFORE_UP


def test_every_kind_of_mistake_has_tests_of_its_name() -> None:
    table = (ROOT / "docs" / "preflight.md").read_text("utf-8").partition("## Kinds of mistakes")[2]
    points = set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))
    tests = "".join(file.read_text("utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert points == set(re.findall(r"def test_preflight_(\d+)_", tests)) == {str(number) for number in range(1, 9)}
