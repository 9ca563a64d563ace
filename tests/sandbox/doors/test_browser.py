"""A page in Chromium tries what pages can: forms, fetches, images, and a name of its own that leads to the port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typing_extensions import override

from tests.sandbox.servers_for_tests import environment_of, sandbox_paths
from workshop.sandbox.json_values import Json
from workshop.sandbox.lifecycle import status, stop
from workshop.sandbox.paths import CHECKOUT, SandboxPaths

_SECONDS = 120

pytestmark = [pytest.mark.slow, pytest.mark.chromium]

_PAGE = """<!doctype html><title>a page</title><body><script>
const port = %d, simple = {method: "POST", mode: "no-cors"}, found = {};
async function attempt(name, run) { try { found[name] = await run() } catch (error) { found[name] = String(error) } }
function loaded(kind, path) {
  return new Promise(done => {
    const made = document.createElement(kind);
    made.onload = () => done("loaded"); made.onerror = () => done("refused");
    made.src = `http://127.0.0.1:${port}${path}`; document.body.append(made);
  });
}
function posted(path, fields) {
  return new Promise(done => {
    const frame = document.createElement("iframe"), form = document.createElement("form");
    frame.name = path; frame.onload = () => done("sent"); document.body.append(frame);
    Object.assign(form, {method: "post", action: `http://127.0.0.1:${port}${path}`, target: path});
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), {name, value}));
    }
    document.body.append(form); form.submit();
  });
}
(async () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    const at = `http://${host}:${port}`;
    for (const path of ["/moto-api/recorder/start-recording", "/moto-api/reset", "/", "/alertmanager/api/v2/alerts"]) {
      await attempt(`simple ${at}${path}`, async () => (await fetch(at + path, {...simple, body: "{}"})).type);
    }
    await attempt(`read ${at}`, async () => await (await fetch(at + "/sandbox/status")).text());
    await attempt(`preflighted ${at}`, async () => (await fetch(at + "/", {
      method: "POST", headers: {"X-Amz-Target": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"}})).status);
  }
  await attempt("form", () => posted("/form", {Action: "GetTemplateSummary", Version: "2010-05-15"}));
  await attempt("image", () => loaded("img", "/image"));
  await attempt("script", () => loaded("script", "/script"));
  if (location.hostname == "evil.test") {
    const rebound = document.createElement("iframe");
    rebound.src = `http://evil.test:${port}/rebound`;
    await new Promise(done => { rebound.onload = done; document.body.append(rebound) });
  }
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""


class _Pages(ThreadingHTTPServer):
    """Serves the page, and takes what it found."""

    def __init__(self, port: int) -> None:
        self.page = _PAGE % port
        self.found: dict[str, Json] = {}
        self.has_found = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Pages  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self._answer(self.server.page if self.path == "/" else "")

    def do_POST(self) -> None:
        self.server.found.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer("")
        self.server.has_found.set()

    def _answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    @override
    def log_message(self, format: str, *args: object) -> None: ...


@contextmanager
def pages(port: int) -> Generator[_Pages]:
    with _Pages(port) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def recorded(folder: Path) -> Generator[tuple[SandboxPaths, Path]]:
    """A sandbox and the file of what it was asked."""
    paths, log = sandbox_paths(folder / "data"), folder / "requests"
    with environment_of(paths):
        command = [sys.executable, "-P", "-m", "tests.sandbox.doors.recorded_server", str(log)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(CHECKOUT)}) as process:
            try:
                for _ in range(_SECONDS * 10):
                    if status(paths) is not None:
                        break
                    assert process.poll() is None
                    time.sleep(0.1)
                log.write_text("")
                yield paths, log
            finally:
                stop(paths)


def visit(url: str, folder: Path, pages: _Pages) -> Mapping[str, Json]:
    """Opens a page in a browser that has never been anywhere, and answers what it found."""
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={folder}",
        "--host-resolver-rules=MAP evil.test 127.0.0.1",
        "--no-proxy-server",
        "--remote-debugging-port=0",  # or it ends as soon as the page has loaded
        url,
    ]
    with (
        (folder.parent / "chromium.log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True) as browser,
    ):
        try:
            assert pages.has_found.wait(_SECONDS), (folder.parent / "chromium.log").read_text()
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
    return pages.found


def requests(log: Path) -> list[dict[str, Json]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.test"])
def test_nothing_that_a_page_sends_is_seen_by_a_server(tmp_path: Path, host: str) -> None:
    """evil.test leads to 127.0.0.1: it is how a page that is rebound sees the port as its own origin."""
    with recorded(tmp_path) as (paths, log):
        before = paths.aws_record.read_text()
        with pages(paths.port) as server:
            found = visit(f"http://{host}:{server.server_port}/", tmp_path / "profile", server)
        asked = requests(log)
        assert paths.aws_record.read_text() == before
    came = {(one["method"], one["path"]) for one in asked}
    assert {
        ("POST", "/moto-api/recorder/start-recording"),
        ("POST", "/moto-api/reset"),
        ("POST", "/alertmanager/api/v2/alerts"),
        ("GET", "/sandbox/status"),
        ("POST", "/form"),
        ("GET", "/image"),
        ("GET", "/script"),
    } <= came  # the attack was one
    assert {one["status"] for one in asked} == {403}
    assert not any(one["open_to_pages"] for one in asked)
    if host == "evil.test":
        assert f"evil.test:{paths.port}" in {one["host"] for one in asked if one["path"] == "/rebound"}
    read = [str(found[name]) for name in found if name.startswith(("read", "preflighted"))]
    assert len(read) == 4
    assert all(text.startswith("TypeError") for text in read), found
