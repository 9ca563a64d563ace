"""`dns check` and `dns import` end with a message, whatever they are given or answered: never with a traceback."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import dns.exception
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tests.dns.test_bad_changes import plan_of
from tests.model.given import ROOT, regions
from tests.model.given import settings as stack_settings
from workshop.cli.commands.dns import check as check_command
from workshop.cli.main import app
from workshop.dns.bind import NotBind, read_bind
from workshop.dns.check import certificate, name_to_ask
from workshop.dns.existing import NoRecords, existing_records
from workshop.dns.questions import Server, ask
from workshop.model.plan.plan import make_plan
from workshop.model.rules.settings import zone_names
from workshop.model.zones.types import CHECK_LABEL, LONGEST_NAME, too_long_to_ask

LONG = ".".join(("a" * 63, "b" * 63, "c" * 63))
"""191 characters."""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, folder)
    monkeypatch.setenv("WORKSHOP_PROJECT", str(folder))
    monkeypatch.setenv("WORKSHOP_SANDBOX_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["dns", *arguments], prog_name="workshop")


def said(result: Result) -> str:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    "zone", ["", "a", "..", "../../etc/x.io", "A.io", "a\x00.io", "\u00e4.io", "*.a.io", "a" * 300]
)
def test_dns_7_a_zone_that_is_no_name_is_told(checkout: Path, zone: str) -> None:
    result = run("import", "--stack", "sandbox-dns", zone)
    said(result)
    assert result.exit_code == 2
    assert not (checkout / "zones").exists()


@pytest.mark.parametrize("domain", ["", "-", "a b.io", "io", "x" * 500])
def test_dns_7_a_domain_that_is_no_name_is_told(checkout: Path, domain: str) -> None:
    result = run("import", "--stack", "sandbox-dns", "coderdemo.io", "--domain", domain)
    assert "Could not run" in said(result)
    assert result.exit_code == 2


def test_dns_7_a_zone_without_an_id_is_told(checkout: Path) -> None:
    assert "The id of zone example.dev is not set" in said(run("import", "--stack", "sandbox-dns", "example.dev"))


@pytest.mark.parametrize("token", ["", "a b", "a\nb", "\u00e4", "\x7f"])
def test_dns_7_a_token_that_is_none_is_told(checkout: Path, monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", token)
    (checkout / "Pulumi.real.yaml").write_text(
        (checkout / "Pulumi.dns.yaml")
        .read_text("utf-8")
        .replace("    name: coder.com", f"    name: coder.com\n    id: {'a' * 32}")
    )
    assert "export CLOUDFLARE_API_TOKEN" in said(run("import", "--stack", "real", "coder.com"))


@pytest.mark.parametrize("resolver", ["", "dns.google", "1.1.1", "1.1.1.1:53", "::g", "a" * 300, "\u0661.1.1.1"])
def test_dns_7_a_resolver_that_is_no_address_is_told(checkout: Path, resolver: str) -> None:
    result = run("check", "--stack", "sandbox-dns", "--resolver", resolver)
    assert "is not an IP address" in said(result)
    assert result.exit_code == 2


@pytest.mark.parametrize("failure", [dns.exception.Timeout(), OSError("no network"), ValueError("odd name")], ids=repr)
def test_dns_7_name_servers_that_are_not_found_are_told(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(_zone: str) -> tuple[Server, ...]:
        raise failure

    monkeypatch.setattr(check_command, "authorities", fail)
    assert "name servers can't be found" in said(run("check", "--stack", "dns"))


def bind_files(folder: Path) -> dict[str, Path]:
    """What people may name as a BIND file."""
    contents: dict[str, bytes] = {
        "empty": b"",
        "binary": bytes(range(256)),
        "nonsense": b"a IN nonsense\n",
        "generate": b"$TTL 60\n $generate 1-4294967295 a$ A 192.0.2.1\n",
        "include": b"$INCLUDE /etc/passwd\n",
        "long label": b"a" * 64 + b" IN A 192.0.2.1\n",
        "long name": b".".join([b"a" * 63] * 4) + b" IN A 192.0.2.1\n",
        "odd escape": b"\\999 60 IN A 192.0.2.1\n",
        "huge ttl": b"a 99999999999999999999 IN A 192.0.2.1\n",
        "two SOAs": b"@ 60 IN SOA a b 1 2 3 4 5\nx 60 IN SOA a b 1 2 3 4 5\n",
        "cname and more": b"$TTL 60\na CNAME b\na A 192.0.2.1\n",
        "parentheses": b"a 60 IN TXT (\n",
        "unknown type": b"a 60 IN TYPE65280 \\# 4 0a000001\n",
        "bad generic": b"a 60 IN TYPE65280 \\# 9 0a\n",
    }
    files: dict[str, Path] = {}
    for number, (name, content) in enumerate(contents.items()):
        files[name] = folder / f"{number}.txt"
        files[name].write_bytes(content)
    return {
        **files,
        "missing": folder / "nowhere",
        "folder": folder,
        "device": Path("/dev/zero"),
        "odd": Path("a\x00b"),
    }


def test_dns_7_any_bind_file_is_read_or_told(tmp_path: Path, checkout: Path) -> None:
    for file in bind_files(tmp_path).values():
        with suppress(NotBind):
            read_bind(file, "coderdemo.io")
        shutil.rmtree(checkout / "zones", ignore_errors=True)
        result = run("import", "--stack", "sandbox-dns", "coderdemo.io", "--bind", str(file))
        said(result)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from('ab.@*\\$"();\n\t #0169INATXCME-'), max_size=80))
def test_dns_7_any_text_is_read_as_bind_or_told(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any"
    file.write_text(f"$TTL 60\n{text}", "utf-8")
    with suppress(NotBind):
        read_bind(file, "coderdemo.io")


BODIES = (
    b"",
    b"{}",
    b"[]",
    b"\xff",
    b'{"result": null}',
    b'{"result": [{}]}',
    b'{"result": [{"id": 1}]}',
    b'{"result": [], "result_info": {"total_pages": 1000000000}}',
    b'{"result": [{"id": "1", "name": "\\u0000.x.io", "type": "A", "ttl": 1e400}]}',
    b'{"result": [{"id": "1", "name": "\\u202e.x.io", "type": "", "ttl": -1, "content": null}]}',
)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_dns_7_whatever_cloudflare_answers_is_read_or_told(body: bytes) -> None:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, content=body))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:1") as client, suppress(NoRecords):
        existing_records(client, "x.io", "1" * 32, ("x.io",), lambda _seconds, _why: None)


@pytest.mark.parametrize("name", ["a" * 64, f"{LONG}.{LONG}", "a..b", "\u00e4" * 70, ""], ids=range(5))
def test_dns_7_a_name_that_can_not_be_sent_is_no_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", _refuse(UnicodeError("label too long")))
    assert certificate(name).problem.startswith("no connection: ")
    answer = ask(Server(address="127.0.0.1", port=1), name, "A")
    assert answer.problem.startswith("no answer") or name == ""


def _refuse(error: Exception) -> Callable[..., None]:
    def fail(*_arguments: object, **_options: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", [EOFError(), ValueError("no address"), OSError("refused")], ids=repr)
def test_dns_7_a_server_that_hangs_up_is_no_answer(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dns.query.udp_with_fallback", _refuse(error))
    assert ask(Server(address="127.0.0.1"), "a.coderdemo.io", "A").problem.startswith("no answer: ")


def name_of(length: int) -> str:
    """A name under coderdemo.io with so many characters."""
    return f"{'d' * (length - len(LONG) - 14)}.{LONG}.coderdemo.io"


def test_dns_7_the_random_label_fits_where_a_wildcard_passes() -> None:
    assert len(name_to_ask("*")) == CHECK_LABEL
    longest = f"*.{name_of(LONGEST_NAME - CHECK_LABEL - 1)}"
    assert too_long_to_ask(longest) == ""
    assert len(name_to_ask(longest)) == LONGEST_NAME
    assert too_long_to_ask(f"*.d{longest.removeprefix('*.')}") != ""
    assert too_long_to_ask(name_of(LONGEST_NAME)) == ""
    assert too_long_to_ask(f"d{name_of(LONGEST_NAME)}") != ""


@pytest.mark.parametrize(("length", "passes"), [(234, True), (235, False), (253, False)])
def test_dns_7_a_regions_domain_has_room_for_its_wildcard(length: int, *, passes: bool) -> None:
    domain = f"{'d' * (length - len(LONG) - 11)}.{LONG}.coder.com"
    assert len(domain) == length
    changed = stack_settings(regions=regions({1: {"domain": domain}}))
    told = [one.problem for one in zone_names.check(changed, make_plan(changed))]
    assert told == ([] if passes else [f"*.{domain}: {too_long_to_ask(f'*.{domain}')}"])


def test_dns_7_the_plan_of_the_longest_name_can_be_asked() -> None:
    host = name_of(LONGEST_NAME)
    plan = plan_of(f"zone: coderdemo.io\ndomains: [coderdemo.io]\nrecords: [{{host: {host}, region: us-east-2}}]\n")
    assert any(record.host == host for record in plan.dns.records)
