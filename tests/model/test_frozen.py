"""Nothing that was read can be changed afterwards, and no key is taken that nobody knows."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from workshop import model


def models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    """Every model of pydantic's in workshop.model."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("workshop.model."):
            yield one
        yield from models(one)


ANSWERS = ("workshop.model.litellm", "workshop.model.rehearsal.platform", "workshop.model.window.other_pools")
"""What others answer: it may have keys that nobody here needs."""

for module in pkgutil.walk_packages(model.__path__, "workshop.model."):
    importlib.import_module(module.name)


@pytest.mark.parametrize("one", sorted({*models()}, key=str), ids=lambda one: one.__name__)
def test_every_model_is_frozen_and_knows_its_keys(one: type[BaseModel]) -> None:
    assert one.model_config.get("frozen")
    assert one.model_config.get("extra") == (None if one.__module__ in ANSWERS else "forbid")
