"""Where the parts of a control plane come from: where Kubernetes' tools keep them, our cache, or a build with Go."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

from workshop.sandbox.files import locked
from workshop.sandbox.paths import CHECKOUT
from workshop.sandbox.problem import SandboxProblem

Program: TypeAlias = Literal["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]
"""A subcommand of controlplane that also exists as a program of that name."""

Own: TypeAlias = Literal["karpenter", "kubelet", "crds"]
"""One that is controlplane's alone: whatever else has that name does something else. crds prints Karpenter's CRDs."""

Part: TypeAlias = Program | Own

Commands: TypeAlias = Mapping[Part, tuple[str, ...]]
"""How each part is started."""

Say: TypeAlias = Callable[[str], None]

SOURCE: Final = CHECKOUT / "controlplane"
_PROGRAM: Final = "controlplane"
_PACKAGES: Final = (".", "karpenter", "kubelet")
"""That it is made of; others in SOURCE are programs of their own."""

_ON_AWS: Final = "karpenteraws"
_ON_AWS_PACKAGES: Final = (_ON_AWS, "karpenter")
_ON_AWS_BUILT_IN: Final = "about 5 minutes on 2 cores, 5 GB of disk while it builds, 0.1 GB after"
_BUILT_IN: Final = "about 6 minutes on 2 cores, 6 GB of disk while it builds, 1.4 GB after"


def commands(say: Say = lambda _: None) -> Commands:
    """Finds every part, and builds controlplane where one is missing.

    say: hears what is going on. Raises SandboxProblem where Go is missing or the build fails.
    """
    found = find()
    if found is None:
        build(say)
        found = find()
    if found is None:
        raise SandboxProblem(f"{cached()} was built and is gone again: who empties {cached().parent}?")
    return found


def find() -> Commands | None:
    """Every part as it is at hand, or None where one is missing; nothing is built."""
    program = _executable(_PROGRAM) or (cached() if os.access(cached(), os.X_OK) else None)
    if program is None:
        return None  # without it there are no CRDs
    found: dict[Part, tuple[str, ...]] = {part: (str(program), part) for part in get_args(Own)}
    for part in get_args(Program):
        other = _executable(part)
        found[part] = (str(program), part) if other is None else (str(other),)
    return found


def cached() -> Path:
    """The binary that this checkout's controlplane/ builds; another source is another binary."""
    return _kept(_PROGRAM, _PACKAGES)


def _kept(program: str, packages: tuple[str, ...]) -> Path:
    digest = hashlib.sha256()
    files = sorted(file for package in packages for file in (SOURCE / package).glob("*.go"))  # tests too
    for file in (SOURCE / "go.mod", SOURCE / "go.sum", *files):
        digest.update(f"{file.relative_to(SOURCE)}\n".encode() + file.read_bytes())
    return cache_folder() / f"{program}-{digest.hexdigest()[:16]}"


def karpenter_on_aws(say: Say = lambda _: None) -> Path:
    """Karpenter with its AWS provider, a program of its own; built where it is missing. Raises SandboxProblem."""
    found = find_karpenter_on_aws()
    if found is None:
        found = _kept(_ON_AWS, _ON_AWS_PACKAGES)
        say(f"building Karpenter with its AWS provider ({_ON_AWS_BUILT_IN}); this is done once")
        _build(found, f"./{_ON_AWS}", say)
    return found


def find_karpenter_on_aws() -> Path | None:
    """As it is at hand, or None; nothing is built."""
    kept = _kept(_ON_AWS, _ON_AWS_PACKAGES)
    return _executable(_ON_AWS) or (kept if os.access(kept, os.X_OK) else None)


def build(say: Say) -> None:
    """Builds controlplane into the cache, where its own tests pass; what the Go compiler kept on the way is dropped.

    Raises SandboxProblem.
    """
    if find() is None:
        say(f"building the control plane ({_BUILT_IN}); this is done once")
        _build(cached(), ".", say, tests=("./kubelet", "./karpenter"))


def _build(target: Path, package: str, say: Say, tests: tuple[str, ...] = ()) -> None:
    go = shutil.which("go")
    if go is None:
        raise SandboxProblem(
            "real API servers need a program that is built once, and Go (1.26 or newer), which builds it, is missing: "
            f"install Go ({_go_install()}) and run this again, or copy {target.name} from the cache of a machine of "
            f"this kind to {target.parent}, or set KUBEBUILDER_ASSETS to a folder that holds "
            f"{target.name.rpartition('-')[0]}; without it the sandbox's clusters are folders of manifests, which is "
            "the default"
        )
    folder = cache_folder()
    with locked(folder / "build.lock"):
        if target.exists():
            return
        workspace = folder / "build"
        environment = {"GOCACHE": str(workspace / "go-cache"), **os.environ, "CGO_ENABLED": "0"}
        unfinished = workspace / target.name
        packages = _list_packages(go, package, environment, say)
        _compile((go, package), environment, unfinished, packages, say)
        if tests:
            _test((go, *tests), environment, say)
        unfinished.replace(target)
        shutil.rmtree(workspace, ignore_errors=True)


def _list_packages(go: str, package: str, environment: Mapping[str, str], say: Say) -> int:
    """Downloads the modules, checked against go.sum, and counts what there is to compile."""
    say("downloading Go modules")
    listed = subprocess.run(
        [go, "list", "-deps", package], cwd=SOURCE, env=environment, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        raise _failed(listed.stderr)
    return len(listed.stdout.splitlines())


def _compile(command: tuple[str, str], environment: Mapping[str, str], target: Path, packages: int, say: Say) -> None:
    go, package = command
    version = re.search(r"k8s\.io/kubernetes (v\S+)", (SOURCE / "go.mod").read_text(encoding="utf-8"))
    flags = f"-s -w -X k8s.io/component-base/version.gitVersion={version[1] if version else 'v0.0.0'}"
    building = [go, "build", "-v", "-trimpath", "-ldflags", flags, "-o", str(target), package]
    lines: list[str] = []
    reported = 0
    with subprocess.Popen(
        ["nice", "-n", "10", *building], cwd=SOURCE, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stderr or ():  # one a package, since -v
            lines.append(line)
            percent = 100 * len(lines) // packages
            if percent >= reported + 10:
                reported = percent - percent % 10
                say(f"building: {reported} % of {packages} packages")
    if process.returncode != 0:
        raise _failed("".join(lines[-5:]))


def _test(command: tuple[str, ...], environment: Mapping[str, str], say: Say) -> None:
    say("testing the kubelet, and what is ours of Karpenter")
    go, *packages = command
    # Vet would look at all of Kubernetes, for 3 minutes.
    testing = [go, "test", "-trimpath", "-vet=off", *packages]
    tested = subprocess.run(testing, cwd=SOURCE, env=environment, capture_output=True, text=True, check=False)
    if tested.returncode != 0:
        raise _failed(tested.stdout + tested.stderr)


def _failed(output: str) -> SandboxProblem:
    last = " ".join(output.split()[-60:])
    return SandboxProblem(f"the control plane could not be built from {SOURCE}: {last}: fix that and run this again")


def _executable(name: str) -> Path | None:
    """A program of this name in KUBEBUILDER_ASSETS or on PATH."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    found = (assets and shutil.which(name, path=assets)) or shutil.which(name)
    return Path(found) if found else None


def cache_folder() -> Path:
    """Where what is built once is kept."""
    own = os.environ.get("WORKSHOP_CACHE_DIR")
    if own:
        return Path(own).resolve()
    xdg = os.environ.get("XDG_CACHE_HOME")
    return (Path(xdg) if xdg else Path.home() / ".cache") / "workshop"


def _go_install() -> str:
    return "brew install go" if sys.platform == "darwin" else "https://go.dev/doc/install"
