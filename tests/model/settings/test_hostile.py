"""Whatever is in a settings file: a valid model and a plan or a refusal, or messages that say where; never a traceback.

scripts/hostile-settings runs it with 10,000 cases.
"""

import copy
import functools
import json
import operator
import os
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as cases
from hypothesis import strategies as st

from tests.model.given import ROOT, findings, observe
from workshop.model.findings import Refused
from workshop.model.plan.plan import plan_of_event
from workshop.model.settings.config import settings_from_config, stack_config
from workshop.model.settings.errors import SettingsError

CASES = int(os.environ.get("HOSTILE_CASES", "60"))
PROJECT = (ROOT / "Pulumi.yaml").read_text("utf-8")
SANDBOX: dict[str, Any] = {
    **yaml.safe_load((ROOT / "Pulumi.sandbox.yaml").read_text("utf-8"))["config"],
    "workshop:users": 20,
    "workshop:window": {"start": "2026-10-01T09:00-07:00", "duration": "4h"},
}

hostile = cases(
    max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

texts = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "{", "[", "null", "0x10", "-0", "1e400", "\u0663", "yes", "[" * 2000, "\ud800", "\u2028", "a" * 5000]
    ),
    st.sampled_from(
        ["{" * 200, '{"a": 1', "NaN", "20.0", "2026-10-01", "99999999-01-01T00:00Z", "$(reboot)", "'; --", "=1+1"]
    ),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-3, 130),
    st.floats(),
    texts,
    st.sampled_from([2**63, -(2**70)]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(texts, st.sampled_from(["secure", "name", "share"])), inner, max_size=4),
    ),
    max_leaves=12,
)


def told(text: str, config: dict[str, str] | None = None) -> None:
    """Reads the settings and holds what is promised of them."""
    try:
        settings = settings_from_config(stack_config(text, PROJECT) if config is None else config)
        plan = plan_of_event(settings)
    except SettingsError as error:
        hold(error.messages or ("",), r"workshop:|Pulumi\.STACK\.yaml|environment")
        return
    except Refused as refusal:
        hold(str(refusal).splitlines(), r"^\[[a-z-]+\] .+: .+; .+: .+")
        return
    hold([finding.fix for finding in findings(settings, plan, observe(settings))], ".")


def hold(messages: Sequence[str], form: str) -> None:
    """Messages have a form and can be shown anywhere."""
    for message in messages:
        assert re.search(form, message)
        assert message.isprintable()
        message.encode()


def paths(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a structure."""
    items: list[tuple[object, object]] = []
    if isinstance(value, dict):
        items = list(cast("dict[object, object]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[object]", value)))
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


@hostile
@given(st.data())
def test_a_hostile_value_anywhere(data: st.DataObject) -> None:
    config = copy.deepcopy(SANDBOX)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(paths(config))))
        parent: Any = functools.reduce(operator.getitem, path[:-1], config)
        change = data.draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "remove":
            del parent[path[-1]]
        elif change == "add":
            copied = copy.deepcopy(parent[path[-1]])
            if isinstance(path[-1], int):
                parent.append(copied)
            else:
                parent[data.draw(texts)] = copied
        else:
            parent[path[-1]] = data.draw(values)
    told(json.dumps({"config": config}))
    told("", {str(key): value if isinstance(value, str) else json.dumps(value) for key, value in config.items()})


@hostile
@given(st.data())
def test_broken_yaml(data: st.DataObject) -> None:
    text = yaml.safe_dump({"config": SANDBOX}, default_flow_style=data.draw(st.sampled_from([True, False, None])))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 30)))
        junk = data.draw(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(
                    ["&a ", "*a ", "<<: ", "!!int ", "---\n", "? ", "- ", "\t", "{", "[", '"', "'", "|\n", ":"]
                ),
            )
        )
        text = text[:start] + junk + text[end:]
    told(text)


@hostile
@given(st.text(max_size=200))
def test_any_text_at_all(text: str) -> None:
    told(text)
    told(f"config:\n  workshop:users: {text}")
