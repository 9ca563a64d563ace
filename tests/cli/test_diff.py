"""`workshop diff`: what two commits mean, as Markdown in which nothing from a commit is more than text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.history import begin, commit, edit
from tests.cli.render.github import live_in
from tests.model.rehearsal.test_verdict import judged, rehearsal
from workshop.cli.render.markdown import folded
from workshop.cli.render.rehearsal import verdict_json


@pytest.fixture
def history(checkout: Path) -> Path:
    """The stacks and zone files in a repository with one commit."""
    begin(checkout)
    return checkout


def test_a_record_is_shown_with_the_checksum_of_its_file(run: Run, history: Path) -> None:
    edit(history, "zones/devcoder.io.yaml", "records: []", "records:\n  - {host: a.devcoder.io, region: us-east-2}")
    assert run("dns", "lock").exit_code == 0
    commit(history)
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns")
    assert result.exit_code == 0, result.output
    assert "| `a.devcoder.io (CNAME)` | - | `coder-ohio.elb.us-east-2.amazonaws.com ttl 300` |" in result.stdout
    checksum = (history / "zones/zones.lock").read_text().splitlines()[2].partition(" ")[0]
    assert f"Checksum of `zones/devcoder.io.yaml`: `{checksum}`" in result.stdout
    assert "Not looked up" in result.stdout
    assert "Plan and cost" not in result.stdout


def test_a_bad_change_is_refused_with_file_and_line(run: Run, history: Path) -> None:
    edit(history, "zones/devcoder.io.yaml", "records: []", "records:\n  - {host: A.devcoder.io, region: us-east-2}")
    commit(history)
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns")
    assert result.exit_code == 1
    assert "zones/devcoder.io.yaml:9: records[0].host is 'A.devcoder.io': must be in lower case" in result.stdout


def test_the_way_there_is_judged_too(run: Run, history: Path) -> None:
    edit(history, "Pulumi.sandbox-dns.yaml", "    name: coder.com\n", "    name: coder.com\n    ttl_seconds: 3600\n")
    commit(history)
    edit(history, "Pulumi.sandbox-dns.yaml", "coder-ohio.elb", "coder-other.elb")
    commit(history)
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns")
    assert result.exit_code == 1
    assert "wait 3600 s" in result.stdout


def test_cost_and_nodes_before_and_after(run: Run, history: Path) -> None:
    with_users(history, 20, 30)
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox")
    assert result.exit_code == 0
    assert "| users | 20 | 30 |" in result.stdout
    assert "| `us-east-2: nodes` | 4 | 5 |" in result.stdout
    assert "| `workshop:users` | 20 | 30 |" in result.stdout


def with_users(folder: Path, *numbers: int) -> None:
    """A commit for each."""
    path = folder / "Pulumi.sandbox.yaml"
    text = path.read_text("utf-8")
    for users in numbers:
        path.write_text(text.replace("config:\n", f"config:\n  workshop:users: {users}\n"), "utf-8")
        commit(folder)


def test_resources_and_manifests_before_and_after(run: Run, history: Path) -> None:
    with_users(history, 20, 30)
    said = run("diff", "HEAD~1..HEAD", "--stack", "sandbox").stdout
    assert re.search(r"#### Resources\n\n\d+ changed.\n", said)
    assert "| `us-east-2-provisioners-coder (DeploymentPatch)` | `spec.replicas` | 12 | 15 |" in said
    manifest = said[
        said.index("<summary><code>us-east-2-provisioners-coder (apps/v1:DeploymentPatch), changed</code></summary>") :
    ]
    assert "\n-  replicas: 12\n+  replicas: 15\n```\n\n</details>" in manifest[: manifest.index("</details>") + 10]


def test_a_record_is_shown_once(run: Run, history: Path) -> None:
    edit(history, "zones/devcoder.io.yaml", "records: []", "records:\n  - {host: a.devcoder.io, region: us-east-2}")
    commit(history)
    added = run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns").stdout
    assert added.count("a.devcoder.io") == 1
    removed = run("diff", "HEAD..HEAD~1", "--stack", "sandbox-dns").stdout
    assert "| `a.devcoder.io (CNAME)` |" in removed
    assert "DnsRecord" not in removed
    edit(history, "Pulumi.sandbox.yaml", "load_balancer_host: coder-ohio.elb", "load_balancer_host: coder-new.elb")
    commit(history)
    of_region = run("diff", "HEAD~1..HEAD", "--stack", "sandbox").stdout
    assert "| `ai.coder.com (CNAME)` |" in of_region
    assert "DnsRecord" not in of_region


def test_a_stack_without_its_facts_says_which_are_not_set(run: Run, history: Path) -> None:
    edit(history, "Pulumi.workshop.yaml", "container: coder, replicas: 2}", "container: coder, replicas: 3}")
    commit(history)
    said = run("diff", "HEAD~1..HEAD", "--stack", "workshop").stdout
    assert "| `us-west-2-proxy (DeploymentPatch)` | `spec.replicas` | 2 | 3 |" in said
    (history / "Pulumi.new.yaml").write_bytes((history / "Pulumi.workshop.yaml").read_bytes())
    commit(history)
    new = run("diff", "HEAD~1..HEAD", "--stack", "new").stdout
    assert "+  role: (not set)" in new
    assert "account `000000000000`" in new


def test_a_comment_is_no_longer_than_github_takes(run: Run, history: Path) -> None:
    (history / "Pulumi.new.yaml").write_bytes((history / "Pulumi.sandbox.yaml").read_bytes())
    commit(history)
    whole = run("diff", "HEAD~1..HEAD").stdout
    short = run("diff", "--most", "20000", "HEAD~1..HEAD").stdout
    assert len(whole.encode()) > 40_000
    assert len(short.encode()) <= 20_001
    assert short.count("<details>") == short.count("</details>") == short.count("```diff")
    assert "too long to show." in short
    assert whole[: whole.index("#### Settings")] == short[: short.index("#### Settings")]
    tiny = run("diff", "--most", "2000", "HEAD~1..HEAD").stdout
    assert len(tiny.encode()) <= 2_001
    assert "### Stack new" in tiny


def test_code_from_a_commit_stays_in_its_fence(run: Run, history: Path) -> None:
    evil = "```\\n</details> @team <img src=x>"
    edit(history, "Pulumi.sandbox.yaml", "node_role: coder-ohio-karpenter-node", f'node_role: "{evil}"')
    commit(history)
    assert "```\n</details> @team" not in run("diff", "HEAD~1..HEAD", "--stack", "sandbox").stdout
    folds = folded("a@b <b>", evil.replace("\\n", "\n"), "diff")
    assert folds.startswith("<details><summary><code>a@b &lt;b&gt;</code></summary>\n\n````diff\n```\n")
    assert folds.endswith("\n````\n\n</details>\n")


def test_what_was_wrong_before_is_not_held_against_the_change(run: Run, history: Path) -> None:
    edit(history, "zones/devcoder.io.yaml", "records: []", "records: 1")
    commit(history)
    (history / "README.md").write_text("x", "utf-8")
    commit(history)
    assert run("diff", "HEAD~2..HEAD", "--stack", "dns").exit_code == 1
    result = run("diff", "HEAD~1..HEAD", "--stack", "dns")
    assert result.exit_code == 0
    assert "The base gives no plan, so there is nothing to compare the plan with:\n\n1. `" in result.stdout


def test_text_from_a_commit_stays_text(run: Run, history: Path) -> None:
    evil = "<img src=x> [a](https://evil.example) @team `x` | y"
    edit(history, "Pulumi.sandbox.yaml", "  workshop:max_users: 60\n", f'  workshop:max_users: "{evil}"\n')
    commit(history)
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox")
    assert result.exit_code == 1
    assert "img src=x" in result.stdout
    assert live_in(result.stdout) == []


@pytest.mark.parametrize("commits", ["HEAD", "..HEAD", "nowhere..HEAD", "HEAD...HEAD", "--help..HEAD"])
def test_what_is_no_pair_of_commits_is_told(run: Run, history: Path, commits: str) -> None:
    result = run("diff", "--", commits)
    assert result.exit_code == 2
    assert "Could not run" in result.stdout
    assert "fatal" not in result.stdout


def test_a_rehearsal_of_the_change_stands_below_it(run: Run, history: Path) -> None:
    edit(history, "Pulumi.sandbox.yaml", "max_users: 60", "max_users: 70")
    commit(history)
    file = history / "rehearsal.json"
    file.write_text(verdict_json("sandbox", rehearsal(), judged(running=9)), encoding="utf-8")
    result = run("diff", "HEAD~1..HEAD", "--stack", "sandbox", "--rehearsal", str(file))
    assert result.exit_code == 0, result.output
    assert result.stdout.index("max_users") < result.stdout.index("### Rehearsal\n\n**Failed**: stack sandbox")
