"""The program by itself, without a policy pack: what it refuses, and that it registers nothing before it does."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.components.recorded import Answer, ProviderFailure, Recorded, run
from workshop.model.findings import Refused
from workshop.model.settings.config import stack_config
from workshop.model.settings.errors import SettingsError

CHECKOUT = Path(__file__).parents[1]


def config_of(stack: str, **overrides: str) -> dict[str, str]:
    texts = [(CHECKOUT / name).read_text() for name in (f"Pulumi.{stack}.yaml", "Pulumi.yaml")]
    return stack_config(*texts) | {f"workshop:{key}": value for key, value in overrides.items()}


def refused(
    config: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, answer: Answer | None = None
) -> tuple[pulumi.RunError, Recorded]:
    """What the program says and what it had registered by then."""
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(dict(config)))
    monkeypatch.chdir(CHECKOUT)
    recorded = Recorded()
    with pytest.raises(pulumi.RunError) as error:
        run(lambda: runpy.run_path(str(CHECKOUT), run_name="__main__"), answer, recorded)
    return error.value, recorded


def registered(recorded: Recorded) -> set[str]:
    return {resource.type for resource in recorded.resources} - {"pulumi:pulumi:Stack"}


def test_a_stack_with_settings_missing_is_told_all_of_them_and_registers_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    error, recorded = refused(config_of("workshop", users="20"), monkeypatch)

    assert isinstance(error.__cause__, Refused)
    assert {finding.rule for finding in error.__cause__.findings} == {"settings-complete"}
    for key in ("account", "zone.id", "image.digest", "regions[2].cluster.uid"):
        assert f"workshop:{key}" in str(error)
    assert registered(recorded) == set()
    assert recorded.calls == []


def test_a_wrong_setting_is_one_message_and_registers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    error, recorded = refused(config_of("sandbox", users="twenty"), monkeypatch)

    assert isinstance(error.__cause__, SettingsError)
    assert "workshop:users" in str(error)
    assert registered(recorded) == set()


def test_a_misspelt_setting_is_refused_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    error, _ = refused(config_of("sandbox", users="20", max_user="30"), monkeypatch)

    assert "workshop:max_user" in str(error)


def test_systems_that_do_not_answer_are_refused_with_providers_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def answer(token: str, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        if token == "aws:index/getCallerIdentity:getCallerIdentity":
            return {"accountId": "210987654321"}
        raise ProviderFailure(f"{token}: 503")

    config = config_of("sandbox", users="20", kubeconfig=str(tmp_path / "none"))
    error, recorded = refused(config, monkeypatch, answer)

    assert "[identity] AWS account: AWS sts:GetCallerIdentity answers 210987654321" in str(error)
    assert "503" in str(error)
    assert registered(recorded) == {
        "pulumi:providers:aws",
        "pulumi:providers:kubernetes",
        "pulumi:providers:cloudflare",
    }
    assert recorded.hooks == []
