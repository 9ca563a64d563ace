"""A policy pack's process: pulumi.policy, which ends when the engine does, however that ended.

Run as a file with the engine's end of a pipe as standard input: python process.py ADDRESS PACK.

pulumi_policy builds each resource's properties, and its provider's, anew for every policy, though most don't look at
them; that is nine tenths of what judging costs. Here they are built when a policy first looks. And it would answer four
questions at a time; the engine sends many and counts on their order, as with the real one, which sends one at a time.
"""

import gc
import os
import runpy
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi_policy import policy, proxy


class Converted:
    """Properties as dictionaries, by content; they are copied before a policy gets them. A process serves one run."""

    def __init__(self) -> None:
        self._convert = json_format.MessageToDict
        self._known: dict[bytes, dict[str, Any]] = {}

    def __call__(self, message: Any, **options: Any) -> dict[str, Any]:  # noqa: ANN401  as MessageToDict has it
        """In place of json_format.MessageToDict."""
        if options or not isinstance(message, Struct):
            return self._convert(message, **options)
        content = message.SerializeToString(deterministic=True)
        if content not in self._known:
            self._known[content] = self._convert(message)
        return dict(self._known[content])


class Deferred(proxy._DictProxy):  # pyright: ignore[reportPrivateUsage]  what policies get, and are to get
    """A resource's properties, built when the first of them is asked for."""

    def __init__(self, build: Callable[[], object]) -> None:
        self._build = build

    def __getattr__(self, name: str) -> object:
        if name not in ("_DictProxy__target", "_DictProxy__props_acc"):
            raise AttributeError(name)
        self.__dict__.update(self._build().__dict__)
        return self.__dict__[name]


def defer_properties() -> None:
    """Has pulumi_policy build properties when a policy looks at them; remediations get theirs at once."""
    server: Any = policy
    deserialize, checking = server.deserialize_properties, server.unknown_checking_proxy

    def deserialized_later(properties: dict[str, Any], proxy_secrets: bool = False) -> object:
        return deserialize(properties, True) if proxy_secrets else partial(deserialize, properties)

    def proxied_later(properties: Any) -> object:  # noqa: ANN401  what the function above made
        return Deferred(lambda: checking(properties())) if callable(properties) else checking(properties)

    json_format.MessageToDict = Converted()
    server.deserialize_properties = deserialized_later
    server.unknown_checking_proxy = proxied_later


def answer_in_order() -> None:
    """Has pulumi_policy work with one thread."""

    def one_thread(max_workers: int) -> ThreadPoolExecutor:
        del max_workers
        return ThreadPoolExecutor(1)

    server: Any = policy
    server.futures = SimpleNamespace(ThreadPoolExecutor=one_thread)


def _end_with_the_engine() -> None:
    sys.stdin.buffer.read()  # nothing is ever written: it returns when the other end closes
    os._exit(0)


if __name__ == "__main__":
    gc.disable()  # everything is kept to the end: collecting would cost more for each resource than for the one before
    sys.path[0] = str(Path.cwd())  # as with -m: the pack's folder, not this one
    threading.Thread(target=_end_with_the_engine, daemon=True).start()
    defer_properties()
    answer_in_order()
    runpy.run_module("pulumi.policy", run_name="__main__", alter_sys=True)
