"""Sixty people come through one address at once, while somebody guesses 10,000 links and codes: scripts/door-load.

The door is a process of its own, on PostgreSQL. Everybody redeems a link, looks at their page, and goes on to Coder when
the door lets them. Ends with 1 where somebody is refused, a guess gets in, or more go to Coder in a minute than may.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx

from benchmarks.arguments import count
from tests.event import postgresql
from tests.model.given import settings
from workshop.event.store.cached import Store, opened
from workshop.event.store.records import SeatRecord
from workshop.model.event.door import HEALTH_PATH, DoorRequest
from workshop.model.event.keeper import DATABASE_VARIABLE
from workshop.model.event.people import Invitation, Role, person_of_seat

WITHIN_SECONDS: Final = 180
GUESSERS: Final = 4
CODERS_LIMIT: Final = 60
"""Logins a minute from one address; the door lets fewer through, since answers take their time."""

EVENT: Final = {"name": "october", "template": "coder/docker", "latest_end": "4h", "budget_usd": 900}
_CSRF: Final = re.compile(r'name="csrf" value="(\w+)"')


@dataclass
class Seen:
    """seconds: of every answer to people. gone: when each was let through, on the monotonic clock. guesses: answers to
    them, by status. problems: what should not have been."""

    seconds: list[float] = field(default_factory=list[float])
    gone: list[float] = field(default_factory=list[float])
    problems: list[str] = field(default_factory=list[str])
    guesses: dict[int, int] = field(default_factory=dict[int, int])

    @property
    def most_in_a_minute(self) -> int:
        """Who went to Coder."""
        return max((sum(1 for at in self.gone if begin <= at < begin + 60) for begin in self.gone), default=0)


async def come(origin: str, link: str, seen: Seen) -> None:
    """One person, from the link to Coder."""
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=60, trust_env=False) as browser:

        async def asked(method: str, path: str, **form: str) -> httpx.Response:
            began = time.monotonic()
            answer = await browser.request(method, path, data=form or None)
            seen.seconds.append(time.monotonic() - began)
            if answer.status_code >= 400:
                seen.problems.append(f"{method} {path.partition('/i/')[0] or '/i/'}: {answer.status_code}")
            return answer

        found = _CSRF.search((await asked("GET", link)).text)
        await asked("POST", link, csrf=found[1] if found else "")
        await asked("GET", "/me")
        while (answer := await asked("GET", "/go")).status_code == 200:
            again = re.search(r'data-refresh="(\d+)"', answer.text)
            await asyncio.sleep(int(again[1]) if again else 5)
        if answer.headers.get("location", "").endswith("/me"):
            seen.problems.append("sent back from /go")
        seen.gone.append(time.monotonic())


async def guess(origin: str, guesses: int, seen: Seen) -> None:
    """Half of them are links, half codes of the room, which is open."""
    async with httpx.AsyncClient(base_url=origin, headers={"Origin": origin}, timeout=60, trust_env=False) as browser:
        found = _CSRF.search((await browser.get("/room")).text)
        form = {"csrf": found[1] if found else "", "name": "x", "email": "x@example.com"}
        for number in range(guesses):
            if number % 2:
                answer = await browser.get(f"/i/{secrets.token_urlsafe(32)}")
            else:
                answer = await browser.post("/room", data={**form, "code": secrets.token_hex(5)})
            seen.guesses[answer.status_code] = seen.guesses.get(answer.status_code, 0) + 1


async def run(origin: str, links: list[str], guesses: int) -> Seen:
    """All of them at once."""
    seen = Seen()
    people = [come(origin, link, seen) for link in links]
    await asyncio.gather(*people, *(guess(origin, guesses // GUESSERS, seen) for _ in range(GUESSERS)))
    return seen


def fill(store: Store, people: int) -> list[str]:
    """Seats that are ready and links to them; the room is open."""
    now = datetime.now(UTC)
    numbers = range(1, people + 1)
    store.invitations.invite(
        [Invitation(person=person_of_seat(n), role=Role.PARTICIPANT, invited_at=now, seat=n) for n in numbers],
        seats=[
            SeatRecord(seat=n, email=f"p{n}@example.com", name="P", account=f"p-{n}", is_found=True, state="ready")
            for n in numbers
        ],
    )
    store.room.open(now, now + timedelta(hours=1))
    return [f"/i/{store.invitations.new_link(person_of_seat(n), now, now + timedelta(hours=1))}" for n in numbers]


def main() -> int:
    """Prints what was seen."""
    parser = argparse.ArgumentParser(prog="scripts/door-load", description=__doc__)
    parser.add_argument("--people", type=count, default=60)
    parser.add_argument("--guesses", type=count, default=10_000)
    options = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    origin = f"http://127.0.0.1:{port}"
    window = {"start": datetime.now(UTC).isoformat(timespec="minutes"), "duration": "3h"}
    given = settings(users=str(max(options.people, 10)), window=window, event=EVENT)
    request = DoorRequest(
        settings=given, origin=origin, coder_url="https://ai.example.com", port=port, is_loopback=True
    )
    with postgresql.server() as folder:
        url = postgresql.empty_database(folder)
        with opened(url, "october") as store:
            links = fill(store, options.people)
            command = [sys.executable, "-P", "-m", "workshop.event", "door", request.text()]
            with subprocess.Popen(command, env={**os.environ, DATABASE_VARIABLE: url}) as door:
                try:
                    _await(origin, door)
                    began = time.monotonic()
                    seen = asyncio.run(run(origin, links, options.guesses))
                finally:
                    door.terminate()
            queue = store.room.queue()
    took = max(seen.gone) - began
    ordered = sorted(seen.seconds)
    sys.stdout.write(
        f"{len(seen.gone)} people at Coder after {took:.0f} s, {seen.most_in_a_minute} in a minute at most; "
        f"{len(ordered)} answers to them: median {statistics.median(ordered) * 1000:.0f} ms, "
        f"p95 {ordered[int(len(ordered) * 0.95)] * 1000:.0f} ms, slowest {ordered[-1] * 1000:.0f} ms; "
        f"guesses by answer: {dict(sorted(seen.guesses.items()))}\n"
    )
    problems = [*sorted({*seen.problems}), *(["a guess got in"] if queue or not {*seen.guesses} <= {404, 429} else [])]
    problems += [f"they took more than {WITHIN_SECONDS} s"] if took > WITHIN_SECONDS else []
    problems += ["too many went to Coder in a minute"] if seen.most_in_a_minute > CODERS_LIMIT else []
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


def _await(origin: str, door: subprocess.Popen[bytes]) -> None:
    while door.poll() is None:
        try:
            httpx.get(f"{origin}{HEALTH_PATH}", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError("the door did not open")


if __name__ == "__main__":
    sys.exit(main())
