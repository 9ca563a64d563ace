"""scripts/play-incident and scripts/play-healthy: a simulated workshop before real Prometheus and Alertmanager."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.model.given import settings
from tests.monitoring.healthy import Healthy
from tests.monitoring.incident import FIRST_DEATH, PEOPLE, Incident
from tests.monitoring.live import Play, watched
from workshop.model.monitoring.rules import rules_of
from workshop.model.plan.plan import plan_of_event

WINDOW = {"start": "2026-10-02T11:00-07:00", "duration": "4h"}
_DAY = 86_400


def clock(seconds: float) -> str:
    """Before or after the start: T-1d 23:45, T+00:09:30."""
    sign, seconds = ("-" if seconds < 0 else "+"), abs(int(seconds))
    hours, rest = divmod(seconds, 3600)
    return f"T{sign}{hours:02}:{rest // 60:02}:{rest % 60:02}"


def incident(start_at: float, factor: float) -> tuple[Play, int]:
    """A quarter of an hour a day before, then from five minutes before the start until all is repaired."""
    given = settings(users=str(PEOPLE), window=WINDOW)
    story = Incident(given, plan_of_event(given), start_at)
    return Play(story.at, ((-_DAY, -_DAY + 900), (-300, 1500)), factor, start_at), PEOPLE


def healthy(start_at: float, factor: float, users: int, seed: int) -> tuple[Play, int]:
    """From ten minutes before the start until an hour after."""
    given = settings(users=str(users), window=WINDOW)
    story = Healthy(given, plan_of_event(given), seed, start_at)
    return Play(story.at, ((-600, 3600),), factor, start_at), users


def main(arguments: Sequence[str]) -> int:
    """Prints alerts as they fire; 1 where a healthy workshop raises any, or the incident none in time."""
    parser = argparse.ArgumentParser(prog="play", description=__doc__)
    parser.add_argument("story", choices=("incident", "healthy"))
    parser.add_argument("--factor", type=float, default=60, help="how much faster than real time (60)")
    parser.add_argument("--users", type=int, default=20, help="people in a healthy workshop (20)")
    parser.add_argument("--seed", type=int, default=0, help="of a healthy workshop's dice (0)")
    asked = parser.parse_args(arguments)
    if missing := [name for name in ("prometheus", "prometheus-alertmanager") if shutil.which(name) is None]:
        sys.stderr.write(f"{' and '.join(missing)} not found: apt-get install prometheus prometheus-alertmanager\n")
        return 2
    if not 1 <= asked.factor <= 120 or not 1 <= asked.users <= 60:
        sys.stderr.write("--factor is from 1 to 120, --users from 1 to 60\n")
        return 2
    start_at = float(int(time.time()))
    if asked.story == "incident":
        play, users = incident(start_at, asked.factor)
    else:
        play, users = healthy(start_at, asked.factor, asked.users, asked.seed)
    given = settings(users=str(users), window=WINDOW)
    sys.stdout.write(
        f"{asked.story}: {users} users, {play.takes * asked.factor / 60:.0f} minutes played {asked.factor:g} times "
        f"faster, in {play.takes:.0f} s, before Prometheus and Alertmanager.\n"
    )
    rules = rules_of(given, plan_of_event(given))
    with tempfile.TemporaryDirectory() as folder, watched(play, rules, Path(folder)):
        shown, end = 0, play.began + play.takes + 2
        while time.time() < end:
            time.sleep(0.2)
            shown = show(play, shown)
    fired = [(at, alert) for at, alert in play.alerts if alert["status"] == "firing"]
    if asked.story == "healthy":
        sys.stdout.write("No alert.\n" if not fired else f"{len(fired)} alerts.\n")
        return int(bool(fired))
    storage = [at for at, alert in fired if alert["labels"]["alertname"].startswith("WorkshopNodeStorage")]
    early = [at for at, alert in fired if alert["labels"]["alertname"] == "WorkshopStorageBelowPlan" and at < -3600]
    if not storage or not early:
        sys.stdout.write("Storage was not seen in time.\n")
        return 1
    sys.stdout.write(
        f"The first workspace dies at {clock(FIRST_DEATH)}. Storage below plan was raised at {clock(early[0])}, and "
        f"a storage alert {(FIRST_DEATH - min(storage)) / 60:.1f} minutes before.\n"
    )
    return int(min(storage) > FIRST_DEATH - 300)


def show(play: Play, shown: int) -> int:
    """Prints what has come since; how many there are now."""
    for at, alert in play.alerts[shown:]:
        labels = alert["labels"]
        state = labels["severity"] if alert["status"] == "firing" else "resolved"
        sys.stdout.write(f"{clock(at):<11} {state:<9} {labels['alertname']:<29} {alert['annotations']['summary']}\n")
    sys.stdout.flush()
    return len(play.alerts)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
