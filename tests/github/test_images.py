"""Newer images are proposed every day, by a job that reaches no cloud, and never while the window is open."""

from __future__ import annotations

import base64
import os
import subprocess
from pathlib import Path

from tests.github.test_workflows import FOLDER, read


def test_whoever_proposes_images_reaches_no_cloud_and_whoever_looks_changes_nothing() -> None:
    workflow = read(FOLDER / "workflows" / "images.yaml")
    look, propose = workflow["jobs"]["look"], workflow["jobs"]["propose"]
    assert look["permissions"] == {"contents": "read", "id-token": "write"}
    assert look["environment"] == "preflight"
    assert "github.ref == 'refs/heads/main'" in look["if"]
    assert propose["permissions"] == {"contents": "write", "pull-requests": "write"}
    assert "environment" not in propose
    assert not any("workshop" in step.get("run", "").replace("Pulumi.workshop.yaml", "") for step in propose["steps"])


def test_images_are_proposed_by_the_commands_exit_codes_and_never_in_a_window(tmp_path: Path) -> None:
    """The step is run as it stands, with commands that stand in for ours."""
    workflow = read(FOLDER / "workflows" / "images.yaml")
    (step,) = [step for step in workflow["jobs"]["look"]["steps"] if step.get("id") == "look"]

    def ran(check: int, document: str, promote: int = 0) -> tuple[int, str]:
        folder = tmp_path / f"{check}-{promote}-{len(document)}"
        (folder / ".venv/bin").mkdir(parents=True)
        (folder / "images").mkdir()
        (folder / "images" / "workshop.yaml").write_text("a: 1\n")
        (folder / "Pulumi.workshop.yaml").write_text("a: 1\n")
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
        for arguments in (["init", "-q"], ["add", "Pulumi.workshop.yaml", "images"], ["commit", "-q", "-m", "a"]):
            subprocess.run([*git, *arguments], cwd=folder, check=True)
        stand_in = f"""#!/bin/bash
if [ "$4" = check ]; then echo '{document}'; echo table >"$9"; exit {check}; fi
echo "b: $8 $9 ${{10}}" >>Pulumi.workshop.yaml; exit {promote}
"""
        python = folder / ".venv/bin/python"
        python.write_text(stand_in)
        python.chmod(0o755)
        output = folder / "output"
        environment = {**os.environ, "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(folder)}
        command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        lines = output.read_text().splitlines() if output.exists() else []
        changes = [line.removeprefix("change=") for line in lines if line.startswith("change=")]
        return done.returncode, base64.b64decode("".join(changes)).decode()

    moved = '{"is_in_window": false, "images": [{"image": "coder-preview", "has_moved": true}]}'
    code, change = ran(1, moved)
    assert code == 0
    assert "+b: coder-preview --override schema-change" in change
    assert ran(1, moved.replace("false", "true")) == (0, "")
    assert ran(0, '{"is_in_window": false, "images": [{"image": "coder-preview", "has_moved": false}]}') == (0, "")
    assert ran(2, moved)[0] == 2
    assert ran(1, moved, promote=1)[0] == 0
    assert ran(1, moved, promote=2)[0] != 0
