"""Runs every mutant of the files that are named (all, if none) against the tests that mirror its file."""

from __future__ import annotations

import ast
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.metadata import entry_points
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = ("grpc", "hypothesis", "pulumi", "pulumi_policy.deserialize", "pydantic", "yaml")
PRELOADED_FOR_POLICIES = ("workshop.model.rules", "workshop.model.stack_config")
"""Imported once, not once a mutant; nothing in the model imports a policy."""
MIRRORS = {
    "policies/node_classes.py": ("ephemeral_device", "storage_headroom", "density"),
    "policies/node_pools.py": ("node_requirements",),
    "policies/policy.py": ("crossguard",),
    "policies/pool_cost.py": ("spend_ceiling", "spend_estimate"),
    "policies/pool_limits.py": ("node_requirements",),
    "policies/workspaces.py": ("storage_headroom", "density"),
}
"""Files whose tests have other names: what several policies share is tested through them."""
LEFT_OUT = {
    "policies/__init__.py": "empty",
    "policies/__main__.py": "runs in a process of its own (test_process.py)",
    "policies/stack.py": "runs in a process of its own (test_process.py)",
    "policies/testing.py": "the harness: a fault in it fails every test",
    "policies/well_known_labels.py": "a list of names",
}
LEAST_PERCENT = 95
SECONDS = 60


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
        self._name = file.removesuffix(".py").replace("/", ".")
        self._path = str(ROOT / file)
        self._tree = tree

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        return spec_from_file_location(name, self._path, loader=MutantLoader(name, self._path, self._tree))


def tests_of(file: str) -> list[str]:
    """Paths of the tests that judge a file's mutants; none where nothing mirrors it."""
    room = "policies" if file.startswith("policies/") else "model"
    names = MIRRORS.get(file, (Path(file).stem,))
    found = [ROOT / "tests" / room / f"test_{name}.py" for name in names]
    return [str(path) for path in found if path.exists()]


def start(file: str, mutant: Mutant, tests: Sequence[str]) -> int:
    """Runs the tests on the mutant in a process forked for it, and answers its id."""
    child = os.fork()
    if child == 0:
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


def main(files: Sequence[str]) -> int:
    """Prints survivors and the score by file; 1 where it is too low."""
    preload(PRELOADED)
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    chosen = files or [
        str(path.relative_to(ROOT)) for room in ("workshop/model", "policies") for path in (ROOT / room).rglob("*.py")
    ]
    total = alive = 0
    for file in sorted(chosen, reverse=True):
        if file.startswith("policies/"):
            preload(PRELOADED_FOR_POLICIES)
        tests = tests_of(file)
        if file in LEFT_OUT or not tests:
            sys.stdout.write(f"{file}: left out ({LEFT_OUT.get(file, 'no test mirrors it')})\n")
            continue
        source = (ROOT / file).read_text("utf-8")
        if not survivors(file, [Mutant(line=0, fault="none", tree=ast.parse(source))], tests):
            sys.stdout.write(f"{file}: its tests fail without any mutant\n")
            return 1
        found = list(mutants(source))
        living = survivors(file, found, tests)
        total, alive = total + len(found), alive + len(living)
        sys.stdout.write(f"{file}: {len(found) - len(living)} of {len(found)} noticed\n")
        for mutant in living:
            sys.stdout.write(f"  survives: {file}:{mutant.line} {mutant.fault}\n")
        sys.stdout.flush()
    percent = 100 * (total - alive) / total if total else 100
    sys.stdout.write(f"score {percent:.1f} % ({total - alive} of {total})\n")
    return 0 if percent >= LEAST_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
