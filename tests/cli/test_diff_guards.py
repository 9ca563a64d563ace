"""`workshop diff` shows every guard that differs, names what it can't judge, and never says nothing of something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.history import begin, commit, edit, git, write
from tests.cli.render.github import live_in

ZONE = "zones/devcoder.io.yaml"
FILE = "Pulumi.sandbox.yaml"
WINDOW = "  workshop:window: {start: '2026-10-01T09:00-07:00', duration: 4h}\n"


@pytest.fixture
def history(checkout: Path) -> Path:
    """The stacks and zone files in a repository with one commit."""
    begin(checkout)
    return checkout


def said(run: Run, *options: str, commits: str = "HEAD~1..HEAD", exit_code: int = 0) -> str:
    """What the command prints; in none of it is anything live."""
    result = run("diff", *options, commits)
    assert result.exit_code == exit_code, result.output
    assert live_in(result.stdout) == []
    return result.stdout


@pytest.mark.parametrize(
    ("old", "new", "row"),
    [
        ("records: []", "records: []\nlimits: {deletions: 900}", "`limits.deletions` | - | 900 |"),
        (
            "records: []",
            "records: []\ndestinations: [evil.example]",
            "`destinations[evil.example]` | - | in the list |",
        ),
        ("records: []", "records: []\nmust_exist: [a.devcoder.io]", "`must_exist[a.devcoder.io]` | - | in the list |"),
        (
            "domains: [devcoder.io]",
            "domains: [a.devcoder.io, devcoder.io]",
            "`domains[a.devcoder.io]` | - | in the list |",
        ),
    ],
    ids=["limits", "destinations", "must_exist", "domains"],
)
def test_every_guard_of_a_zone_is_shown(run: Run, history: Path, old: str, new: str, row: str) -> None:
    edit(history, ZONE, old, new)
    commit(history)
    assert run("dns", "lock").exit_code == 0
    commit(history)
    shown = run("diff", "--stack", "sandbox-dns", "HEAD~2..HEAD").stdout
    assert live_in(shown) == []
    assert f"| `{ZONE}` | {row}" in shown
    is_tighter = "must_exist" in new
    assert ("**Loosened**: 1 guard of the zones.\n\n| guard |" in shown) is not is_tighter


@pytest.mark.parametrize(
    ("setting", "row"),
    [
        ("  workshop:spend_ceiling_usd: 9000\n", "`workshop:spend_ceiling_usd` | - | 9000 |"),
        (WINDOW, "`workshop:window.duration` | - | `4h` |"),
        ("  workshop:preflight: {required: false}\n", "`workshop:preflight.required` | - | false |"),
        ("  workshop:overrides: [x]\n", "`workshop:overrides[x]` | - | in the list |"),
        ("  other:key: 1\n", "`other:key` | - | 1 |"),
        ("encryptionsalt: v1:abc\n", "encryptionsalt | - | `v1:abc` |"),
        ("secretsprovider: awskms://x\n", "secretsprovider | - | `awskms://x` |"),
        ("environment: [x]\n", "`environment[x]` | - | in the list |"),
        ("  workshop:secret: {secure: v1:abc}\n", "`workshop:secret.secure` | - | `(encrypted)` |"),
    ],
    ids=["ceiling", "window", "preflight", "override", "provider", "salt", "provider-of-secrets", "esc", "secret"],
)
def test_every_setting_is_shown_also_where_the_file_is_refused(run: Run, history: Path, setting: str, row: str) -> None:
    write(history, "Pulumi.dns.yaml", (history / "Pulumi.dns.yaml").read_text("utf-8") + setting)
    commit(history)
    shown = run("diff", "--stack", "dns", "HEAD~1..HEAD").stdout
    assert f"| {row}" in shown
    assert "v1:abc" not in shown or "salt" in setting


def test_whom_a_role_trusts_is_shown(run: Run, history: Path) -> None:
    path = history / FILE
    path.write_text(path.read_text("utf-8") + WINDOW, "utf-8")
    commit(history)
    issuer = next(line for line in path.read_text("utf-8").splitlines() if "oidc_issuer" in line)
    path.write_text(path.read_text("utf-8").replace(issuer, issuer.replace("oidc.", "evil.", 1), 1), "utf-8")
    commit(history)
    shown = said(run, "--stack", "sandbox")
    assert "cluster.oidc_issuer" in shown
    assert "assumeRolePolicy" in shown


def test_defaults_that_all_stacks_share_are_shown(run: Run, history: Path) -> None:
    edit(history, "Pulumi.yaml", "name: workshop", "name: workshop\nmain: elsewhere/")
    commit(history)
    assert "| `Pulumi.yaml` | main | - | `elsewhere/` |" in said(run, "--stack", "dns")


@pytest.mark.parametrize(
    "file",
    [
        "policies/density.py",
        "policies/exemptions.yaml",
        ".github/workflows/apply.yaml",
        "components/litellm.py",
        "workshop/model/plan/sizing.py",
        "scripts/workshop",
        "requirements.txt",
        "zones/zone.schema.json",
        "tests/policies/test_density.py",
    ],
)
def test_what_cannot_be_judged_is_named_first(run: Run, history: Path, file: str) -> None:
    write(history, file, "x")
    write(history, "docs/a.md", "x")
    edit(history, FILE, "coder-ohio-karpenter-node", "other")
    commit(history)
    shown = said(run, "--stack", "sandbox")
    head = "### Not judged here\n\n**1 file that decides what runs or what is refused differs.** This command does not "
    assert f"{head}judge it: read it.\n\n| file | what |\n|---|---|\n| `{file}` | " in shown
    assert shown.index(head) < shown.index("### Stack")
    assert "Documents and pictures, not looked at: 1 file: `docs/a.md`." in shown


def test_the_first_that_are_named_are_policies_and_workflows(run: Run, history: Path) -> None:
    for number in range(70):
        write(history, f"a/{number}.py", "x")
    for file in ("policies/z.py", ".github/z.yaml", "components/z.py"):
        write(history, file, "x")
    commit(history)
    shown = said(run)
    table = shown[shown.index("| file | what |") :].splitlines()
    assert [row.split("`")[1] for row in table[2:5]] == ["policies/z.py", ".github/z.yaml", "components/z.py"]
    assert "\n13 more in a.\n" in shown
    assert "**73 files that decide" in shown
    short = said(run, "--most", "2000")
    assert "**73 files that decide" in short
    assert "70 in a" in short


def test_a_renamed_file_is_seen_from_both_sides(run: Run, history: Path) -> None:
    write(history, "policies/a.py", "the same\n" * 9)
    commit(history)
    (history / "docs").mkdir()
    git(history, "mv", "policies/a.py", "docs/a.py")
    git(history, "mv", ZONE, "zones/other.yaml")
    git(history, "mv", "Pulumi.dns.yaml", "Pulumi.renamed.yaml")
    commit(history)
    shown = said(run, exit_code=1)
    assert "| `policies/a.py` | removed |" in shown
    assert "`docs/a.py`" in shown
    assert f"| `{ZONE}` | zone | `devcoder.io` | - |" in shown
    assert "| `zones/other.yaml` | zone | - | `devcoder.io` |" in shown
    assert "### Stack dns\n\n**Removed**" in shown
    assert "### Stack renamed\n\nNew: the base has no such stack." in shown


def test_a_mode_that_changes_is_a_change(run: Run, history: Path) -> None:
    write(history, "scripts/workshop", "x")
    commit(history)
    git(history, "update-index", "--chmod=+x", "scripts/workshop")
    git(history, "commit", "-q", "-m", "x")
    assert "| `scripts/workshop` | mode changed |" in said(run)


def test_nothing_changes_only_where_nothing_does(run: Run, history: Path) -> None:
    commit(history)
    shown = said(run)
    assert shown.endswith("\n\nNothing changes: both commits hold the same files.\n\n")
    assert "Stack" not in shown
    for file in ("README.md", "policies/x.py", ZONE, "Pulumi.yaml", "zones/zones.lock"):
        path = history / file
        write(history, file, (path.read_text("utf-8") if path.exists() else "") + "# a comment\n")
        commit(history)
        assert "Nothing changes" not in run("diff", "HEAD~1..HEAD", "--stack", "dns").stdout


def test_what_only_reads_differently_is_said_to(run: Run, history: Path) -> None:
    edit(history, ZONE, "domains: [devcoder.io]", 'domains: ["devcoder.io"]  # ours')
    commit(history)
    shown = said(run, "--stack", "sandbox-dns")
    assert f"Only comments, order or the way values are written: 1 file: `{ZONE}`." in shown
    assert "### Stack `sandbox-dns`\n\nNo difference in settings, plan, cost, records and resources." in shown


def test_a_record_s_comment_is_shown_beside_the_record(run: Run, history: Path) -> None:
    edit(history, ZONE, "records: []", "records:\n  - {host: a.devcoder.io, region: us-east-2, comment: for Ada}")
    commit(history)
    shown = run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns").stdout
    assert f"| `{ZONE}` | `records[a.devcoder.io].comment` | - | for Ada |" in shown
    assert "records[a.devcoder.io].region" not in shown
    edit(history, "zones/coderdemo.io.yaml", "zone: ", "zoon: ")  # nothing is planned, so nothing else shows it
    commit(history)
    broken = run("diff", "HEAD~2..HEAD", "--stack", "sandbox-dns").stdout
    assert f"| `{ZONE}` | `records[a.devcoder.io].region` | - | `us-east-2` |" in broken
