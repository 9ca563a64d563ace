"""`workshop rehearse`, as far as it needs no control planes: which stack, who comes, where."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--users", "20", "--region", "ap-south-1"), "--region is all, or one of us-east-2, us-west-2, eu-west-2"),
        (("--users", "20", "--arrivals", "none.csv"), "none.csv: No such file or directory"),
        (("--users", "20", "--arrivals", "empty.csv"), "empty.csv: line 1: no column is called email"),
        (("--users", "20", "--stack", "records"), "has no nodes to rehearse: workshop:scope is dns"),
        (("--users", "20", "--stack", "workshop", "--region", "x"), "regions[].zones, regions[].vcpu_quota"),
        (("--users", "20", "--stack", "elsewhere"), "it has none in ap-south-1, a region of stack elsewhere"),
        (("--users", "20", "--fault", "region-gone", "--region", "us-east-2"), "leave out --region"),
        (("--users", "20", "--fault", "key-rotated", "--region", "eu-west-2"), "us-east-2 is left out"),
        (("--users", "20", "--fault", "quota", "--true"), "leave out --true"),
        (("--users", "61"), "up would refuse this, so there is nothing to rehearse:"),
        (("--users", "20", "--html", "none/page.html"), "none/page.html can't be written: name a file in a folder"),
        (("--users", "20", "--junit", "zones"), "zones can't be written"),
        (("--users", "20", "--template", "a", "--parameter", "b=c"), "--template, --parameter: only with --real."),
        (("--real", "--cold", "--fault", "quota"), "--cold, --fault: only without --real."),
        (("--clean-up", "--region", "us-east-2"), "--region: only without --real."),
    ],
    ids=[
        "no such region",
        "no list",
        "no table",
        "records alone",
        "a real stack",
        "a region without a cluster",
        "a region that goes",
        "LiteLLM's region",
        "a copy of the pool",
        "too many",
        "no folder",
        "a folder",
        "of a real one",
        "not of a real one",
        "not of its clean-up",
    ],
)
def test_what_cannot_be_rehearsed_is_said_in_one_message(
    run: Run, checkout: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    (checkout / "zones").mkdir()
    (checkout / "empty.csv").write_text("", encoding="utf-8")
    text = (checkout / "Pulumi.sandbox.yaml").read_text(encoding="utf-8")
    (checkout / "Pulumi.elsewhere.yaml").write_text(text.replace("eu-west-2", "ap-south-1"), encoding="utf-8")
    (checkout / "Pulumi.records.yaml").write_text(text.replace("scope: all", "scope: dns"), encoding="utf-8")
    monkeypatch.chdir(checkout)
    result = run("rehearse", *arguments)
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
