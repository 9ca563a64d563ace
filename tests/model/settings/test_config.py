import json

import pytest

from workshop.model.settings.config import stack_config
from workshop.model.settings.errors import SettingsError

PROJECT = """
name: workshop
config:
  users: {type: integer}
  max_users: {type: integer, default: 60}
  open: {type: boolean, default: false}
  workspaces: {type: object, default: {storage_gib: 20}}
  aws:region: {value: us-east-2}
  plain: text
"""


def refused(stack: str, project: str = PROJECT) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        stack_config(stack, project)
    return error.value.messages


def test_what_the_stack_leaves_out_is_the_projects_default() -> None:
    assert stack_config("config:\n  workshop:users: 20\n  workshop:max_users: 40\n", PROJECT) == {
        "workshop:users": "20",
        "workshop:max_users": "40",
        "workshop:open": "false",
        "workshop:workspaces": '{"storage_gib": 20}',
        "aws:region": "us-east-2",
        "workshop:plain": "text",
    }


def test_a_stacks_object_replaces_the_default_and_is_not_merged() -> None:
    config = stack_config("config: {workshop:workspaces: {headroom_percent: 70}}", PROJECT)
    assert json.loads(config["workshop:workspaces"]) == {"headroom_percent": 70}


def test_keys_without_a_namespace_are_the_projects() -> None:
    assert stack_config("config: {users: 5}", PROJECT)["workshop:users"] == "5"


def test_scalars_are_handed_out_as_the_cli_does() -> None:
    text = "config: {a: yes, b: 8, d: 50, e: ~, f: TRUE, g: 0.5, h: '007', i: [1.5, {j: 100000000000000000000}]}"
    config = {key.removeprefix("workshop:"): value for key, value in stack_config(text, "").items()}
    assert config == {
        "a": "yes",
        "b": "8",
        "d": "50",
        "e": "",
        "f": "true",
        "g": "0.5",
        "h": "007",
        "i": '[1.5, {"j": 100000000000000000000}]',
    }


def test_structures_are_handed_out_as_go_writes_them() -> None:
    text = "config: {a: {z: ü, c: 1e+21, d: [1e+21, 1]}, e: 1e+21}"
    config = {key.removeprefix("workshop:"): value for key, value in stack_config(text, "").items()}

    assert config["a"] == '{"c": 1e+21, "d": [1e+21, 1], "z": "ü"}'
    assert config["e"] == "1e+21"


def test_an_empty_file_has_the_defaults_alone() -> None:
    assert stack_config("", PROJECT) == stack_config("encryptionsalt: x\n", PROJECT) == stack_config("config:", PROJECT)


def test_encrypted_values_are_refused_with_their_paths_all_at_once() -> None:
    text = "config: {workshop:account: {secure: AAA}, workshop:regions: [{name: a}, {node_role: {secure: BBB}}]}"
    assert refused(text) == tuple(
        f"{path} is encrypted, and only the Pulumi CLI can read it; no setting here is a secret. "
        f"Fix: pulumi config set --plaintext --path '{path}' VALUE"
        for path in ("workshop:account", "workshop:regions[1].node_role")
    )


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("a: [1", "Pulumi.STACK.yaml, line 1"),
        ("- a", "Pulumi.STACK.yaml must have keys and values"),
        ("config: [1]", "config: of Pulumi.STACK.yaml must have keys and values"),
        ("environment: [x]", "Pulumi.STACK.yaml: environment: values from Pulumi ESC need the Pulumi CLI"),
    ],
)
def test_what_can_not_be_read_is_refused_in_one_message(stack: str, message: str) -> None:
    (told,) = refused(stack)
    assert told.startswith(message)


def test_a_project_s_config_that_is_none_is_named() -> None:
    (told,) = refused("", "config: [1]")
    assert told.startswith("config: of Pulumi.yaml must have keys and values")


def test_a_broken_project_file_is_named() -> None:
    (told,) = refused("", "config: {a: 1, a: 2}")
    assert told == "Pulumi.yaml, line 1: the key a is given twice"


def test_the_file_is_called_by_its_name() -> None:
    with pytest.raises(SettingsError, match=r"^Pulumi\.dns\.yaml, line 2: 020 is read as 16; write 16,"):
        stack_config("config:\n  workshop:users: 020", "", "Pulumi.dns.yaml")
