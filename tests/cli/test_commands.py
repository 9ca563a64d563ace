"""What the commands say, save and end with, whoever carries them out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import FakeBackend, Run
from workshop.cli.sandbox_config import save_users
from workshop.cli.screen import Screen
from workshop.model.outcome import Change, Operation, Outcome, Violation

URN = "urn:pulumi:sandbox::workshop::"


def change(operation: Operation, name: str, *properties: str, kind: str = "aws:ecr/repository:Repository") -> Change:
    return Change(operation=operation, type=kind, name=name, urn=f"{URN}{kind}::{name}", properties=properties)


CHANGED = Outcome(
    changes=(
        change("create", "base"),
        change("create", "claude"),
        change("update", "pool", "spec.limits.cpu", kind="kubernetes:karpenter.sh/v1:NodePool"),
        change("same", "dns", kind="cloudflare:index/dnsRecord:DnsRecord"),
    ),
    applied=True,
)
REFUSED = Outcome(
    violations=(
        Violation(policy="storage-headroom", resource="class", message="class: the volume is too small: set 224Gi"),
        Violation(policy="taste", resource="pool", message="pool: could be tidier", is_mandatory=False),
    )
)
FAILED = Outcome(error="Repository base: create failed: no", applied=True)


def test_the_first_line_says_which_stack_and_account(run: Run) -> None:
    result = run("plan", "--users", "20")
    assert result.stdout.splitlines()[0] == "Stack sandbox (simulated on this machine), account 123456789012"


def test_the_plan_has_a_row_for_each_region(run: Run) -> None:
    result = run("plan", "--users", "20")
    assert result.exit_code == 0
    assert "Plan for 20 users (before: none)." in result.stdout
    assert "us-east-2   10      4       3 " in result.stdout
    assert "ai.coder.com, *.ai.coder.com" in result.stdout
    assert "LiteLLM 6" in result.stdout
    assert max(map(len, result.output.splitlines())) <= 80


def test_a_refused_plan_shows_its_sizes_all_the_same(run: Run) -> None:
    """What nobody has set yet is no reason to hide what a number of users takes."""
    result = run("plan", "--users", "20", "--stack", "workshop")
    assert result.exit_code == 1
    assert "[rules/settings-complete] workshop:account" in result.stdout
    assert "us-east-2   10      4       3 " in result.stdout


def test_up_leads_with_the_answer_and_ends_with_what_to_do_next(run: Run, fake: FakeBackend) -> None:
    fake.outcome = CHANGED
    result = run("up", "--users", "20")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[1] == "Ready for 20 users (before: none): 2 created, 1 updated, 1 unchanged."
    assert "create   2 Repository (aws): base, claude" in lines
    assert "update   1 NodePool (kubernetes): pool (spec.limits.cpu)" in lines
    assert lines[-5:] == [
        "Next:",
        "    scripts/workshop outputs",
        "",
        "After the workshop:",
        "    scripts/workshop destroy",
    ]
    assert max(map(len, lines)) <= 80


def test_what_is_adopted_counts_once(run: Run, fake: FakeBackend) -> None:
    fake.outcome = Outcome(changes=(change("import", "base"), change("update", "base", "tags")), applied=True)
    result = run("up", "--users", "20")
    assert "Ready for 20 users (before: none): 1 adopted." in result.stdout
    assert "adopt    1 Repository (aws): base (tags)" in result.stdout.splitlines()
    assert json.loads(run("up", "--users", "20", "--json").stdout)["changes"]["import"] == 1


def test_advice_comes_after_the_tables(run: Run, fake: FakeBackend) -> None:
    fake.outcome = Outcome(violations=(Violation(policy="taste", resource="p", message="x", is_mandatory=False),))
    result = run("up", "--users", "20")
    assert result.exit_code == 0
    assert result.stdout.index("us-east-2") < result.stdout.index("Advice: [taste] p: x")


@pytest.mark.parametrize(
    "kind",
    ["workshop:components:DnsRecords", "pulumi:providers:aws", "pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"],
)
def test_components_and_providers_are_neither_counted_nor_listed(run: Run, fake: FakeBackend, kind: str) -> None:
    grouping = change("update", "group", kind=kind)
    fake.outcome = fake.previewed = Outcome(changes=(grouping, change("same", "dns")), applied=True)
    result = run("up", "--users", "20")
    assert "Ready for 20 users (before: none): 1 resource up to date." in result.stdout
    assert "group" not in result.stdout
    assert "No changes for 20 users (before: none): 1 resource up to date." in run("preview", "--users", "20").stdout
    for command in ("up", "preview"):
        document = json.loads(run(command, "--users", "20", "--json").stdout)
        assert (document["changes"]["update"], document["changes"]["same"], document["steps"]) == (0, 1, [])


def test_previous_and_new_users_are_both_shown(run: Run, fake: FakeBackend) -> None:
    save_users("sandbox", 20)
    fake.outcome = CHANGED
    assert "Ready for 30 users (before: 20)" in run("up", "--users", "30").stdout
    assert "Ready for 20 users:" in run("up").stdout


def test_nothing_to_change_is_said_so(run: Run, fake: FakeBackend) -> None:
    fake.outcome = fake.previewed = Outcome(changes=(change("same", "dns"),))
    assert "1 resource up to date" in run("up", "--users", "20").stdout
    assert "No changes for 20 users" in run("preview", "--users", "20").stdout


def test_a_preview_counts_what_would_change(run: Run, fake: FakeBackend) -> None:
    fake.previewed = CHANGED
    result = run("preview", "--users", "20")
    assert result.exit_code == 0
    assert "3 to change for 20 users (before: none): 2 to create, 1 to update, 1 unchanged." in result.stdout
    assert fake.asked == ["preview"]


@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_refusal_gives_every_reason_and_exit_code_1(run: Run, fake: FakeBackend, command: str) -> None:
    fake.outcome = fake.previewed = REFUSED
    result = run(command, "--users", "20")
    assert result.exit_code == 1
    assert "Refused for 20 users (before: none): 1 reason; nothing was changed." in result.stdout
    assert "1. [storage-headroom] class: the volume is too small: set 224Gi" in result.stdout
    assert "Advice" not in result.stdout
    assert "Next:" not in result.stdout


def test_a_failure_says_that_going_on_is_possible(run: Run, fake: FakeBackend) -> None:
    fake.outcome = FAILED
    result = run("up", "--users", "20")
    assert result.exit_code == 2
    said = " ".join(result.stdout.split())
    assert "Could not run: Repository base: create failed: no. The changes made until then are in place" in said


def test_what_to_do_after_a_failure_is_said_once(run: Run, fake: FakeBackend) -> None:
    fake.outcome = Outcome(error="stopped before Pod a; run the same command to continue", applied=True)
    said = " ".join(run("up", "--users", "20").stdout.split())
    assert "run the same command to continue. The changes made until then are in place." in said
    assert said.count("same command") == 1


def test_destroy_lists_what_stays(run: Run, fake: FakeBackend) -> None:
    save_users("sandbox", 20)
    replicas = change("delete", "coder-replicas", kind="kubernetes:apps/v1:DeploymentPatch")
    fake.outcome = Outcome(changes=(change("delete", "pool"), replicas, change("same", "base")), applied=True)
    fake.state = (
        {"type": "aws:ecr/repository:Repository", "urn": f"{URN}::base", "custom": True, "protect": True},
        {"type": replicas.type, "urn": replicas.urn, "custom": True, "retainOnDelete": True},
    )
    result = run("destroy")
    assert result.exit_code == 0
    assert "Released: 1 deleted, 2 retained." in result.stdout
    _, _, retained = result.stdout.partition("Retained, protected:\n")
    protected, _, released = retained.partition("Retained unchanged, no longer managed:\n")
    assert protected == "  1 Repository (aws): base\n\n"
    assert released.startswith("  1 DeploymentPatch (kubernetes): coder-replicas\n")
    assert result.stdout.count("coder-replicas") == 1
    assert "To take it all up again:\n    scripts/workshop up --users 20\n" in result.stdout
    document = json.loads(run("destroy", "--json").stdout)
    assert document["changes"]["delete"] == len(document["steps"]) == 1
    assert document["changes"]["retain"] == sum(not each["is_protected"] for each in document["retained"]) == 1


def test_outputs_are_shown(run: Run, fake: FakeBackend) -> None:
    save_users("sandbox", 20)
    fake.exported = {"regions": {"us": {"users": 20}}, "hosts": ["ai.coder.com"], "note": "a[b]"}
    result = run("outputs")
    assert result.exit_code == 0
    assert result.stdout.endswith("\nhosts: [ai.coder.com]\nnote: a[b]\nregions:\n  us: {users: 20}\n")
    assert json.loads(run("outputs", "--json").stdout)["outputs"] == fake.exported


def test_json_has_the_same_facts_and_nothing_else_on_standard_output(run: Run, fake: FakeBackend) -> None:
    fake.outcome = CHANGED
    result = run("up", "--users", "20", "--json")
    document = json.loads(result.stdout)
    assert document["plan"]["litellm"] == 6
    assert document["plan"]["regions"]["us-east-2"]["nodes"]["volume_gib"] == 224
    assert document["changes"] == {
        "create": 2,
        "update": 1,
        "replace": 0,
        "delete": 0,
        "import": 0,
        "same": 1,
        "retain": 0,
    }
    assert [step["name"] for step in document["steps"]] == ["base", "claude", "pool"]
    assert document["violations"] == []
    assert (document["users"], document["previous_users"], document["exit_code"]) == (20, None, 0)
    assert "Stack sandbox" in result.stderr


def test_json_of_a_refusal(run: Run, fake: FakeBackend) -> None:
    fake.outcome = REFUSED
    result = run("up", "--users", "20", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["violations"][0] == {
        "policy": "storage-headroom",
        "resource": "class",
        "message": "class: the volume is too small: set 224Gi",
        "is_mandatory": True,
        "is_judged": True,
    }


def test_json_of_what_could_not_run(run: Run) -> None:
    result = run("plan", "--stack", "nowhere", "--json")
    assert result.exit_code == 2
    assert "There is no stack nowhere" in json.loads(result.stdout)["error"]


class TestConfirmation:
    """On a real stack a person sees what would change and says yes."""

    @pytest.fixture
    def real(self, fake: FakeBackend, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
        monkeypatch.setattr(Screen, "can_ask", property(lambda screen: not screen.as_json))
        fake.asks = True
        fake.state = ({"type": "aws:ecr/repository:Repository", "urn": f"{URN}::base", "custom": True},)
        fake.previewed = CHANGED
        fake.outcome = CHANGED
        return fake

    @pytest.mark.parametrize("typed", ["y\n", "yes\n", " YES \n"])
    def test_yes_goes_ahead(self, run: Run, real: FakeBackend, typed: str) -> None:
        result = run("up", "--users", "20", typed=typed)
        assert result.exit_code == 0
        assert "3 to change for 20 users" in result.stdout
        assert real.asked == ["preview", "up"]

    @pytest.mark.parametrize("typed", ["", "\n", "n\n", "yeah\n"])
    def test_anything_else_declines(self, run: Run, real: FakeBackend, typed: str) -> None:
        result = run("up", "--users", "20", typed=typed)
        assert result.exit_code == 1
        assert "Declined: nothing was changed." in result.stdout
        assert real.asked == ["preview"]

    def test_what_is_refused_is_not_asked_about(self, run: Run, real: FakeBackend) -> None:
        real.previewed = REFUSED
        result = run("up", "--users", "20", typed="y\n")
        assert result.exit_code == 1
        assert real.asked == ["preview"]
        assert "[y/N]" not in result.output

    def test_yes_as_an_option_answers_in_advance(self, run: Run, real: FakeBackend) -> None:
        assert run("up", "--users", "20", "--yes").exit_code == 0
        assert real.asked == ["preview", "up"]

    @pytest.mark.parametrize("command", [("up", "--users", "20"), ("destroy",)])
    def test_where_nobody_can_be_asked_it_does_not_run(self, run: Run, real: FakeBackend, command: tuple[str]) -> None:
        save_users("sandbox", 20)
        result = run(*command, "--json", typed="y\n")
        assert result.exit_code == 2
        assert "add --yes" in json.loads(result.stdout)["error"]
        assert real.asked == []

    def test_destroy_shows_its_own_preview(self, run: Run, real: FakeBackend) -> None:
        save_users("sandbox", 20)
        assert run("destroy", typed="y\n").exit_code == 0
        assert real.asked == ["preview_destroy", "destroy"]


def test_nothing_is_written_by_commands_that_only_look(run: Run, fake: FakeBackend, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    fake.previewed = CHANGED
    for command in ("plan", "preview"):
        assert run(command, "--users", "20").exit_code == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
