"""What the image is made of is enough to run every entry point, and is what is tested."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.model.given import ROOT
from workshop.event.__main__ import COMMANDS as EVENT_COMMANDS
from workshop.rotation.__main__ import COMMANDS

ASKED = {
    *("boto3", "httpx", "lightkube", "pydantic", "pyyaml"),
    *("alembic", "httpx2", "psycopg[binary]", "sqlalchemy", "wsproto"),
    *("icalendar", "jinja2", "dnspython", "prometheus-client", "python-multipart", "starlette", "uvicorn"),
}


@cache
def locked(file: str) -> dict[str, str]:
    """Versions by name."""
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / file).read_text("utf-8"), re.MULTILINE))


def run_with(packages: set[str], program: str) -> subprocess.CompletedProcess[str]:
    """Runs a program to which only the standard library, these packages and what the image copies are there."""
    guard = f"""
import sys
from importlib.metadata import packages_distributions
allowed = {packages!r}
known = {{top: {{name.lower().replace("_", "-") for name in names}} for top, names in packages_distributions().items()}}
class Guard:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or known.get(top, set()) & allowed:
            return None
        names = ("entry_point", "model", "rotation", "event", "warm", "images", "exporter", "checks", "dns", "observe")
        ours = tuple(f"workshop.{{one}}" for one in names)
        if top == "workshop" and not name.startswith(ours) and name != top:
            raise ModuleNotFoundError(f"{{name}} is not in the image")
        if top in known and top != "workshop":
            raise ModuleNotFoundError(f"{{name}} is not in the image")
sys.meta_path.insert(0, Guard())
sys.argv = ["workshop.rotation"]
"""
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "AWS_DEFAULT_REGION": "us-east-2"}
    return subprocess.run(
        [sys.executable, "-P", "-c", guard + program],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


EVERYTHING = """
import importlib, pkgutil
import workshop.model, workshop.rotation
for package in (workshop.model, workshop.rotation):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
from workshop.model.rotation import StoredKey
from workshop.rotation.stored_key import KeyStore
KeyStore(StoredKey(name="a", region="us-east-2"))
from workshop.rotation.__main__ import COMMANDS, main
print(*COMMANDS, *(main([command, "{}"]) for command in COMMANDS if command != "none"))
"""
OF_AN_EVENT = """
import importlib, pkgutil
import workshop.event
for module in pkgutil.walk_packages(workshop.event.__path__, "workshop.event."):
    if ".migrations." not in module.name:  # run by Alembic alone
        importlib.import_module(module.name)
from workshop.event.store.database import open_store
open_store("sqlite://").dispose()
from workshop.event.__main__ import COMMANDS, main
print(*COMMANDS, *(main([command, "{}"]) for command in COMMANDS))
"""
OF_WARM_NODES = """
from workshop.warm.__main__ import main
print(main(["up", "{}"]), main(["stay", "0"]))
"""
OF_IMAGES = """
from workshop.images.__main__ import main
print(main(["mirror", "{}"]))
"""
OF_THE_EXPORTER = """
from workshop.exporter.__main__ import main
print(main(["export", "{}"]))
"""


def test_every_entry_point_runs_on_what_is_locked() -> None:
    done = run_with(set(locked("requirements-jobs.txt")), EVERYTHING)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*COMMANDS, *("2" for _ in COMMANDS)]


def test_every_entry_point_of_an_event_runs_on_it_too() -> None:
    done = run_with(set(locked("requirements-jobs.txt")), OF_AN_EVENT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [*EVENT_COMMANDS, *("2" for _ in EVENT_COMMANDS)]


def test_what_makes_nodes_ready_runs_on_it_too() -> None:
    done = run_with(set(locked("requirements-jobs.txt")), OF_WARM_NODES)
    assert done.stdout.split()[-2:] == ["2", "0"], done.stderr


def test_what_mirrors_images_runs_on_it_too() -> None:
    done = run_with(set(locked("requirements-jobs.txt")), OF_IMAGES)
    assert done.stdout.split() == ["2"], done.stderr


def test_the_exporter_runs_on_it_too() -> None:
    done = run_with(set(locked("requirements-jobs.txt")), OF_THE_EXPORTER)
    assert done.stdout.split() == ["2"], done.stderr


@pytest.mark.parametrize("package", ["boto3", "httpx", "pydantic"])
def test_without_one_of_them_it_does_not(package: str) -> None:
    assert "is not in the image" in run_with(set(locked("requirements-jobs.txt")) - {package}, EVERYTHING).stderr


def test_five_packages_are_asked_for() -> None:
    lines = (ROOT / "requirements-jobs.in").read_text("utf-8").splitlines()
    assert {line for line in lines if line and not line.startswith(("#", "-c"))} == ASKED


def test_their_versions_are_those_that_are_tested() -> None:
    tested = locked("requirements.txt")
    assert {name: tested.get(name) for name in locked("requirements-jobs.txt")} == locked("requirements-jobs.txt")


def test_the_image_takes_wheels_by_hash_and_no_other_code() -> None:
    text = (ROOT / "Containerfile").read_text("utf-8")
    build, install = re.findall(r"^RUN .*(?:\\\n.*)*", text, re.MULTILINE)
    assert "-mod=readonly" in build
    assert "--only-binary :all: --no-deps --require-hashes -r /tmp/requirements.txt" in install
    assert re.findall(r"^COPY (\S+)", text, re.MULTILINE) == [
        "mirror",
        "--from=regctl",
        "requirements-jobs.txt",
        "workshop/__init__.py",
        "workshop/entry_point.py",
        "workshop/model",
        "workshop/rotation",
        "workshop/event",
        "workshop/warm",
        "workshop/images",
        "workshop/exporter",
        "workshop/checks",
        "workshop/dns",
        "workshop/observe",
    ]


def test_its_bill_of_materials_is_its_lock() -> None:
    done = subprocess.run([sys.executable, "scripts/sbom"], cwd=ROOT, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert {one["name"]: one["version"] for one in document["components"]} == locked("requirements-jobs.txt")
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in document["components"])
    needs = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    assert {name.removeprefix("pkg:pypi/").partition("@")[0] for name in needs["ai-coder-workshop"]} == {
        name.partition("[")[0] for name in ASKED
    }
    reached = {reference for needed in needs.values() for reference in needed}
    assert reached == {one["purl"] for one in document["components"]}


def build(path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [shutil.which("bash") or "bash", "scripts/image", *arguments]
    return subprocess.run(command, cwd=ROOT, env={"PATH": path}, capture_output=True, text=True, check=False)


def test_whichever_builder_is_here_builds_it(tmp_path: Path) -> None:
    base, go = f"docker.io/library/python@sha256:{'0' * 64}", f"docker.io/library/golang@sha256:{'1' * 64}"
    for name, program in (
        ("dirname", shutil.which("dirname")),
        ("bash", shutil.which("bash")),
        ("python3", sys.executable),
    ):
        (tmp_path / name).symlink_to(program or "")
    assert build(str(tmp_path), base, go, "image:1").returncode == 3
    builder = tmp_path / "podman"
    builder.write_text("#!/bin/bash\necho built with $*\n", "utf-8")
    builder.chmod(0o755)
    done = build(str(tmp_path), base, go, "image:1")
    arguments = f"--build-arg BASE={base} --build-arg GO_BASE={go}"
    assert done.stderr == f"built with build -f Containerfile {arguments} -t image:1 .\n"
    assert json.loads(done.stdout)["bomFormat"] == "CycloneDX"


def test_a_base_without_a_digest_is_not_taken() -> None:
    pinned = f"python@sha256:{'0' * 64}"
    assert build("/usr/bin:/bin", "python:3.13", pinned, "image:1").returncode == 2
    assert build("/usr/bin:/bin", pinned, "golang:1.26", "image:1").returncode == 2
