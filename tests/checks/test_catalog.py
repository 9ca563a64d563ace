"""What a preflight that asks nothing yet loads."""

from __future__ import annotations

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
