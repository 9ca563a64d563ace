"""docs/policies: a page for each policy, written from its metadata. `python -m policies.pack.pages` writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from policies.framework.policy import Policy
from policies.pack.catalog import with_exemptions
from policies.pack.exemptions import Ledger

BY_HAND = "kinds.md"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "policies"


def pages() -> Mapping[str, str]:
    """The text of every page by its file's name."""
    policies = with_exemptions(Ledger((), date.min))
    return {"README.md": _overview(policies), **{f"{policy.id}.md": page(policy) for policy in policies}}


def page(policy: Policy) -> str:
    """Why, when it refuses, how to fix it, what can be configured, and where it comes from."""
    level = "Mandatory: a violation stops preview and up." if policy.is_mandatory else "Advisory: it stops nothing."
    judged = [
        *(["each resource by its declared inputs, before it is touched"] if policy.applies_to else []),
        *(["the stack as a whole"] if policy.judges_stack else []),
    ]
    lines = [
        f"# {policy.id}",
        "",
        policy.title,
        "",
        f"{level} Severity {policy.severity}. It judges {', and '.join(judged)}.",
        "",
        "## Why",
        "",
        f"A violation means that {policy.why}.",
        "",
        "## When it refuses",
        "",
        _docstring(policy),
        "",
        "A value that is unknown before the change, missing, of the wrong type or empty is refused too, by its path.",
        "",
        "## How to fix it",
        "",
        policy.fix,
        "",
        "## Configuration",
        "",
        *_options(policy),
        "",
        "## Source",
        "",
        f"{policy.source}.",
    ]
    return "\n".join(lines) + "\n"


def _docstring(policy: Policy) -> str:
    parts = [
        policy.judge.__doc__ if policy.applies_to else None,
        policy.judge_stack.__doc__ if policy.judges_stack else None,
    ]
    return "\n\n".join(" ".join(part.split()) for part in parts if part)


def _options(policy: Policy) -> list[str]:
    if not policy.options:
        return ["None."]
    rows = [
        f"| `{name}` | {option.schema['description']} | `{json.dumps(option.default)}` |"
        for name, option in policy.options.items()
    ]
    return ["| option | meaning | default |", "|---|---|---|", *rows]


def _overview(policies: tuple[Policy, ...]) -> str:
    rows = [
        f"| [{policy.id}]({policy.id}.md) | {policy.title} | {'mandatory' if policy.is_mandatory else 'advisory'} |"
        for policy in policies
    ]
    lines = [
        "# Policies",
        "",
        "The pack judges what a program declares, in a process of its own and without trusting the program. In this",
        "project the stack's settings give a plan, which is asked only what is missing or too small; in any other",
        "project the pack judges by what holds everywhere and by its configuration:",
        "",
        "    pulumi preview --policy-pack policies --policy-pack-config policies.json",
        "",
        "Violations that somebody answers for, for a time, stand in `policies/exemptions.yaml`.",
        "",
        "Judging 1,000 resources takes 0.5 s of CPU in process and 2.8 s over gRPC, one call a resource as Pulumi",
        "makes them (`scripts/bench-policies`). `scripts/hostile-policies` judges",
        "10,000 random and hostile resources in three ways each; `scripts/mutation` says how many small faults in the",
        "policies their own tests notice. Whole incidents are replayed in `tests/incidents`. [Testing](../testing.md)",
        "has the commands, the figures and how another project tests policies with the same harness.",
        "",
        "| policy | what holds | level |",
        "|---|---|---|",
        *rows,
        "",
        "[Kinds of mistakes](kinds.md) lists what is refused, by example, and where. All other pages are written by",
        "`scripts/policy-docs`.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes every page, and removes those of policies that are gone; what is written by hand stays."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    written = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in (*written, BY_HAND):
            file.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
