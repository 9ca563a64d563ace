"""Compares what the SDKs define as the engine imports them with the plain import: scripts/sdk-classes [PACKAGE ...]

Every class and function of the packages is looked up, built and described in two interpreters. Where it is imported
lazily each has a process of its own, since what one has asked for is there for all others.
"""

from __future__ import annotations

import argparse
import dis
import enum
import functools
import gc
import inspect
import json
import os
import pkgutil
import re
import subprocess
import sys
import typing
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any, cast

import pulumi
from pulumi import _types  # pyright: ignore[reportPrivateUsage] - what the SDK itself reads of its classes

from workshop.sandbox.engine.lazy.packages import LAZY, lazy_packages

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_CUT = ("_inputs", "_enums", "outputs")
_FOR_ANNOTATIONS = {"Output": pulumi.Output, "T": type(None)}
"""What annotations of the core SDK's own types need; its readers of types name the same."""


def packages_in(names: Iterable[str]) -> list[str]:
    """The packages of these names with all below them."""
    found = {name: import_module(name) for name in names}
    below = (
        entry.name
        for name, package in found.items()
        for entry in pkgutil.walk_packages(package.__path__, f"{name}.")
        if entry.ispkg
    )
    return [*found, *below]


def names_of(package: str) -> list[str]:
    """What the package's modules define, as `package module name`; a module "" is the package itself."""
    found: list[str] = []
    for entry in pkgutil.iter_modules(import_module(package).__path__):
        module = (
            None if entry.ispkg or entry.name in ("_utilities", "vars") else import_module(f"{package}.{entry.name}")
        )
        for name in cast("list[str]", getattr(module, "__all__", ())):
            found.append(f"{package} {entry.name} {name}")
            if entry.name != "outputs" and hasattr(import_module(package), name):
                found.append(f"{package}  {name}")
    return found


def description(place: str) -> str:
    """What is at a place, with the types of its properties, the names that its code uses, and an instance of it."""
    package, module, name = place.split(" ")
    found = getattr(import_module(f"{package}.{module}".rstrip(".")), name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _ADDRESS.sub("", " ".join(_parts(found)))
    except Exception as error:  # noqa: BLE001  which one is part of the description
        return f"{name}: {type(error).__name__}: {error}"


def _parts(found: object) -> Iterator[str]:
    yield f"{getattr(found, '__module__', None)}.{getattr(found, '__qualname__', found)}"
    if isinstance(found, FunctionType):
        yield f"{inspect.signature(found)} {typing.get_type_hints(found, localns=_FOR_ANNOTATIONS)} {_names_in(found)}"
    if isinstance(found, type):
        yield from _class_parts(typing.cast("type[Any]", found))


def _class_parts(found: type[Any]) -> Iterator[str]:
    yield f"{found.__bases__} {sorted(found.__dict__)}"
    yield from (_names_in(member) for member in vars(found).values() if isinstance(member, FunctionType))
    if issubclass(found, enum.Enum):
        yield f"{list(found)}"
    elif typing.is_typeddict(found):
        yield f"{typing.get_type_hints(found, localns=_FOR_ANNOTATIONS)}"
    elif issubclass(found, pulumi.Resource):
        yield f"{_types.resource_types(found)}"
    elif _types.is_input_type(found):
        yield f"{_types.input_type_types(found)} {_types.input_type_py_to_pulumi_names(found)} {_built(found)}"
    elif _types.is_output_type(found):
        yield f"{_types.output_type_types(found)} {_built(found)}"


def _built(kind: type) -> str:
    parameters = list(inspect.signature(kind.__init__).parameters)[1:]
    instance = kind(**dict.fromkeys(parameters, "given"))
    return f"{instance.__dict__ or instance} {typing.get_type_hints(kind.__init__, localns=_FOR_ANNOTATIONS)}"


def _names_in(function: FunctionType) -> str:
    """The global names that a function uses, with whether they are there."""
    known: dict[str, Any] = {**vars(import_module("builtins")), **function.__globals__}
    return f"{function.__name__}: {[(name, name in known) for name in sorted({*_globals_of(function.__code__)})]}"


@functools.cache
def _globals_of(code: CodeType) -> tuple[str, ...]:
    own = [step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL"]
    inner = [name for constant in code.co_consts if isinstance(constant, CodeType) for name in _globals_of(constant)]
    return (*own, *inner)


def described_apart(place: str) -> str:
    """Its description, found by a process that ends with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with os.fdopen(writer, "w") as pipe:
            pipe.write(description(place))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return text


def differences(roots: Iterable[str], every: int = 1) -> tuple[int, list[str]]:
    """Of every Nth place in these packages: how many were compared, and those that differ, with both descriptions."""
    plain = _asked("plain", {"roots": list(roots), "every": every})
    lazy = _asked("lazy", {"places": list(plain)})
    return len(plain), [f"{place}\n  {plain[place]}\n  {lazy[place]}" for place in plain if plain[place] != lazy[place]]


def _asked(how: str, question: dict[str, Any]) -> dict[str, str]:
    command = [sys.executable, "-P", "-m", "tests.sandbox.engine.lazy.sdk_classes", "--describe", how]
    done = subprocess.run(command, input=json.dumps(question), stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def _plain_descriptions(roots: Iterable[str], every: int) -> dict[str, str]:
    places = [place for package in packages_in(roots) for place in names_of(package)][::every]
    return {place: description(place) for place in places}


def _lazy_descriptions(places: Iterable[str]) -> dict[str, str]:
    with lazy_packages():
        for package, module, _ in (place.split(" ") for place in places):
            import_module(f"{package}.{module}" if module in _CUT else package)
        gc.freeze()
        return {place: described_apart(place) for place in places}


def main(arguments: Sequence[str]) -> int:
    """Prints what differs; 1 where anything does."""
    parser = argparse.ArgumentParser(prog="scripts/sdk-classes")
    parser.add_argument("packages", nargs="*", default=sorted(LAZY))
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each Nth name, as a sample")
    parser.add_argument("--describe", choices=["plain", "lazy"], help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.describe:
        describe = _plain_descriptions if asked.describe == "plain" else _lazy_descriptions
        json.dump(describe(**json.load(sys.stdin)), sys.stdout)
        return 0
    compared, different = differences(asked.packages, asked.every)
    sys.stdout.write("".join(f"{text}\n" for text in different))
    sys.stdout.write(f"{compared} compared, {len(different)} different\n")
    return 1 if different or not compared else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
