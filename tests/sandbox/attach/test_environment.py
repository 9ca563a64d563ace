"""The environment that the CLI is run in, and the plugins it would find there."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from workshop.sandbox.attach.environment import isolated_environment, settings_file, shell_lines, stack_variables
from workshop.sandbox.attach.plugins import installed_plugins, sdk_version
from workshop.sandbox.attach.stack import prepare_stack
from workshop.sandbox.paths import SandboxPaths
from workshop.sandbox.problem import SandboxProblem

MakesCli = Callable[[str], None]


@pytest.fixture
def paths(tmp_path: Path) -> SandboxPaths:
    checkout = tmp_path / "a checkout"
    checkout.mkdir()
    (checkout / "Pulumi.sandbox.yaml").write_text("config:\n  workshop:users: 20\n  workshop:max_users: 60\n")
    return SandboxPaths(checkout=checkout, folder=tmp_path / "data", given_port=47811)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakesCli:
    """Puts a `pulumi` on PATH that does this."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")

    def make(script: str) -> None:
        (folder / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "pulumi").chmod(0o755)

    return make


SALTS = "echo 'encryptionsalt: v1:salt' > Pulumi.sandbox.yaml"


def test_nothing_of_a_real_system_is_left(paths: SandboxPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("PULUMI_ACCESS_TOKEN", "pul-real")
    monkeypatch.setenv("PULUMI_BACKEND_URL", "s3://state")
    environment = isolated_environment(paths)
    assert "AWS_PROFILE" not in environment
    assert "PULUMI_ACCESS_TOKEN" not in environment
    assert environment["PULUMI_BACKEND_URL"] == (paths.folder / "pulumi" / "backend").as_uri()


def test_the_cli_is_told_stack_settings_pack_and_ports(paths: SandboxPaths) -> None:
    assert stack_variables(paths, "sandbox", {"aws": 1, "kubernetes": 2}) == {
        "PULUMI_OPTION_STACK": "sandbox",
        "PULUMI_OPTION_CONFIG_FILE": str(paths.folder / "pulumi" / "Pulumi.sandbox.yaml"),
        "PULUMI_OPTION_POLICY_PACK": "policies",
        "PULUMI_DEBUG_PROVIDERS": "aws:1,kubernetes:2",
    }


def test_shell_lines_turn_one_environment_into_the_other() -> None:
    before = {"SAME": "1", "GONE": "2", "CHANGED": "3"}
    after = {"SAME": "1", "CHANGED": "it's", "NEW": "4"}
    assert shell_lines(before, after) == ["unset GONE", """export CHANGED='it'"'"'s'""", "export NEW=4"]


def test_a_stack_is_made_once_with_the_tracked_settings_and_the_sandboxs_endpoints(
    paths: SandboxPaths, cli: MakesCli
) -> None:
    cli(SALTS)
    prepare_stack(paths, "sandbox", isolated_environment(paths))
    settings = settings_file(paths, "sandbox").read_text()
    for line in ("encryptionsalt: v1:salt", "workshop:users: 20", "aws: http://127.0.0.1:47811", str(paths.kubeconfig)):
        assert line in settings
    assert (paths.folder / "pulumi" / "passphrase").stat().st_mode & 0o777 == 0o600
    cli("exit 1")
    prepare_stack(paths, "sandbox", isolated_environment(paths))


def test_what_config_set_changed_stays_until_the_tracked_settings_change(paths: SandboxPaths, cli: MakesCli) -> None:
    cli(SALTS)
    prepare_stack(paths, "sandbox", isolated_environment(paths))
    settings, tracked = settings_file(paths, "sandbox"), paths.checkout / "Pulumi.sandbox.yaml"
    settings.write_text(settings.read_text().replace("users: 20", "users: 30"))
    prepare_stack(paths, "sandbox", isolated_environment(paths))
    assert "workshop:users: 30" in settings.read_text()
    newer = settings.stat().st_mtime + 1
    os.utime(tracked, (newer, newer))
    prepare_stack(paths, "sandbox", isolated_environment(paths))
    assert "workshop:users: 20" in settings.read_text()
    assert "encryptionsalt: v1:salt" in settings.read_text()


def test_a_server_that_has_moved_is_followed(paths: SandboxPaths, cli: MakesCli) -> None:
    cli(SALTS)
    prepare_stack(paths, "sandbox", isolated_environment(paths))
    settings = settings_file(paths, "sandbox")
    settings.write_text(settings.read_text().replace("users: 20", "users: 30"))
    prepare_stack(replace(paths, given_port=47812), "sandbox", isolated_environment(paths))
    assert "aws: http://127.0.0.1:47812" in settings.read_text()
    assert "47811" not in settings.read_text()
    assert "workshop:users: 30" in settings.read_text()


def test_without_the_cli_attaching_says_so(paths: SandboxPaths, cli: MakesCli) -> None:
    with pytest.raises(SandboxProblem, match="pulumi command is not on PATH"):
        prepare_stack(paths, "sandbox", isolated_environment(paths))


def test_what_the_cli_refuses_is_told(paths: SandboxPaths, cli: MakesCli) -> None:
    cli("echo no room >&2; exit 1")
    with pytest.raises(SandboxProblem, match="could not make the stack sandbox: no room"):
        prepare_stack(paths, "sandbox", isolated_environment(paths))


def test_a_checkout_without_settings_is_told(paths: SandboxPaths) -> None:
    (paths.checkout / "Pulumi.sandbox.yaml").unlink()
    with pytest.raises(SandboxProblem, match="has no Pulumi"):
        prepare_stack(paths, "sandbox-trial", isolated_environment(paths))


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


def test_real_providers_are_found_on_path_and_in_the_clis_folder(tmp_path: Path) -> None:
    on_path = executable(tmp_path / "bin" / "pulumi-resource-cloudflare")
    version = sdk_version("aws")
    kept = executable(tmp_path / "home" / "plugins" / f"resource-aws-v{version}" / "pulumi-resource-aws")
    environment = {"PATH": str(tmp_path / "bin"), "PULUMI_HOME": str(tmp_path / "home")}
    assert installed_plugins(["aws", "cloudflare"], environment, has_api_servers=False) == {
        "aws": kept,
        "cloudflare": on_path,
    }


def test_a_plugin_of_another_version_is_not_the_one_asked_for(tmp_path: Path) -> None:
    executable(tmp_path / "home" / "plugins" / "resource-aws-v0.0.1" / "pulumi-resource-aws")
    environment = {"PATH": "", "PULUMI_HOME": str(tmp_path / "home")}
    assert installed_plugins(["aws"], environment, has_api_servers=True) == {}


def test_kubernetes_is_left_to_its_stand_in_where_clusters_have_no_api_servers(tmp_path: Path) -> None:
    plugin = executable(tmp_path / "bin" / "pulumi-resource-kubernetes")
    environment = {"PATH": str(tmp_path / "bin")}
    assert installed_plugins(["kubernetes"], environment, has_api_servers=False) == {}
    assert installed_plugins(["kubernetes"], environment, has_api_servers=True) == {"kubernetes": plugin}
