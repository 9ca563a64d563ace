"""The example of a further environment is a valid stack, and its sandbox's differs only where it must."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.test_stacks import MAY_DIFFER, leaves
from workshop.model.findings import Finding
from workshop.model.plan.plan import make_plan
from workshop.model.rules.judgement import judge_settings
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Settings
from workshop.sandbox.paths import CHECKOUT

EXAMPLES = CHECKOUT / "docs" / "examples"
REAL, SANDBOX = EXAMPLES / "Pulumi.coderdemo.yaml", EXAMPLES / "Pulumi.sandbox-coderdemo.yaml"
MAY_ALSO_DIFFER = {
    "workshop:zone.stack",
    "workshop:adopt.us-east-2-base-ws",
    "workshop:adopt.us-east-2-coder-preview",
}


def values(file: Path) -> dict[str, object]:
    """Every single value that the file sets."""
    config = yaml.safe_load(file.read_text("utf-8"))["config"]
    return {
        key: value for section, one in config.items() for key, value in leaves(one, (section.split(":")[1],)).items()
    }


def settings(file: Path) -> Settings:
    config = stack_config(file.read_text("utf-8"), (CHECKOUT / "Pulumi.yaml").read_text("utf-8"))
    return settings_from_config({**config, "workshop:users": "10"})


def refusals(file: Path) -> tuple[Finding, ...]:
    given = settings(file)
    return judge_settings(given, make_plan(given))


def test_the_sandboxs_differs_only_where_it_must() -> None:
    real, sandbox = values(REAL), values(SANDBOX)
    assert {key for key in real | sandbox if real.get(key) != sandbox.get(key)} <= MAY_DIFFER | MAY_ALSO_DIFFER


def test_the_example_lacks_what_no_source_gives_and_nothing_else() -> None:
    found = refusals(REAL)
    assert {(one.rule, one.problem) for one in found} == {("settings-complete", "is not set")}
    assert {"workshop:account", "workshop:image.digest", "workshop:regions[0].cluster.uid"} < {
        one.resource for one in found
    }


def test_the_sandboxs_lacks_nothing() -> None:
    assert refusals(SANDBOX) == ()


def test_it_leaves_its_records_to_the_stack_that_has_all_zone_files() -> None:
    assert not settings(REAL).declares_records
    assert settings(REAL).zone.stack == "dns"
