"""A name whose type changes, on the sandbox's engine and Cloudflare: deleted first and created anew, or refused."""

from __future__ import annotations

import json
from collections.abc import Generator

import pytest

from tests.dns.checkout import Checkout, checkout

pytestmark = pytest.mark.slow

UP = ("up", "--stack", "sandbox-dns", "--json")
FILE = "zones/devcoder.io.yaml"
ZONE = "2123456789abcdef0123456789abcdef"
CNAME = "region: us-east-2"
ADDRESSES = "destinations: [198.41.128.0/17, '2606:4700::/32']\n"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    with checkout(tmp_path_factory.mktemp("retyping") / "checkout") as one:
        yield one


def up(here: Checkout, entry: str) -> dict[str, object]:
    text = f"zone: devcoder.io\ndomains: [devcoder.io]\n{ADDRESSES}records: [{entry}]\n"
    (here.folder / FILE).write_text(text, "utf-8")
    here.said("dns", "lock")
    return json.loads(here.run(*UP).stdout)


def entry(target: str, *, retiring: bool = False) -> str:
    return f"{{host: demo.devcoder.io, {target}, ttl: 60, retiring: {str(retiring).lower()}}}"


def there(here: Checkout) -> list[str]:
    with here.cloudflare() as cloudflare:
        found = cloudflare.get(f"zones/{ZONE}/dns_records", params={"name.exact": "demo.devcoder.io"}).json()["result"]
    return [one["type"] for one in found]


def refusal(answer: dict[str, object]) -> str:
    return " ".join(json.dumps(answer).split())


def test_dns_3_a_change_of_type_ends_where_it_is_meant_to(here: Checkout) -> None:
    assert up(here, entry(CNAME))["exit_code"] == 0

    at_once = up(here, entry("target: 198.41.128.7"))
    assert at_once["exit_code"] == 1
    assert "demo.devcoder.io changes from CNAME to A" in refusal(at_once)
    assert there(here) == ["CNAME"]

    replaced = up(here, entry("target: 198.41.128.7", retiring=True))
    assert replaced["exit_code"] == 0, "one resource is replaced in the right order"
    assert there(here) == ["A"]

    assert up(here, entry(CNAME, retiring=True))["exit_code"] == 0
    assert there(here) == ["CNAME"]

    other_resource = up(here, entry("target: '2606:4700::7'", retiring=True))
    assert other_resource["exit_code"] == 1
    assert "demo.devcoder.io changes from CNAME to AAAA" in refusal(other_resource)
    assert there(here) == ["CNAME"]

    assert up(here, "")["exit_code"] == 0
    assert there(here) == []
    assert up(here, entry("target: '2606:4700::7'"))["exit_code"] == 0
    assert there(here) == ["AAAA"]
    back = up(here, entry(CNAME, retiring=True))
    assert "demo.devcoder.io changes from AAAA to CNAME" in refusal(back)
    assert there(here) == ["AAAA"]
