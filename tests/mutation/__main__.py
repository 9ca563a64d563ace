"""Runs every mutant of the files that are named (all, if none) against the tests that mirror its file."""

from __future__ import annotations

import argparse
import ast
import importlib
import os
import re
import resource
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

from benchmarks.arguments import count
from tests.mutation.mirrors import KEYWORDS, LEFT_OUT, MIRRORS, OF_FOLDERS, PACKAGES
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.reasons import REASONS

ROOT = Path(__file__).resolve().parents[2]
SDKS = (
    "pulumi_aws.ecr",
    "pulumi_aws.iam",
    "pulumi_aws.secretsmanager",
    "pulumi_cloudflare",
    "pulumi_kubernetes.apiextensions",
    "pulumi_kubernetes.apps.v1",
    "pulumi_kubernetes.batch.v1",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.rbac.v1",
)
CLIENTS = ("boto3", "botocore.config", "httpx", "lightkube", "lightkube.resources.batch_v1", "dns.resolver", "syrupy")
PRELOADED = ("grpc", "hypothesis", "pulumi", "pulumi_policy.deserialize", "pydantic", "yaml")
MODEL = (
    "workshop.model.outcome",
    "workshop.model.preflight.record",
    "workshop.model.rotation",
    "workshop.model.rules.judgement",
    "workshop.model.settings.config",
)
PRELOADED_FOR = {
    "policies/": MODEL,
    "components/": (*MODEL, *SDKS),
    "workshop/observe/": (*MODEL, *SDKS, *CLIENTS),
    "workshop/program/": (*MODEL, *SDKS, *CLIENTS, "tests.components.rotation_examples", "tests.components.examples"),
    "workshop/rotation/": (*MODEL, *CLIENTS),
    "workshop/checks/": (*MODEL, *CLIENTS, "workshop.dns.check", "workshop.observe.live_cluster"),
}
"""Imported once, not once a mutant, before the first file of a package: nothing in them imports what is mutated."""


LEAST_PERCENT = 95
CPU_SECONDS, SECONDS = 30, 300
"""After which a mutant that never ends is ended, and counts as noticed."""


class MutantLoader(SourceFileLoader):
    """Loads a module from a mutated tree."""

    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


class MutantFinder:
    """Puts the mutant in its module's place."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        self._name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._path = str(ROOT / file)
        self._tree = tree

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        return spec_from_file_location(name, self._path, loader=MutantLoader(name, self._path, self._tree))


def tests_of(file: str) -> list[str]:
    """Arguments by which pytest runs the tests that judge a file's mutants; none where nothing mirrors it."""
    path = Path(file.removeprefix("workshop/"))
    own = (f"{path.parent}/test_{path.stem}", *(("checks/test_words",) if path.parts[0] == "checks" else ()))
    folder = next((OF_FOLDERS[str(each)] for each in Path(file).parents if str(each) in OF_FOLDERS), ())
    is_mirrored = (ROOT / "tests" / f"{own[0]}.py").exists()
    found = [ROOT / "tests" / f"{mirror}.py" for mirror in MIRRORS.get(file, own if is_mirrored else folder)]
    kinds = re.findall(r"^class (\w+)\(Component\)", (ROOT / file).read_text("utf-8"), re.MULTILINE)
    keyword = KEYWORDS.get(file, " or ".join(kinds))
    return [*(str(path) for path in found if path.exists()), *(("-k", keyword) if keyword else ())]


def start(file: str, mutant: Mutant, tests: Sequence[str]) -> int:
    """Runs the tests on the mutant in a process forked for it, and answers its id."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        signal.alarm(SECONDS)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        sys.meta_path.insert(0, MutantFinder(file, mutant.tree))  # pyright: ignore[reportArgumentType] duck-typed
        os._exit(int(pytest.main(["-x", "-q", "--tb=no", "--assert=plain", "-p", "no:cacheprovider", *tests])))
    return child


def survivors(file: str, found: Sequence[Mutant], tests: Sequence[str]) -> list[Mutant]:
    """Mutants on which the tests pass, as many processes at a time as this one may use cores (taskset gives fewer)."""
    alive: list[Mutant] = []
    running: dict[int, Mutant] = {}
    for mutant in (*found, None):
        while running and (mutant is None or len(running) >= len(os.sched_getaffinity(0))):
            child, status = os.wait()
            judged = running.pop(child)
            if status == 0:
                alive.append(judged)
        if mutant is not None:
            running[start(file, mutant, tests)] = mutant
    return sorted(alive, key=lambda mutant: mutant.line)


def preload(modules: Sequence[str]) -> None:
    """Imports modules into this process, and so into those forked from it."""
    for name in modules:
        importlib.import_module(name)


def chosen_files(named: Sequence[str]) -> list[str]:
    """The files to mutate, in the order in which packages import each other: what they share is imported once."""
    every = [str(path.relative_to(ROOT)) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
    return sorted(named, key=every.index) if named else every


def main(arguments: Sequence[str]) -> int:
    """Prints survivors and the score by file; 1 where it is too low."""
    parser = argparse.ArgumentParser(prog="scripts/mutation")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--every", type=count, default=1, metavar="N", help="only each Nth mutant, as a sample")
    asked = parser.parse_args(arguments)
    preload(PRELOADED)
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    total = alive = 0
    for file in chosen_files(asked.files):
        preload(next((names for package, names in PRELOADED_FOR.items() if file.startswith(package)), ()))
        tests = tests_of(file)
        if file in LEFT_OUT or not tests:
            sys.stdout.write(f"{file}: left out ({LEFT_OUT.get(file, 'no test mirrors it')})\n")
            continue
        source = (ROOT / file).read_text("utf-8")
        found = list(mutants(source))[:: asked.every]
        if not found:
            continue
        if not survivors(file, [Mutant(line=0, fault="none", tree=ast.parse(source))], tests):
            sys.stdout.write(f"{file}: its tests fail without any mutant\n")
            return 1
        living = survivors(file, found, tests)
        total, alive = total + len(found), alive + len(living)
        sys.stdout.write(f"{file}: {len(found) - len(living)} of {len(found)} noticed\n")
        for mutant in living:
            line = source.splitlines()[mutant.line - 1].strip()
            reason = REASONS.get((file, line, mutant.fault), "no test notices it")
            sys.stdout.write(f"  survives: {file}:{mutant.line} {mutant.fault} ({reason})\n")
        sys.stdout.flush()
    percent = 100 * (total - alive) / total if total else 100
    sys.stdout.write(f"score {percent:.1f} % ({total - alive} of {total})\n")
    return 0 if percent >= LEAST_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
