"""An event's money, from EC2's answers to the bill, as the engineer and a cron job see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.end_to_end.sandbox import workshop
from tests.event.systems.test_instances import launch
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.cli.sandbox_config import config_for_server
from workshop.model.names import NODE_POOL
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.stack import Settings
from workshop.observe.aws_clients import aws_client
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

OHIO = "us-east-2"
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 3}
WINDOW = {"start": "2027-10-02T09:00-07:00", "duration": "5h"}


def set_event(paths: SandboxPaths, **changes: object) -> None:
    config = {"workshop:event": json.dumps({**EVENT, **changes}), "workshop:window": json.dumps(WINDOW)}
    paths.overrides.write_text(json.dumps({"sandbox": {"workshop:users": "20", **config}}))


def of_server(paths: SandboxPaths) -> Settings:
    with environment_of(paths):
        given = stack_config(*((CHECKOUT / f).read_text() for f in ("Pulumi.sandbox.yaml", "Pulumi.yaml")))
        return settings_from_config(config_for_server({**given, "workshop:users": "20"}))


def test_from_the_first_node_to_the_cap(tmp_path: Path) -> None:
    paths = sandbox_paths(tmp_path)
    with environment_of(paths):
        sandbox.ensure_running(paths)
        try:
            settings = of_server(paths)
            set_event(paths)
            assert workshop(paths, "event", "money").document["running"] == {OHIO: 0, "us-west-2": 0, "eu-west-2": 0}

            node = launch(settings, {"karpenter.sh/nodepool": NODE_POOL})
            seen = workshop(paths, "event", "money")
            assert seen.exit_code == 0
            assert seen.document["running"][OHIO] == 1
            assert not seen.document["is_stale"]
            assert float(seen.document["committed"]) > float(seen.document["spent"][OHIO]) > 0
            assert seen.document["reached_now"] == []

            set_event(paths, ai_usd=2)
            assert workshop(paths, "event", "money").document["reached_now"] == [50, 75]
            assert workshop(paths, "event", "money").document["reached_now"] == []
            set_event(paths, ai_usd=3)
            capped = workshop(paths, "event", "money")
            assert (capped.exit_code, capped.document["reached_now"]) == (1, [90, 100])

            with aws_client(settings, "ec2", OHIO) as client:
                client.terminate_instances(InstanceIds=[node])
            ended = workshop(paths, "event", "money").document
            assert ended["running"][OHIO] == 0
            assert float(ended["spent"][OHIO]) > 0
            assert paths.folder.joinpath("event-sandbox.db").stat().st_mode & 0o77 == 0
        finally:
            sandbox.stop(paths)


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/event.db", "mysql+pymysql://localhost/event", "nonsense", "nosuch://localhost/event"]
)
def test_a_database_that_is_away_is_named(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sandbox_paths(tmp_path)
    with environment_of(paths):
        set_event(paths)
        monkeypatch.setenv("WORKSHOP_EVENT_DATABASE", url)
        ran = workshop(paths, "event", "money")
    assert ran.exit_code == 2
    assert "The event's database did not answer" in ran.document["error"]
    assert "(WORKSHOP_EVENT_DATABASE)" in ran.document["error"]
