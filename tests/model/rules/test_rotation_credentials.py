"""rotation-credentials: what a policy in the cluster would repeat must hold no credential."""

from __future__ import annotations

import pytest

from tests.model.given import found, in_region, observe, settings, told
from tests.model.test_rotation import WINDOW
from workshop.model.plan.plan import make_plan
from workshop.model.window.phases import Phase


@pytest.mark.parametrize(
    ("container", "problem"),
    [
        ({"env": [{"name": "DB_PASSWORD", "value": "x"}]}, "env[0] of its Pod holds what may be a credential, by"),
        ({"env": [{"name": "SECRET_KEY", "value": "x"}]}, "by the name SECRET_KEY"),
        ({"env": [{"name": "TOKEN2", "value": "x"}]}, "by the name TOKEN2"),
        (
            {"env": [{"name": "NOTE", "value": "sk-" + "a" * 20}]},
            "env[0].value of its Pod holds what may be an API key",
        ),
        (
            {"args": ["--a", "--api-token=x"]},
            "args[1] of its Pod holds what may be a credential, by the name api-token",
        ),
        ({"command": ["sh", "-c", "TOKEN='x' rotate.sh"]}, "by the name TOKEN"),
        ({"livenessProbe": {"httpGet": {"httpHeaders": [{"name": "Authorization", "value": "x"}]}}}, "Authorization"),
    ],
    ids=str,
)
@pytest.mark.parametrize("phase", [Phase.BEFORE, Phase.RUNNING, Phase.AFTER])
def test_rotation_credentials(container: dict[str, object], problem: str, phase: Phase) -> None:
    (said,) = _credentials(container, phase)
    assert said.startswith("[rotation-credentials] CronJob litellm/rotate-key in us-east-2: spec.containers[0]")
    assert problem in said
    assert "move it to a Secret and use valueFrom.secretKeyRef" in said


@pytest.mark.parametrize(
    "container",
    [
        {"env": [{"name": name, "value": "x"} for name in ("KEY_NAME", "KEY_DURATION", "SECRET_NAME", "USERNAME")]},
        {"env": [{"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "litellm", "key": "token"}}}]},
        {"env": [{"name": "TOKEN"}, {"name": "TOKEN", "value": ""}]},
        {"args": ["--key-name=x", "TOKEN=$(cat /token)", 'KEY="$KEY"', "TOKEN= rotate.sh"]},
        {"volumeMounts": [{"name": "token", "mountPath": "/var/run/secrets/token", "readOnly": True}]},
    ],
    ids=str,
)
def test_what_only_tells_of_a_credential_is_none(container: dict[str, object]) -> None:
    assert _credentials(container) == []


def _credentials(container: dict[str, object], phase: Phase = Phase.RUNNING) -> list[str]:
    """What is told where the generator's template is so."""
    given = settings(window={**WINDOW, "overrides": ["image-change"]})
    there = observe(given).regions["us-east-2"].cron_jobs
    answer = found({"containers": [{"name": "rotate", "image": "rotate:1", **container}], "priority": 0})
    here = in_region("us-east-2", cron_jobs={**there, "litellm/rotate-key": answer})
    told_of = told(given, observe(given, here), make_plan(given, phase=phase))
    return [line for line in told_of if "rotation-" in line]
