from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.event.coder.replay import Json, Record, look, record, replayed
from workshop.event.coder.client import Coder
from workshop.event.coder.errors import CoderIgnored, CoderRefused, CoderUnreachable
from workshop.event.coder.workspaces import Workspace

ADAS, TEMPLATE = "ae65c268-7bf6-4fac-9b6f-13a24af6ade4", "fd0df2fa-bfe0-45a6-ba1d-c8d0951fe574"
RUNNING, STOPPED, BUILDING = (
    "421-workspace-running-agent-connected",
    "504-workspace-stopped",
    "417-workspace-while-building",
)
TAKEN = record("414-create-again-409")
LOST = TAKEN.model_copy(update={"name": "lost", "status": 502, "response_body": None})
FOUND = look(RUNNING).model_copy(update={"path": "/api/v2/users/ada/workspace/lab"})
NOT_FOUND = FOUND.model_copy(update={"status": 404, "response_body": {"message": "Resource not found."}})
LOST_STOP = Record(name="lost", method="POST", path=f"/api/v2/workspaces/{ADAS}/builds", status=504, request_body={})
EXTENDED = record("460-extend-200")
DEADLINE = datetime.fromisoformat(EXTENDED.request_body["deadline"])


def create(coder: Coder, template: str = TEMPLATE, **given: Json) -> Workspace:
    parameters = {"challenge": "web", "cpu": "4"}
    return coder.create_workspace("ada", "lab", template_id=template, parameters=parameters, **given)


@pytest.mark.parametrize("answer", [TAKEN, LOST], ids=["taken", "lost"])
def test_a_workspace_that_is_there_is_not_made_again(answer: Record) -> None:
    with replayed(answer, FOUND) as coder:
        assert create(coder).id == ADAS


def test_a_workspace_of_another_template_is_not_taken_for_a_seat() -> None:
    taken = TAKEN.model_copy(update={"request_body": {}})
    with replayed(taken, FOUND) as coder, pytest.raises(CoderRefused, match="workspace of this name of lab") as caught:
        create(coder, "another")
    assert caught.value.status == 409


def test_a_workspace_that_may_or_may_not_be_made_yet_is_unknown() -> None:
    with replayed(LOST, NOT_FOUND) as coder, pytest.raises(CoderUnreachable):
        create(coder)


def test_a_name_that_is_taken_by_what_is_gone_is_refused() -> None:
    with replayed(TAKEN, NOT_FOUND) as coder, pytest.raises(CoderRefused, match="already exists"):
        create(coder)


def test_a_version_stands_for_its_template() -> None:
    made = record("412-create-for-ada-201").model_copy(
        update={"request_body": {"name": "lab", "template_version_id": "v2", "template_id": None}}
    )
    with replayed(made) as coder:
        create(coder, template_version_id="v2")


@pytest.mark.parametrize(("state", "transition"), [(STOPPED, "stop"), (RUNNING, "start"), (BUILDING, "start")])
def test_what_is_so_already_is_not_built_again(state: str, transition: Json) -> None:
    with replayed(look(state)) as coder:
        build = coder.build(ADAS, transition)
    assert build is not None
    assert build.transition == transition


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_what_failed_is_built_again(status: str) -> None:
    failed = look(STOPPED)
    failed.response_body["latest_build"]["job"]["status"] = status
    with replayed(failed, "503-build-stop-201") as coder:
        assert coder.build(ADAS, "stop") is not None


def test_a_build_whose_answer_was_lost_is_looked_for() -> None:
    with replayed(look(RUNNING), LOST_STOP, look(STOPPED)) as coder:
        build = coder.build(ADAS, "stop")
    assert build is not None
    assert build.transition == "stop"


def test_a_build_that_may_or_may_not_come_yet_is_unknown() -> None:
    with replayed(look(RUNNING), LOST_STOP, look(RUNNING)) as coder, pytest.raises(CoderUnreachable):
        coder.build(ADAS, "stop")


def test_what_was_there_before_is_not_taken_for_what_was_asked() -> None:
    failed = look(STOPPED)
    failed.response_body["latest_build"]["job"]["status"] = "failed"
    with replayed(failed, LOST_STOP, look(STOPPED)) as coder, pytest.raises(CoderUnreachable):
        coder.build(ADAS, "stop")


def test_another_build_is_not_taken_for_what_was_asked() -> None:
    restarted = look(RUNNING)
    restarted.response_body["latest_build"]["build_number"] += 1
    with replayed(look(RUNNING), LOST_STOP, restarted) as coder, pytest.raises(CoderUnreachable):
        coder.build(ADAS, "stop")


def test_a_build_that_is_being_cancelled_is_under_way() -> None:
    canceling = look(STOPPED)
    canceling.response_body["latest_build"]["job"]["status"] = "canceling"
    with replayed(canceling, record("416-build-while-building-409")) as coder:
        assert coder.build(ADAS, "stop") is None


def cancel(status: int, message: str) -> Record:
    path, body = "/api/v2/workspacebuilds/one/cancel", {"message": message}
    return Record(name="cancel", method="PATCH", path=path, status=status, response_body=body)


@pytest.mark.parametrize("message", ["Job has already completed!", "Job has already been marked as canceled!"])
def test_what_is_over_needs_no_cancelling(message: str) -> None:
    with replayed(cancel(400, message)) as coder:
        coder.cancel_build("one")


@pytest.mark.parametrize(
    ("status", "message"), [(403, "User is not allowed to cancel workspace builds."), (400, 'Invalid UUID "one".')]
)
def test_what_can_not_be_cancelled_is_refused(status: int, message: str) -> None:
    with replayed(cancel(status, message)) as coder, pytest.raises(CoderRefused):
        coder.cancel_build("one")


def test_an_extension_that_did_not_come_is_reported() -> None:
    with replayed(EXTENDED, look(RUNNING)) as coder, pytest.raises(CoderIgnored) as caught:
        coder.extend(ADAS, DEADLINE)
    assert str(caught.value) == ("Coder was asked for the deadline 2026-12-01 02:43 UTC; it is 2026-11-29 22:43 UTC")


def test_a_deadline_that_use_has_moved_further_is_far_enough() -> None:
    with replayed(EXTENDED, look(RUNNING, deadline="2026-12-01T03:43:14Z")) as coder:
        coder.extend(ADAS, DEADLINE)


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=59), timedelta(hours=-1)])
def test_a_ttl_that_would_clear_it_for_good_is_never_sent(ttl: timedelta) -> None:
    with replayed() as coder, pytest.raises(ValueError, match="less than a minute"):
        create(coder, ttl=ttl)
