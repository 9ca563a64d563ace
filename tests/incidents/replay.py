"""Replays an incident: its program, declared as that day, judged by the pack on the sandbox's engine."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.incidents.echo import Echo
from workshop.model.settings.config import stack_config
from workshop.sandbox.engine.run import run

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One violation, with the name of the resource and the message without the policy's title."""

    policy: str
    resource: str
    message: str


def replay(incident: Path, state: Path, *, users: int, fixed: frozenset[str]) -> tuple[Reason, ...]:
    """What the pack refuses of the incident's program, when these causes are fixed and the others are not.

    The workshop begins as it is replayed: by the pack's own clock the window is open.
    """
    config = stack_config(_text("Pulumi.sandbox.yaml"), _text("Pulumi.yaml"))
    window = {"start": datetime.now(UTC).isoformat(timespec="minutes"), "duration": "4h"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pulumi_cloudflare's own, when it is imported
        outcome = run(
            "preview",
            project="workshop",
            stack="sandbox-incident",
            state_file=state,
            program=incident,
            config={
                **config,
                "workshop:users": str(users),
                "workshop:window": json.dumps(window),
                "incident:fixed": ",".join(sorted(fixed)),
            },
            providers={"kubernetes": Echo, "aws": Echo, "cloudflare": Echo},
            policy_pack=CHECKOUT / "policies",
        )
    assert outcome.error is None, outcome.error
    return tuple(
        Reason(
            policy=violation.policy,
            resource=violation.resource.rpartition("::")[2],
            message=violation.message.rpartition("\n")[2],
        )
        for violation in outcome.violations
        if violation.is_mandatory
    )


def _text(name: str) -> str:
    return (CHECKOUT / name).read_text("utf-8")
