"""Every wrong value is told with its path, the value, what is allowed and the command that fixes it."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, cast

import pytest

from tests.model.given import config, regions, settings, structure
from workshop.model.settings.config import settings_from_config
from workshop.model.settings.errors import SettingsError
from workshop.model.settings.stack import Settings


def refused(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as error:
        settings_from_config(config("sandbox", **values))
    return list(error.value.messages)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"regions": regions({2: {"share": 15}})},
            "workshop:regions[2].share is 15: shares add up to 95, must be 100. "
            "Fix: pulumi config set --path 'workshop:regions[2].share' 20",
        ),
        (
            {"regions": regions({0: {"share": 90}})},
            "workshop:regions[0].share is 90: shares add up to 140, must be 100. "
            "Fix: pulumi config set --path 'workshop:regions[0].share' 50",
        ),
        (
            {"users": "abc"},
            "workshop:users is abc: must be a whole number from 1 to 100000. Fix: pulumi config set workshop:users 20",
        ),
        (
            {"users": None},
            "workshop:users is not set: concurrent participants. Fix: pulumi config set workshop:users 20",
        ),
        (
            {"scope": "everything"},
            "workshop:scope is everything: must be one of all, registry, dns. "
            "Fix: pulumi config set workshop:scope all",
        ),
        (
            {"account": "1234"},
            "workshop:account is 1234: must be the 12 digits of an AWS account, in quotes. "
            "Fix: pulumi config set workshop:account VALUE",
        ),
        (
            {"usrs": "20"},
            "workshop:usrs is 20: unknown setting; perhaps users is meant. Fix: pulumi config rm workshop:usrs",
        ),
        (
            {"zone": {"name": "coder.com", "colour": 1}},
            "workshop:zone.colour is 1: unknown setting; known: id, name, stack, ttl_seconds. "
            "Fix: pulumi config rm --path workshop:zone.colour",
        ),
        (
            {"zone": "coder.com"},
            "workshop:zone is coder.com: must have keys and values: id, name, ttl_seconds, stack. Fix: "
            "pulumi config rm workshop:zone && pulumi config set --path workshop:zone.name coder.com",
        ),
        (
            {"workspaces": {"headroom_percent": 40}},
            "workshop:workspaces.headroom_percent is 40: must be a whole number from 60 to 95. "
            "Fix: pulumi config set --path workshop:workspaces.headroom_percent 60",
        ),
        (
            {"workspaces": {"instance_types": ["c5a.32xlarge"]}},
            "workshop:workspaces.instance_types[0] is c5a.32xlarge: must be one of c6a.32xlarge, c6a.4xlarge, "
            "c6a.8xlarge, c6a.xlarge, m5a.4xlarge, m6a.4xlarge, m6a.xlarge (workshop/model/data/instances.json). "
            "Fix: pulumi config set --path 'workshop:workspaces.instance_types[0]' c6a.4xlarge",
        ),
        (
            {"regions": regions({0: {"zones": ["us-west-2c"]}})},
            "workshop:regions[0].zones[0] is us-west-2c: must be a zone of us-east-2: us-east-2a, us-east-2b, "
            "us-east-2c. Fix: "
            "pulumi config set --path 'workshop:regions[0].zones[0]' us-east-2c",
        ),
        (
            {"regions": regions({0: {"zones": ["us-east-2z"]}})},
            "workshop:regions[0].zones[0] is us-east-2z: must be a zone of us-east-2: us-east-2a, us-east-2b, "
            "us-east-2c. Fix: "
            "pulumi config set --path 'workshop:regions[0].zones[0]' us-east-2a",
        ),
        (
            {"regions": regions({0: {"name": "ap-south-1", "zones": ["ap-south-2a"]}})},
            "workshop:regions[0].zones[0] is ap-south-2a: must be a zone of ap-south-1. "
            "Fix: pulumi config set --path 'workshop:regions[0].zones[0]' ap-south-1a",
        ),
        (
            {"regions": regions({1: {"domain": "oregon.example.com"}})},
            "workshop:regions[1].domain is oregon.example.com: must be coder.com (zone.name) or a name under it. "
            "Fix: pulumi config set --path 'workshop:regions[1].domain' us-west-2.coder.com",
        ),
        (
            {"regions": regions({0: {"hosts_provisioners": "maybe"}})},
            "workshop:regions[0].hosts_provisioners is maybe: must be true or false. "
            "Fix: pulumi config set --path 'workshop:regions[0].hosts_provisioners' true",
        ),
        (
            {"regions": regions({0: {"ami_version": "latest"}})},
            "workshop:regions[0].ami_version is latest: must be an AMI version, such as 1.44.0; never latest. "
            "Fix: pulumi config set --path 'workshop:regions[0].ami_version' VALUE",
        ),
        (
            {"image": {**structure("image"), "repository": "coder"}},
            "workshop:image.repository is coder: must be one of workshop:repositories (base-ws, claude-ws, goose-ws, "
            "fetch-and-store, coder-preview, rotate-key), or it is mirrored nowhere. "
            "Fix: pulumi config set --path workshop:image.repository base-ws",
        ),
        (
            {"mirror": {"images": [{"source": "ghcr.io/a/b", "repository": "base", "tag": "1"}]}},
            "workshop:mirror.images[0].repository is base: must be one of workshop:repositories (base-ws, claude-ws, "
            "goose-ws, fetch-and-store, coder-preview, rotate-key), or it is mirrored nowhere. "
            "Fix: pulumi config set --path 'workshop:mirror.images[0].repository' base-ws",
        ),
        (
            {"mirror": {"images": [{"source": "ghcr.io/a/b", "repository": "coder-preview", "tag": "1"}]}},
            "workshop:mirror.images[0].repository is coder-preview: is already workshop:image's; every image needs a "
            "repository of its own. Fix: pulumi config set --path 'workshop:mirror.images[0].repository' REPOSITORY",
        ),
        (
            {"mirror": {"schedule": "daily"}},
            "workshop:mirror.schedule is daily: must be a cron schedule of five fields of numbers, such as "
            "'17 */6 * * *'. Fix: pulumi config set --path workshop:mirror.schedule '17 */6 * * *'",
        ),
        (
            {"mirror": {"refuse": ["unsigned", "bad"]}},
            "workshop:mirror.refuse[1] is bad: must be one of unsigned, unverifiable. "
            "Fix: pulumi config set --path 'workshop:mirror.refuse[1]' unsigned",
        ),
        (
            {"window": {"start": "2026-10-01T09:00", "duration": "4h"}},
            "workshop:window.start is 2026-10-01T09:00: must be a date and time with its offset from UTC, in quotes: "
            "YYYY-MM-DDTHH:MM-07:00. Fix: pulumi config set --path workshop:window.start YYYY-MM-DDTHH:MM-07:00",
        ),
        (
            {"endpoints": {"aws": "https://example.com", "cloudflare": "http://127.0.0.1:1/client/v4"}},
            "workshop:endpoints.aws is https://example.com: must be on loopback, such as http://127.0.0.1:47800. "
            "Fix: pulumi config set --path workshop:endpoints.aws http://127.0.0.1:47800",
        ),
    ],
)
def test_message(values: dict[str, object], message: str) -> None:
    assert refused(**values) == [message]


def test_all_wrong_values_are_told_at_once() -> None:
    told = refused(
        users="0", account="x", image={}, zone=None, regions=regions({0: {"share": "half"}, 1: {"role": "both"}})
    )
    assert [line.split()[0] for line in told] == [
        "workshop:users",
        "workshop:account",
        "workshop:zone.name",
        "workshop:regions[0].share",
        "workshop:regions[1].role",
        "workshop:image.source",
        "workshop:image.repository",
        "workshop:image.tag",
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({1: {"role": "control-plane"}}, "workshop:regions[1].role"),
        ({0: {"role": "proxy"}}, "workshop:regions[0].role"),
        ({1: {"name": "us-east-2", "zones": []}}, "workshop:regions[1].name"),
        ({2: {"domain": "ai.coder.com"}}, "workshop:regions[2].domain"),
        (
            {1: {"load_balancer_host": "coder-ohio.elb.us-east-2.amazonaws.com"}},
            "workshop:regions[1].load_balancer_host",
        ),
        ({1: {"cluster": {"context": "coder-ohio"}}}, "workshop:regions[1].cluster.context"),
        ({1: {"cluster": {"uid": "11111111-1111-4111-8111-111111111111"}}}, "workshop:regions[1].cluster.uid"),
        ({1: {"zones": ["us-west-2a", "us-west-2a"]}}, "workshop:regions[1].zones[1]"),
    ],
)
def test_regions_that_do_not_go_together(change: dict[int, dict[str, object]], path: str) -> None:
    (told,) = refused(regions=regions(change))
    assert told.startswith(f"{path} is ")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({0: {"is_default": False}}, "workshop:organizations[0].is_default"),
        ({2: {"is_default": True}}, "workshop:organizations[2].is_default"),
        ({1: {"name": "coder"}}, "workshop:organizations[1].name"),
        ({1: {"namespace": "coder-ws"}}, "workshop:organizations[1].namespace"),
    ],
)
def test_organizations_that_do_not_go_together(change: dict[int, dict[str, object]], path: str) -> None:
    given: list[dict[str, object]] = structure("organizations")
    (told,) = refused(organizations=[{**one, **change.get(index, {})} for index, one in enumerate(given)])
    assert told.startswith(f"{path} is ")


def test_keys_of_other_namespaces_are_the_providers_own() -> None:
    assert settings_from_config({**config(), "aws:region": "x", "workshops:users": "y"}) == settings()


def test_empty_text_and_empty_object_mean_not_set() -> None:
    given = settings(account="", window="{}", endpoints="{}", kubeconfig="", workspaces="{}")
    assert (given.account, given.window, given.endpoints, given.kubeconfig) == (None, None, None, None)
    assert given.workspaces == settings().workspaces


def test_a_window_is_read_with_its_defaults() -> None:
    window = settings(window={"start": "2026-10-01T09:00-07:00", "duration": "1h30m"}).window
    assert window is not None
    assert window.start - window.opens_at == timedelta(hours=24)
    assert window.closes_at - window.start == timedelta(hours=3, minutes=30)


@pytest.mark.parametrize("duration", ["", "0m", "4", "4d", "-4h", "1h 30m", "9999h", 4, None])
def test_a_duration_that_makes_no_sense_is_refused(duration: object) -> None:
    (told,) = refused(window={"start": "2026-10-01T09:00-07:00", "duration": duration})
    assert told.startswith("workshop:window.duration is ")


@pytest.mark.parametrize(
    "start", ["2026-02-30T09:00Z", "2027-02-29T09:00Z", "2026-10-01T24:30Z", "2026-13-01T09:00+02:00"]
)
def test_a_date_that_does_not_exist_is_no_error_of_form(start: str) -> None:
    (told,) = refused(window={"start": start, "duration": "4h"})
    assert told == (
        f"workshop:window.start is {start}: must be a date and time that exist. "
        "Fix: pulumi config set --path workshop:window.start YYYY-MM-DDTHH:MM-07:00"
    )


@pytest.mark.parametrize(
    ("name", "meant"),
    [("us-wst-2", "us-west-2"), ("us-eat-2", "us-east-2"), ("uk-west-2", "us-west-2"), ("eu-west-22", "eu-west-2")],
)
def test_a_region_that_aws_does_not_have_is_told_the_nearest(name: str, meant: str) -> None:
    (told,) = refused(regions=regions({1: {"name": name}}))
    assert told == (
        f"workshop:regions[1].name is {name}: must be an AWS region, such as {meant}. "
        f"Fix: pulumi config set --path 'workshop:regions[1].name' {meant}"
    )


def test_a_region_that_is_near_none_gets_an_example() -> None:
    (told,) = refused(regions=regions({1: {"name": "ohio"}}))
    assert told == (
        "workshop:regions[1].name is ohio: must be an AWS region, such as us-east-2. "
        "Fix: pulumi config set --path 'workshop:regions[1].name' us-east-2"
    )


def test_a_region_with_the_zones_of_another_is_the_wrong_value() -> None:
    (told,) = refused(regions=regions({1: {"name": "us-west-9", "zones": ["us-west-2a", "us-west-2b"]}}))
    assert told == (
        "workshop:regions[1].name is us-west-9: must be the region of its zones, us-west-2, or have zones of its own. "
        "Fix: pulumi config set --path 'workshop:regions[1].name' us-west-2"
    )


@pytest.mark.parametrize("start", ["2026-10-01T09:00Zulu", "2026-10-01T09:00", "2026-10-01 09:00Z", "2026-10-01T9:00Z"])
def test_another_form_is_told_the_form(start: str) -> None:
    (told,) = refused(window={"start": start, "duration": "4h"})
    assert "must be a date and time with its offset from UTC, in quotes: YYYY-MM-DDTHH:MM-07:00. " in told


@pytest.mark.parametrize("start", [20261001, "20261001", "2026-13-01T09:00Z", "9999-12-31T23:59Z", "0001-01-01T00:00Z"])
def test_a_start_that_makes_no_sense_is_refused(start: object) -> None:
    (told,) = refused(window={"start": start, "duration": "4h"})
    assert told.startswith("workshop:window.start is ")


def kinds_of_values(place: object) -> Iterator[Mapping[str, Any]]:
    """Every part of a schema that says what kind of value stands there."""
    if isinstance(place, Mapping):
        below = cast("Mapping[str, Any]", place)
        if isinstance(below.get("type"), str):
            yield below
        for part in below.values():
            yield from kinds_of_values(part)
    elif isinstance(place, list):
        for part in cast("list[object]", place):
            yield from kinds_of_values(part)


def test_what_is_allowed_can_be_told_of_every_setting() -> None:
    values = list(kinds_of_values(Settings.model_json_schema()))
    told = {"array", "boolean", "integer", "null", "object", "string"}
    assert {value["type"] for value in values} == told
    assert [value for value in values if value["type"] == "integer" and not {"minimum", "maximum"} <= set(value)] == []
