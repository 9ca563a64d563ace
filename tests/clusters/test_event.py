"""The whole evening on API servers: Karpenter launches the nodes, pods are placed, and `exec` reads what is in them.

PEOPLE: how many come (scripts/play-event).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.clusters.nodes import NODE_CLASS, instance_types, translate_pool
from tests.end_to_end.sandbox import REGIONS
from tests.event.conftest import postgres, postgres_url
from tests.event.sandbox_event import event_of, ready_for_event
from tests.event.scenario import A_DAY_BEFORE, Evening, judge, play
from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox import lifecycle as sandbox
from workshop.sandbox.clusters import lifecycle
from workshop.sandbox.clusters.api import Api
from workshop.sandbox.clusters.nodes import Nodes
from workshop.sandbox.clusters.running import api_servers
from workshop.sandbox.clusters.store import ApiServerStore

pytestmark = [pytest.mark.clusters, pytest.mark.slow]
__all__ = ["postgres", "postgres_url"]  # fixtures
PEOPLE = int(os.environ.get("PEOPLE", "5"))


def test_whatever_goes_wrong_on_real_clusters(tmp_path: Path, postgres_url: str) -> None:
    paths = sandbox_paths(tmp_path / "sandbox")
    paths.folder.mkdir()
    nodes: dict[str, Nodes] = {}
    for region, context in REGIONS.items():
        catalogue = tmp_path / f"{region}.json"
        catalogue.write_text(json.dumps(instance_types(region)), encoding="utf-8")
        nodes[context] = Nodes(instance_types=catalogue, plain=1 + PEOPLE // 10)
    with environment_of(paths):
        sandbox.ensure_running(paths)
        try:
            with lifecycle.rehearsing(paths, nodes, is_disposable=True), ready_for_event(paths, PEOPLE):
                for context, access in api_servers(paths).items():
                    api = Api(context, access)
                    api.request("POST", f"/apis/{NODE_CLASS['apiVersion']}/kwoknodeclasses", NODE_CLASS)
                    translate_pool(ApiServerStore(api), {"cpu": "512"})
                with event_of(paths, "october", PEOPLE, postgres_url, users=PEOPLE, **A_DAY_BEFORE) as event:
                    evening = Evening(event, look_seconds=0.5)
                    play(evening, PEOPLE)
                    judge(evening, PEOPLE)
        finally:
            sandbox.stop(paths)
