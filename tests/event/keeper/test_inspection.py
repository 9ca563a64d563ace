"""What a seat's build, start and apps have said, of what a real Coder answered."""

from __future__ import annotations

import pytest

from tests.event.coder.replay import Record, record, replayed
from workshop.event.coder.errors import CoderUnreachable
from workshop.event.failure import EventFailure
from workshop.event.keeper.inspection import MOST_CHARACTERS, logs

SEEN, BUILT, WRITTEN = "421-workspace-running-agent-connected", "427-build-logs", "423-agent-logs"
IDENTITY = str(record(SEEN).response_body["id"])


def test_the_build_and_the_start_script() -> None:
    with replayed(SEEN, BUILT, WRITTEN) as coder:
        said = logs(coder, IDENTITY)
    assert said["start"].endswith("Startup Script: hello from the startup script")
    assert "Apply complete" in said["build"] or "Starting workspace" in said["build"]
    assert said["app"] == ""


def lines(*outputs: str, source: str = "") -> Record:
    """Of the same agent, written by its start script unless a source says otherwise."""
    asked = record(WRITTEN)
    first = asked.response_body[0]
    body = [{**first, "output": output, **({"source_id": source} if source else {})} for output in outputs]
    return asked.model_copy(update={"response_body": body})


def with_editor() -> Record:
    """The workspace, whose agent has another script, too."""
    seen = record(SEEN)
    agent = seen.response_body["latest_build"]["resources"][0]["agents"][0]
    agent["log_sources"].append({"id": "of-editor", "display_name": "code-server"})
    return seen


def test_what_another_script_wrote_is_an_apps() -> None:
    with replayed(with_editor(), BUILT, lines("port 13337 is taken", source="of-editor")) as coder:
        said = logs(coder, IDENTITY)
    assert said["app"].endswith("code-server: port 13337 is taken")
    assert said["start"] == ""


def test_only_the_end_of_much_is_kept_and_nothing_that_a_terminal_obeys() -> None:
    with replayed(SEEN, BUILT, lines(*(f"\x1b[31mline {number}" for number in range(5000)))) as coder:
        start = logs(coder, IDENTITY)["start"]
    assert len(start) < MOST_CHARACTERS + 50
    assert start.startswith("(")
    assert start.endswith(r"\x1b[31mline 4999")
    assert "\x1b" not in start


@pytest.mark.parametrize(
    ("status", "error"), [(404, None), (500, CoderUnreachable)], ids=["an agent that has gone", "a Coder that is away"]
)
def test_an_agent_that_has_gone_has_no_lines(status: int, error: type[Exception] | None) -> None:
    gone = record(WRITTEN).model_copy(update={"status": status, "response_body": {"message": "Resource not found"}})
    with replayed(SEEN, BUILT, *([gone] if error is None else [gone] * 3)) as coder:
        if error is None:
            assert logs(coder, IDENTITY)["start"] == ""
            return
        with pytest.raises(error):
            logs(coder, IDENTITY)


def test_a_workspace_that_is_gone_is_a_failure() -> None:
    with replayed("518-deleted-workspace-410") as coder, pytest.raises(EventFailure, match="its workspace is gone"):
        logs(coder, record("518-deleted-workspace-410").path.rpartition("/")[2])
