from __future__ import annotations

import pytest

from tests.event.coder.replay import Json, record
from workshop.event.coder.builds import Build

BUILD = record("421-workspace-running-agent-connected").response_body["latest_build"]
AGENT = BUILD["resources"][0]["agents"][0]


def build(*agents: Json, transition: str = "start", **job: str) -> Build:
    changes = {"resources": [{"agents": [AGENT | agent for agent in agents]}, {}], "job": BUILD["job"] | job}
    return Build.model_validate(BUILD | changes | {"transition": transition})


UNHEALTHY = {"healthy": False, "reason": "exited"}


@pytest.mark.parametrize(
    ("given", "is_ready", "failure"),
    [
        (build({}), True, ""),
        (build({}, {"lifecycle_state": "starting"}), False, ""),
        (build({"status": "connecting", "lifecycle_state": "created"}), False, ""),
        (build({"status": "disconnected"}), False, ""),
        (build({"lifecycle_state": "start_timeout"}), False, ""),
        (build({}, {"parent_id": "another", "status": "timeout"}), True, ""),
        (
            build({}, {"lifecycle_state": "start_error", "health": UNHEALTHY}),
            False,
            "agent main: exited",
        ),
        (build({"status": "timeout", "health": {"healthy": False}}), False, "agent main: timeout, ready"),
        (build(), False, "the template has no agent"),
        (build(status="running"), False, ""),
        (build(status="failed", error="terraform apply: exit status 1"), False, "terraform apply: exit status 1"),
        (build({}, status="canceled"), False, "the start build was canceled"),
        (build(transition="stop"), False, ""),
        (build({}, transition="stop"), False, ""),
        (build(transition="stop", status="failed"), False, "the stop build was failed"),
    ],
)
def test_a_workspace_is_ready_if_a_person_can_work_and_failed_if_nobody_ever_will(
    given: Build, is_ready: bool, failure: str
) -> None:
    assert (given.is_ready, given.failure) == (is_ready, failure)


@pytest.mark.parametrize(
    ("status", "is_active", "is_lost"),
    [
        ("pending", True, False),
        ("running", True, False),
        ("canceling", True, False),
        ("succeeded", False, False),
        ("canceled", False, True),
        ("failed", False, True),
    ],
)
def test_a_job_is_under_way_done_or_lost(status: str, is_active: bool, is_lost: bool) -> None:
    job = build(status=status).job
    assert (job.is_active, job.is_lost) == (is_active, is_lost)
