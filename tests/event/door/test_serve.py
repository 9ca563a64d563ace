"""The door as a process, as its Pod runs it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from http import HTTPStatus
from pathlib import Path

import httpx

from tests.event.door.conftest import AtTheDoor, request


def test_it_serves_until_it_is_told_to_end_and_logs_no_link(door: AtTheDoor, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    asked = request().model_copy(update={"origin": origin, "port": port, "is_loopback": True})
    command = [sys.executable, "-P", "-m", "workshop.event", "door", asked.text()]
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env={**os.environ, "WORKSHOP_EVENT_DATABASE": door.url}, stdout=output, stderr=output
        ) as served,
    ):
        try:
            while served.poll() is None:
                try:
                    answer = httpx.get(f"{origin}/healthz", trust_env=False)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            else:
                raise AssertionError(log.read_text())
            assert answer.text == "ok"
            assert "server" not in answer.headers
            assert httpx.get(f"{origin}/i/{'A' * 43}", trust_env=False).status_code == HTTPStatus.NOT_FOUND
        finally:
            served.terminate()
    assert log.read_text() in ("", "the door is closed\n")


def test_without_a_database_it_says_so() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "WORKSHOP_EVENT_DATABASE"}
    command = [sys.executable, "-P", "-m", "workshop.event", "door", request().text()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "WORKSHOP_EVENT_DATABASE is empty: the door has no database\n"
