"""Commands in messages fit the stack, and are found in the prose around them."""

from __future__ import annotations

import sys

import pytest

from workshop.cli.shell import fit, parts


@pytest.mark.parametrize(
    ("message", "sandbox", "dns", "real"),
    [
        (
            "too many: pulumi config set users 60, or raise it",
            "too many: scripts/workshop up --users 60, or raise it",
            "too many: scripts/workshop up --users 60 --stack sandbox-dns, or raise it",
            "too many: pulumi config set users 60 --stack live, or raise it",
        ),
        (
            "Next: scripts/workshop event plan",
            "Next: scripts/workshop event plan",
            "Next: scripts/workshop event plan --stack sandbox-dns",
            "Next: scripts/workshop event plan --stack live",
        ),
        (
            "Fix: pulumi config set --path 'workshop:regions[2].share' 30",
            "Fix: set workshop:regions[2].share to 30 in Pulumi.sandbox.yaml",
            "Fix: set workshop:regions[2].share to 30 in Pulumi.sandbox-dns.yaml",
            "Fix: pulumi config set --path 'workshop:regions[2].share' 30 --stack live",
        ),
        (
            "Fix: pulumi config rm workshop:adopt && pulumi config set workshop:scope dns",
            "Fix: remove workshop:adopt from Pulumi.sandbox.yaml and set workshop:scope to dns in Pulumi.sandbox.yaml",
            "Fix: remove workshop:adopt from Pulumi.sandbox-dns.yaml and set workshop:scope to dns in "
            "Pulumi.sandbox-dns.yaml",
            "Fix: pulumi config rm workshop:adopt --stack live && pulumi config set workshop:scope dns --stack live",
        ),
        (
            'x: pulumi config set workshop:account "$(aws sts get-caller-identity)"',
            "x: set workshop:account in Pulumi.sandbox.yaml",
            "x: set workshop:account in Pulumi.sandbox-dns.yaml",
            'x: pulumi config set workshop:account "$(aws sts get-caller-identity)" --stack live',
        ),
        (
            "compare with scripts/workshop dns drift; then pulumi up",
            "compare with scripts/workshop dns drift; then scripts/workshop up",
            "compare with scripts/workshop dns drift --stack sandbox-dns; then scripts/workshop up --stack sandbox-dns",
            "compare with scripts/workshop dns drift --stack live; then pulumi up --stack live",
        ),
        (
            "scripts/workshop preflight --before up --stack other",
            "scripts/workshop preflight --before up --stack other",
            "scripts/workshop preflight --before up --stack other",
            "scripts/workshop preflight --before up --stack other",
        ),
        (
            "scripts/workshop dns lock",
            "scripts/workshop dns lock",
            "scripts/workshop dns lock",
            "scripts/workshop dns lock",
        ),
        (
            "pulumi config set --path 'workshop:window.start' ...",
            "pulumi config set --path 'workshop:window.start' ...",
            "pulumi config set --path 'workshop:window.start' ...",
            "pulumi config set --path 'workshop:window.start' ...",
        ),
    ],
)
def test_commands_fit_the_stack(message: str, sandbox: str, dns: str, real: str) -> None:
    assert [fit(message, stack) for stack in ("sandbox", "sandbox-dns", "live")] == [sandbox, dns, real]


def test_what_is_installed_is_called_by_its_name_and_with_its_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/workshop"])
    monkeypatch.delenv("WORKSHOP_PROJECT", raising=False)
    assert fit("scripts/workshop up", "live") == "workshop up --stack live"
    monkeypatch.setenv("WORKSHOP_PROJECT", "/a b")
    assert fit("scripts/workshop up", "live") == "workshop --project '/a b' up --stack live"


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            "wrong: scripts/workshop dns lock, and commit both files",
            ["wrong:", ">scripts/workshop dns lock", "and commit both files"],
        ),
        (
            'x is not set: pulumi config set --path a.b "$(aws sts get --query A)" --stack live',
            ["x is not set:", '>pulumi config set --path a.b "$(aws sts get --query A)" --stack live'],
        ),
        (
            "see kubectl --context a get pods -o yaml, then pulumi up --stack b",
            ["see", ">kubectl --context a get pods -o yaml", "then", ">pulumi up --stack b"],
        ),
        ("log in: pulumi login. Then go on", ["log in:", ">pulumi login", "Then go on"]),
        ("run `up` again, and pulumi up puts it back", ["run `up` again, and pulumi up puts it back"]),
        ("git is not on PATH; install it", ["git is not on PATH; install it"]),
        ("one\ntwo", ["one", "two"]),
        ("", []),
    ],
)
def test_prose_and_commands_are_told_apart(message: str, found: list[str]) -> None:
    assert [f"{'>' * part.is_command}{part.text}" for part in parts(message)] == found
