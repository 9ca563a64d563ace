"""Every message about a wrong setting, in full: __snapshots__ is what a reviewer reads when words change.

`pytest --snapshot-update tests/model/settings/test_every_message.py` writes them anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pydantic_core import ErrorDetails
from syrupy.assertion import SnapshotAssertion

from tests.model.given import config, regions, settings, structure
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.errors import SettingsError, WrongValue, WrongValues, messages_for
from workshop.model.settings.stack import Settings

WINDOW = {"start": "2026-10-01T09:00-07:00", "duration": "4h"}
RULE = {"destinations": [{"region": "eu-central-1", "registry_id": "210987654321"}]}
Values = Mapping[str, object]
NOTHING: Values = {}


def told(values: Values) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as error:
        settings_from_config(config("sandbox", **values))
    return error.value.messages


def one(key: str, *found: object) -> list[Values]:
    """Several values of one key, top-level or below it: "zone.name"."""
    top, _, below = key.partition(".")
    if not below:
        return [{top: value} for value in found]
    given = structure(top) if top in ("zone", "image", "server", "rotation", "preflight") else NOTHING
    return [{top: {**given, below: value}} for value in found]


def region(key: str, *found: object) -> list[Values]:
    return [{"regions": regions({0: {key: value}})} for value in found]


def cluster(key: str, value: object) -> Values:
    return {"regions": regions({0: {"cluster": {**structure("regions")[0]["cluster"], key: value}}})}


def organizations(change: Mapping[int, Values]) -> Values:
    given: list[dict[str, object]] = structure("organizations")
    return {"organizations": [{**here, **change.get(index, {})} for index, here in enumerate(given)]}


def shares(*percent: int) -> Values:
    return {"regions": regions({index: {"share": share} for index, share in enumerate(percent)})}


KINDS: Sequence[Values] = (
    *one("users", None, "abc", "0", "100001", "1.5", "[1]"),
    *one("max_users", "0", "x"),
    *one("spend_ceiling_usd", "-1", "1000001"),
    *one("account", "12345678901", "1234567890123", "1\n2", "x" * 60, "x" * 61, '["\u00fc", 5]'),
    *one("scope", "everything"),
    *one("monitoring", "x", {"namespace": "A B", "labels": {"a": ""}, "runbooks_url": "docs", "colour": "1"}),
    *one("admission", "forbid"),
    *one("usrs", "20"),
    *one("colour", "1"),
    *one("us\x07rs", "20"),
    *one("\ud800", "20"),
    *one("kubeconfig", "two\nlines", [1]),
    *one("zone", "coder.com", '["\u00fc"]'),
    *one("zone.colour", 1),
    *one("zone.id", "0" * 31, "g" * 32),
    *one("zone.name", "coder", "Coder.com", f"{'a' * 250}.com"),
    *one("zone.ttl_seconds", 59, 86401),
    *one("zone.stack", " "),
    *one("zones", "x", {"Coder.io": "1" * 32}, {"coder.io": 5}),
    *one("adopt", "x", {"a b": ["x"]}, {" ": "x"}, {"a": "x" * 257}),
    *one("endpoints", "x", {"aws": "http://localhost:1"}, {"cloudflare": "http://127.0.0.1:1"}),
    *one("repositories", [], ["a", "b", "a"], ["-a"], {"a": 1}),
    *one("replication_rules_of_others", "x", [NOTHING], [{**RULE, "destinations": []}], [{**RULE, "prefixes": ["\t"]}]),
)
EVENT = {"name": "october", "template": "coder/docker", "latest_end": "6h", "budget_usd": 200}
JOIN, MAIL = "join.coder.com", {"host": "smtp.example.com", "sender": "Workshop <workshop@example.com>"}
MAILS: Sequence[Values] = (
    {},
    {**MAIL, "host": "smtp example", "port": 0, "per_minute": 0, "user": "", "survey_url": "http://example.com"},
    *({**MAIL, "sender": sender} for sender in ("Workshop", "a@b", "a@example.com, b@example.com", "a b@example.com")),
    *({**MAIL, "templates": folder} for folder in ("/etc", "../mail")),
    {**MAIL, "security": "none"},
    {**MAIL, "security": "ssl", "password": "x"},
)
EVENTS: Sequence[Values] = (
    *one("event", "x", [5], {**EVENT, "colour": "1"}),
    *({"event": {**EVENT, "name": name}} for name in ("October", "", "a" * 33)),
    *({"event": {**EVENT, "warnings": warnings}} for warnings in (["5m", "30m"], ["5m", "5m"], ["0m"], "5m")),
    *({"event": {**EVENT, "early_access": early}} for early in ("337h", "1d")),
    {"event": {**EVENT, "early_hours": "13h", "parameters": {"": "1"}, "region_parameter": ""}},
    {"event": {**EVENT, "saving": {"retention_days": 0, "cap_mib": 0, "paths": [], "excludes": "x", "container": "A"}}},
    *({"event": {**EVENT, "saving": {"paths": [path]}}} for path in ("/etc", "a/../b", "-delete")),
    {"event": {**EVENT, "keeper": {"coder_url": "coder", "coder_secret_name": "A", "coder_secret_key": "a b"}}},
    *({"event": {**EVENT, "seats": seats, "reserve": reserve}} for seats, reserve in ((0, -1), (1001, 1001))),
    *({"event": {**EVENT, "provisioning": before, "latest_end": end}} for before, end in (("13h", "14m"), (1, "169h"))),
    *({"event": {**EVENT, "budget_usd": usd, "ai_usd": ai}} for usd, ai in ((0, -1), (1_000_001, 1_000_001))),
    {"event": {**EVENT, "cap": "maybe"}},
    *({"event": {**EVENT, "template": template}} for template in ("docker", "coder/", "a/b/c")),
    {"event": {**EVENT, "ai_parameter": "ai_key"}},
    {"event": {**EVENT, "join_host": "join", "time_zone": "Mars", "github_organization": "-a", "login": "guess"}},
    {"event": {**EVENT, "time_zone": "../UTC", "internal_domains": ["x"], "keeper": {"mail_secret_key": "a b"}}},
    {"event": {**EVENT, "mail": MAIL}},
    *({"event": {**EVENT, "join_host": JOIN, "mail": mail}} for mail in MAILS),
    {"event": EVENT, "spend_ceiling_usd": "200"},
)
NAMES: Sequence[Values] = (
    *one("server", None, "x"),
    *one("server.namespace", "Coder", "a" * 64, "-a"),
    *one("server.replicas", 0, 1001, "two"),
    *one("image", {}, "x"),
    *one("image.source", "coder-preview", "ghcr.io/Coder"),
    *one("image.repository", "coder", "a//b"),
    *one("image.tag", "-a", "a" * 129),
    *one("image.digest", "sha256:0", "0" * 64),
    *one("rotation.image", "ghcr.io/example/rotation:latest"),
    *one("rotation.litellm_url", "http://litellm.example.com"),
    *one("rotation.stored_as", "a b", "a" * 501),
    *one("rotation.cron_job", "rotate_key"),
    *one("preflight.required", "perhaps"),
    *one("preflight.holds", "0m", "169h", "a day"),
    *one("preflight.prometheus_url", "prometheus"),
    *one("preflight.alertmanager_url", f"https://{'a' * 251}"),
    *one("preflight.smoke_templates", {"ohio": "smoke"}, {"us-east-2": "Smoke"}),
    *one("workspaces", "x", {"colour": 1}),
    *one("workspaces.shapes", [], [NOTHING], [{"vcpu": 0, "memory_gib": 0}], [{"vcpu": 513, "memory_gib": 4097}]),
    *one("workspaces.headroom_percent", 59, 96),
    *one("workspaces.max_users_per_node", 0, 101),
    *one("workspaces.storage_gib", 0, 16385),
    *one("workspaces.instance_types", [], ["c5a.32xlarge"], ["c6a.4xlarge", "c6a.4xlarge"]),
    *one("workspaces.ami_family", "Windows"),
    *one("workspaces.device", "/dev/nvme0n1", None),
    *one("workspaces.previous_node_pool", "A"),
    *one("daemonset_overhead.pods", -1, 101),
)
REGIONS: Sequence[Values] = (
    *one("regions", [], "x", [5]),
    *region("name", "ohio", "us-east"),
    *region("role", "both"),
    *region("domain", "ai", "coder.org", "notcoder.com"),
    *region("load_balancer_host", "10.0.0.1."),
    *region("share", -1, 101, "half"),
    *region("hosts_provisioners", "maybe", None),
    *region("vcpu_quota", -1, 1_000_001, "1024.5"),
    *region("subnet_selector", None, {}, {"tag": ""}),
    *region("node_role", "arn:aws:iam::1:role/a", "a" * 65),
    *region("ami_version", "latest", "1" * 65),
    *region("zones", "x", ["us-east-2"], ["us-west-2c"], ["us-east-2z"], ["us-east-2a", "us-east-2a"]),
    {"regions": regions({0: {"name": "ap-south-1", "zones": ["ap-south-1a", "ap-south-2b"]}})},
    {"regions": regions({0: {"cluster": "x"}})},
    cluster("name", "Coder"),
    cluster("oidc_issuer", "https://oidc.eks.us-east-2.amazonaws.com/id/1"),
    {"regions": regions({0: {"role": "proxy"}})},
    {"regions": regions({1: {"role": "control-plane"}, 2: {"role": "control-plane"}})},
    {"regions": regions({1: {"name": "us-east-2", "zones": []}, 2: {"domain": "ai.coder.com"}})},
    {"regions": regions({index: {"load_balancer_host": "a.elb.us-east-2.amazonaws.com"} for index in range(3)})},
    {"regions": regions({index: {"cluster": {"context": "one", "uid": "1"}} for index in (0, 2)})},
    *(
        shares(*percent)
        for percent in (
            (50, 30, 15),
            (90, 30, 20),
            (50, 50, 20),
            (51, 50, 20),
            (0, 0, 50),
            (60, 60, 10),
            (100, 100, 100),
        )
    ),
)
TOGETHER: Sequence[Values] = (
    *one("organizations", [], [5], [NOTHING]),
    organizations({0: {"is_default": False}}),
    organizations({1: {"is_default": True}, 2: {"is_default": True}}),
    organizations({1: {"name": "coder"}, 2: {"namespace": "coder-ws"}}),
    organizations({0: {"minimum_provisioners": 0}, 1: {"minimum_provisioners": 1001}}),
    *one("window", "x", {"start": WINDOW["start"]}),
    *({"window": {**WINDOW, "start": start}} for start in (20261001, "2026-10-01T09:00", "2026-13-01T09:00Z")),
    *({"window": {**WINDOW, "duration": duration}} for duration in ("", "0m", "168h1m", "4 hours", 4)),
    *({"window": {**WINDOW, "preparation": duration}} for duration in ("336h1m", "1d")),
    *({"window": {**WINDOW, "cool_down": duration}} for duration in ("336h1m", None)),
    *({"window": {**WINDOW, "overrides": names}} for names in (["all"], ["fewer-users", "fewer-users"], "x")),
    {"users": "0", "organizations": [], "image": {}, "zone": None, "account": "x"},
)


@pytest.mark.parametrize(
    "broken", [KINDS, EVENTS, NAMES, REGIONS, TOGETHER], ids=["kinds", "events", "names", "regions", "together"]
)
def test_every_message(broken: Sequence[Values], snapshot: SnapshotAssertion) -> None:
    assert [message for values in broken for message in told(values)] == snapshot


def test_each_is_told_once_and_on_a_line_of_its_own() -> None:
    error = SettingsError(("one\x1b", "two"))

    assert error.messages == ("one\\x1b", "two")
    assert str(error) == "one\\x1b\ntwo"
    values = [WrongValue(path=("users",), found=1, needed=needed) for needed in ("must be 2", "must be 3")]
    assert str(WrongValues(values)) == "must be 2; must be 3"


def test_a_value_too_deep_to_be_shown_is_told_nevertheless() -> None:
    deep: list[object] = []
    deep.append(deep)
    wrong: list[ErrorDetails] = [{"type": "string_type", "loc": ("account",), "msg": "", "input": deep}] * 2

    assert messages_for(wrong, Settings.model_json_schema()) == (
        "workshop:account is (too deep to show): must be text. Fix: pulumi config set workshop:account VALUE",
    )


def test_every_whole_number_has_bounds_to_be_told() -> None:
    schema: Any = Settings.model_json_schema()
    sections = (schema, *schema["$defs"].values())
    places = [place for section in sections for place in section.get("properties", {}).values()]
    found = [kind for place in places for kind in place.get("anyOf", [place]) if kind.get("type") == "integer"]

    assert found
    assert all({"minimum", "maximum"} <= number.keys() for number in found)


def test_what_needs_no_mending_is_taken() -> None:
    assert settings(regions=regions({0: {"domain": "coder.com"}})).regions[0].domain == "coder.com"
    assert settings(regions=regions({0: {"name": "ap-south-1", "zones": ["ap-south-1a"]}})).regions[0].zones
    assert settings(regions=regions({0: {"share": 100}, 1: {"share": 0}, 2: {"share": 0}})).regions[0].share == 100
