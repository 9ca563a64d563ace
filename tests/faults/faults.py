"""Everything else that can go wrong around a run; each on the real program, and each once or a few times."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Mapping

from tests.faults import losses
from tests.faults.moments import Action
from tests.faults.processes import NOBODY, Conditions, Fault, Service, environment_of
from tests.faults.sandbox import run_as_nobody
from tests.faults.verdict import FIRST, MORE, Ground, Verdict
from workshop.sandbox.engine.state.deployment import VERSION, StateFile

_PATIENCE_SECONDS = 2
_FAR_AHEAD = 4_000_000_000
"""A time of last change in 2096."""


def two_at_once(ground: Ground) -> Iterator[Verdict]:
    """The second names the first, which goes on."""
    moments = ground.moments(FIRST)
    ground.set(FIRST)
    halfway: Mapping[int, Action] = {len(moments) // 2: "SIGSTOP"}
    first = ground.sandbox.begin(*FIRST.arguments, conditions=Conditions(moments=halfway))
    first.wait_until_stopped()
    second = ground.sandbox.run(*FIRST.arguments)
    reset = ground.sandbox.run("sandbox", "reset", "--confirm", "sandbox")
    os.kill(first.pid, signal.SIGCONT)
    went_on = first.wait()
    wrong = [] if went_on.exit_code == 0 else [f"the first: {went_on.text}"]
    for ran in (second, reset):
        verdict = ground.judge(FIRST, "two at once", moments[len(moments) // 2 - 1], ran, fixes=wrong)
        yield verdict.expecting(f"process {first.pid} on {socket.gethostname()} (up since")


def stale_lock(ground: Ground) -> Iterator[Verdict]:
    """What a crash leaves names a process that is gone, or that has become somebody else."""
    for pid in (1, 2**22 - 1):
        ground.set(MORE)
        holder = {"pid": pid, "host": "elsewhere", "since": "2020-01-01T00:00:00+00:00", "operation": "up"}
        _state(ground).lock.write_text(json.dumps(holder))
        yield _harmless(ground, "stale lock", f"process {pid}")


def full_disk(ground: Ground) -> Iterator[Verdict]:
    """No file may grow beyond a limit, which every file of the run meets sooner or later."""
    for limit in (300, 1_500, 2_500, 5_000, 20_000, 60_000):
        ground.set(FIRST)
        ran = ground.sandbox.run(*FIRST.arguments, conditions=Conditions(file_bytes=limit))
        yield ground.judge(FIRST, "full disk, the run's", f"{limit} bytes a file", ran)


def full_disk_of_the_server(ground: Ground) -> Iterator[Verdict]:
    """As above, for the server: its record of AWS requests and its zones."""
    ground.set(FIRST)
    present = ground.sandbox.paths.aws_record.stat().st_size
    for limit in (present, present + 700, present + 3_000, ground.sandbox.paths.cloudflare_file.stat().st_size):
        ground.set(FIRST)
        ground.sandbox.stop()
        ground.sandbox.serve(file_bytes=limit)
        ran = ground.sandbox.run(*FIRST.arguments)
        ground.sandbox.stop()
        yield ground.judge(FIRST, "full disk, the server's", f"{limit} bytes a file", ran)


def damaged_state(ground: Ground) -> Iterator[Verdict]:
    """Each way of damage, with what its message must say; then what the message says is done."""
    whole = "cp "
    ways: tuple[tuple[str, Callable[[str], str], str], ...] = (
        ("cut off", lambda text: text[: len(text) // 2], whole),
        ("empty", lambda _: "", whole),
        ("not JSON", lambda _: "\0\1\2", whole),
        ("another shape", lambda _: "[]", whole),
        ("from a newer version", lambda text: text.replace(f'"version": {VERSION}', '"version": 99', 1), "version 99"),
    )
    for how, damage, said in ways:
        ground.set(MORE)
        file = _state(ground)
        good = file.path.read_text()
        file.path.write_text(damage(good))
        ran = ground.sandbox.run(*MORE.arguments)
        wrong = [] if file.path.read_text() == damage(good) else ["the damaged file was written over"]
        file.path.write_text(good)
        yield ground.judge(MORE, "state damaged", how, ran, fixes=wrong).expecting(said)


def damaged_journal(ground: Ground) -> Iterator[Verdict]:
    """A line in the middle can't be read."""
    moments = ground.moments(MORE)
    ground.set(MORE)
    ground.sandbox.run(*MORE.arguments, conditions=Conditions(moments={len(moments) // 2: "SIGKILL"}))
    journal = _state(ground).journal
    good = journal.read_bytes()
    lines = good.split(b"\n")
    journal.write_bytes(b"\n".join([lines[0][:10], *lines[1:]]))
    ran = ground.sandbox.run(*MORE.arguments)
    journal.write_bytes(good)
    yield ground.judge(MORE, "journal damaged", "line 1", ran).expecting("line 1 of the journal is damaged")


def damaged_overrides(ground: Ground) -> Iterator[Verdict]:
    """What the sandbox remembers can't be read."""
    for how, content in (("cut off", b'{"sandbox": {'), ("another shape", b"[1]"), ("not text", b"\xff\xfe")):
        ground.set(MORE)
        overrides = ground.sandbox.paths.overrides
        overrides.write_bytes(content)
        ran = ground.sandbox.run(*MORE.arguments)
        overrides.unlink()
        yield ground.judge(MORE, "overrides.json damaged", how, ran).expecting("overrides.json")


def port_taken(ground: Ground) -> Iterator[Verdict]:
    """By a program that is no sandbox."""
    ground.set(MORE)
    ground.sandbox.stop()
    with socket.create_server(("127.0.0.1", ground.sandbox.port), backlog=128):
        ran = ground.sandbox.run(*MORE.arguments)
    yield ground.judge(MORE, "port taken", "by another program", ran).expecting("is taken by another program")


def server_gone(ground: Ground) -> Iterator[Verdict]:
    """It dies, or hangs, while the run changes things."""
    moments = ground.moments(FIRST)
    actions: tuple[tuple[str, Action], ...] = (("dies", "kill server"), ("hangs", "hang server"))
    for what, action in actions:
        for mark in ("create DnsRecord", "update Repository", "create NodePool"):
            number = next(n for n, name in enumerate(moments, 1) if mark in name)
            server = ground.set(FIRST)
            ran = ground.sandbox.run(
                *FIRST.arguments,
                conditions=Conditions(moments={number: action}, server=server, patience=_PATIENCE_SECONDS),
            )
            yield ground.judge(FIRST, f"server {what}", moments[number - 1], ran)


def server_answers(ground: Ground) -> Iterator[Verdict]:
    """409, 429 and 500, once, with the request carried out or not."""
    services: tuple[Service, ...] = ("aws", "cloudflare", "clusters")
    for service in services:
        for status in (409, 429, 500):
            for is_done in (False, True):
                ground.set(FIRST)
                ground.sandbox.stop()
                ground.sandbox.serve(Fault(service=service, status=status, number=3, is_done=is_done))
                ran = ground.sandbox.run(*FIRST.arguments)
                at = f"{service}, {'carried out' if is_done else 'not carried out'}"
                yield ground.judge(FIRST, f"server answers {status}", at, ran)


def clock_set_back(ground: Ground) -> Iterator[Verdict]:
    """Every file is from the future."""
    ground.set(MORE)
    for path in ground.sandbox.paths.folder.rglob("*"):
        os.utime(path, (_FAR_AHEAD, _FAR_AHEAD))
    file = _state(ground)
    file.path.write_text(file.path.read_text().replace('"created": "20', '"created": "21'))
    yield _harmless(ground, "clock set back", "files from the future")


def no_home(ground: Ground) -> Iterator[Verdict]:
    """HOME is not set."""
    ground.set(MORE)
    yield _harmless(ground, "no HOME", "", Conditions(without=("HOME",)))


def read_only_folder(ground: Ground) -> Iterator[Verdict]:
    """Another user, who may only read the sandbox's folder, state and all, or not even that."""
    for mode, at in ((0o755, "folders"), (0o700, "folders, not even to be read")):
        ground.set(MORE)
        folders = [ground.sandbox.paths.folder, ground.sandbox.paths.stacks]
        for folder in folders:
            folder.chmod(mode if os.getuid() == 0 else mode & 0o555)
        ran = ground.sandbox.run(*MORE.arguments, conditions=Conditions(as_nobody=True))
        for folder in folders:
            folder.chmod(0o755)
        yield ground.judge(MORE, "read-only", at, ran)


def read_only_checkout(ground: Ground) -> Iterator[Verdict]:
    """Another user's checkout, in a path with spaces: it can be used with a data folder elsewhere."""
    sandbox = ground.sandbox
    checkout = sandbox.root / "a checkout"
    shutil.copytree(sandbox.checkout, checkout, ignore=shutil.ignore_patterns(".*", "tests", "docs", "controlplane"))
    for path in (checkout, *checkout.rglob("*")):
        path.chmod(path.stat().st_mode & 0o555)
    own = {
        "PYTHONPATH": str(checkout),
        "WORKSHOP_PROJECT": str(checkout),
        "WORKSHOP_SANDBOX_DIR": str(checkout / ".workshop"),
    }
    ground.set(FIRST)
    ran = run_as_nobody(FIRST.arguments, {**environment_of(sandbox.paths), **own})
    yield ground.judge(FIRST, "read-only checkout", "its own data folder", ran)
    ground.set(MORE)
    sandbox.stop()
    folders = [sandbox.paths.folder, *sandbox.paths.folder.rglob("*")]
    if os.getuid() == 0:
        for path in folders:
            os.chown(path, NOBODY, NOBODY)
    ran = run_as_nobody(
        MORE.arguments,
        {**environment_of(sandbox.paths), "PYTHONPATH": str(checkout), "WORKSHOP_PROJECT": str(checkout)},
    )
    sandbox.stop()
    wrong = [] if ran.exit_code == 0 else [f"it stopped: {ran.text}"]
    yield ground.judge(MORE, "read-only checkout, path with spaces (harmless)", "", ran, fixes=wrong)


def _harmless(ground: Ground, fault: str, at: str, conditions: Conditions | None = None) -> Verdict:
    """What must not stop a run at all."""
    ran = ground.sandbox.run(*MORE.arguments, conditions=conditions or Conditions())
    wrong = [] if ran.exit_code == 0 else [f"it stopped: {ran.text}"]
    return ground.judge(MORE, f"{fault} (harmless)", at, ran, fixes=wrong)


def _state(ground: Ground) -> StateFile:
    return StateFile(ground.sandbox.paths.stacks / f"{losses.STACK}.json")


FAULTS: tuple[Callable[[Ground], Iterator[Verdict]], ...] = (
    two_at_once,
    stale_lock,
    full_disk,
    full_disk_of_the_server,
    damaged_state,
    damaged_journal,
    damaged_overrides,
    port_taken,
    server_gone,
    server_answers,
    clock_set_back,
    no_home,
    read_only_folder,
    read_only_checkout,
)
