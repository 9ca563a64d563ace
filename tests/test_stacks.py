"""The stacks in the repository, and Pulumi.yaml, agree with the model and with each other."""

import json
from typing import Any, cast

import pytest
import yaml

from tests.model.given import ROOT, config, settings
from workshop.model.settings.commands import key_of
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.stack import Settings

MAY_DIFFER = {
    # no source gives them; the sandbox's are made up
    "workshop:account",
    "workshop:zone.id",
    'workshop:zones["coderdemo.io"]',
    'workshop:zones["devcoder.io"]',
    "workshop:image.digest",
    "workshop:database_instance",
    *(
        f"workshop:regions[{index}].{key}"
        for index in range(3)
        for key in (
            "cluster.name",
            "cluster.context",
            "cluster.uid",
            "cluster.oidc_issuer",
            "load_balancer_host",
            "vcpu_quota",
            "vcpu_in_use",
            "node_role",
            "ami_version",
        )
    ),
    *(f"workshop:regions[{index}].zones[{zone}]" for index in range(3) for zone in range(2)),
    # where the sandbox's servers are
    "workshop:kubeconfig",
    "workshop:endpoints.aws",
    "workshop:endpoints.cloudflare",
    "workshop:endpoints.litellm",
    # runs without a container in the sandbox
    "workshop:rotation.image",
    # templates of the sandbox's Coder
    *(f"workshop:preflight.smoke_templates.{region}" for region in ("us-east-2", "us-west-2", "eu-west-2")),
    # the sandbox is seeded with the image in every region
    "workshop:adopt.us-west-2-coder-preview",
    "workshop:adopt.eu-west-2-coder-preview",
}


def leaves(value: object, path: tuple[str | int, ...]) -> dict[str, object]:
    """Every single value by its key."""
    if isinstance(value, dict):
        items = list(cast("dict[str, object]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[object]", value)))
    else:
        return {key_of(path): value}
    return {key: leaf for step, item in items for key, leaf in leaves(item, (*path, step)).items()}


def stack(name: str) -> dict[str, object]:
    """Every single value that a stack's file sets."""
    given = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text("utf-8"))["config"]
    return {
        key: value for section, item in given.items() for key, value in leaves(item, (section.split(":")[1],)).items()
    }


def declared() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))["config"]


def test_the_sandbox_differs_from_the_real_stack_only_where_it_must() -> None:
    real, sandbox = stack("workshop"), stack("sandbox")
    differing = {key for key in real.keys() | sandbox.keys() if real.get(key) != sandbox.get(key)}
    assert differing <= MAY_DIFFER
    assert not differing & real.keys()


@pytest.mark.parametrize("name", ["workshop", "sandbox"])
def test_a_stack_is_valid_once_users_are_set(name: str) -> None:
    assert settings(name).users == 20
    assert "workshop:users" not in stack(name)


def test_pulumi_declares_every_setting_as_the_model_describes_it() -> None:
    fields = Settings.model_fields
    assert {key: one["description"] for key, one in declared().items()} == {
        key: field.description for key, field in fields.items()
    }


def test_pulumis_defaults_are_the_models() -> None:
    given = {key: one["default"] for key, one in declared().items() if "default" in one}
    assert given.keys() == {key for key, field in Settings.model_fields.items() if not field.is_required()}
    plain = {key: value for key, value in config().items() if key.removeprefix("workshop:") not in given}
    defaults = {
        f"workshop:{key}": value if isinstance(value, str) else json.dumps(value) for key, value in given.items()
    }
    assert settings_from_config({**plain, **defaults}) == settings_from_config(plain)


def test_pulumis_types_are_those_the_cli_checks() -> None:
    types = {key: one["type"] for key, one in declared().items()}
    assert set(types.values()) == {"string", "integer", "object", "array"}
    assert all("items" in one for one in declared().values() if one["type"] == "array")
