"""A sample of what `scripts/sdk-classes` compares in full."""

from __future__ import annotations

import pytest

from tests.sandbox.engine.lazy.sdk_classes import differences


@pytest.mark.slow
def test_a_sample_of_the_sdks_is_what_a_plain_import_has() -> None:
    compared, different = differences(["pulumi_aws.ecr", "pulumi_aws.iam", "pulumi_aws.s3"], every=7)
    assert compared > 50
    assert not different, "\n".join(different)
