"""What policies say, word for word, and the stack that plan-based parts ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from jsonschema import Draft7Validator

from policies.framework.policy import Policy, StackConfig
from policies.pack.exemptions import Exemption
from policies.pack.testing import TODAY, Resource
from workshop.model.plan.plan import make_plan, plan_of_event
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.window.phases import Phase

ROOT = Path(__file__).resolve().parents[2]


def refused(policy: Policy, problem: str, fix: str, why: str | None = None) -> str:
    """A violation, whole."""
    return f"{problem}; {why or policy.why}: {fix}"


def unknown(policy: Policy, path: str) -> str:
    """A value that only the change will bring."""
    return refused(
        policy, f"{path} is not known before the change", "give it as a plain value, not as another resource's output"
    )


def missing(policy: Policy, path: str) -> str:
    """A value that nobody declared."""
    return refused(policy, f"{path} is missing", "declare it")


def wrong_type(policy: Policy, path: str, found: str, wanted: str) -> str:
    """A value of another kind."""
    return refused(policy, f"{path} is {found}, must be {wanted}", f"set {path} to {wanted}")


def empty(policy: Policy, path: str) -> str:
    """Nothing where something is needed."""
    return refused(policy, f"{path} is empty", "give it a value")


def exemption(policy: Policy, resource: Resource | str) -> Exemption:
    """One that holds today and not a day longer."""
    return Exemption(
        policy=policy.id,
        resource=resource if isinstance(resource, str) else resource.name,
        reason="a rehearsal without participants",
        owner="platform",
        expires=TODAY,
    )


def takes(policy: Policy, option: str, value: int | Mapping[str, int]) -> bool:
    """Whether Pulumi takes this value for an option, by its schema."""
    return Draft7Validator(dict(policy.options[option].as_schema())).is_valid(value)  # pyright: ignore[reportUnknownMemberType]


def by_patch(policy: Policy, path: str) -> str:
    """A field that a patch sets, and that cannot be judged without the rest of the object."""
    return refused(
        policy,
        f"{path} is set by a patch, which does not show what the rest of the object is",
        f"declare the whole object, or leave {path} to its owner",
    )


@lru_cache
def sandbox(users: int = 20, *overrides: tuple[str, str]) -> StackConfig:
    """The sandbox's own settings and plan, with some of its config overridden."""
    config = stack_config(_text("Pulumi.sandbox.yaml"), _text("Pulumi.yaml"))
    settings = settings_from_config({**config, "workshop:users": str(users), **dict(overrides)})
    return StackConfig(settings=settings, plan=plan_of_event(settings))


WINDOW = {"start": "2026-12-01T09:00-08:00", "duration": "4h"}
"""From 30 November, 17:00, to 1 December, 23:00, UTC."""


@lru_cache
def in_phase(phase: Phase, **window: str | tuple[str, ...]) -> StackConfig:
    """The sandbox with 20 users and a window, by a clock that is in this phase."""
    config = stack_config(_text("Pulumi.sandbox.yaml"), _text("Pulumi.yaml"))
    settings = settings_from_config({**config, "workshop:users": "20", "workshop:window": json.dumps(WINDOW | window)})
    return StackConfig(settings=settings, plan=make_plan(settings, phase=phase))


EVENT = {"name": "october", "template": "coder/docker", "latest_end": "5h", "budget_usd": 200}


@lru_cache
def with_event(phase: Phase) -> StackConfig:
    """The same with an event."""
    config = stack_config(_text("Pulumi.sandbox.yaml"), _text("Pulumi.yaml"))
    own = {"workshop:users": "20", "workshop:window": json.dumps(WINDOW), "workshop:event": json.dumps(EVENT)}
    settings = settings_from_config({**config, **own})
    return StackConfig(settings=settings, plan=make_plan(settings, phase=phase))


@lru_cache
def with_queue(phase: Phase) -> StackConfig:
    """The same, with provisioners that follow the queue of builds."""
    config = stack_config(_text("Pulumi.sandbox.yaml"), _text("Pulumi.yaml"))
    own = {"workshop:users": "20", "workshop:window": json.dumps(WINDOW), "workshop:autoscaling": '{"enabled": true}'}
    settings = settings_from_config({**config, **own})
    return StackConfig(settings=settings, plan=make_plan(settings, phase=phase))


def _text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")
