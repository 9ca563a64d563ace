"""A package that imports everything is imported piece by piece, and nobody can tell."""

from __future__ import annotations

import sys
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from workshop.sandbox.engine.lazy.packages import lazy_packages

INIT = """
from .dns_record import *
from .get_zone import *
from .zoo import *
from . import outputs
ANSWER = 42
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ModuleType]:
    folder = tmp_path / "toy_sdk"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "outputs.py").write_text("from . import outputs\n")
    (folder / "dns_record.py").write_text("from . import outputs\nclass DnsRecord: pass\nclass DnsRecordArgs: pass\n")
    (folder / "get_zone.py").write_text("def get_zone(): return 'a zone'\n")
    (folder / "zoo.py").write_text("class Elephant: pass\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with lazy_packages({"toy_sdk"}):
        yield import_module("toy_sdk")
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_sdk"]:
        del sys.modules[name]


def imported() -> set[str]:
    return {name.removeprefix("toy_sdk.") for name in sys.modules if name.startswith("toy_sdk.")}


def test_a_name_imports_the_module_called_after_it_and_what_that_needs(toy: ModuleType) -> None:
    assert not imported()
    assert toy.DnsRecord.__module__ == toy.DnsRecordArgs.__module__ == "toy_sdk.dns_record"
    assert imported() == {"dns_record", "outputs"}


def test_a_function_called_like_its_module_is_the_function(toy: ModuleType) -> None:
    import_module("toy_sdk.get_zone")
    assert toy.get_zone() == "a zone"


def test_a_name_that_no_module_is_called_after_imports_everything(toy: ModuleType) -> None:
    assert toy.Elephant.__module__ == "toy_sdk.zoo"
    assert toy.ANSWER == 42
    assert toy.get_zone() == "a zone"
    assert imported() == {"dns_record", "outputs", "get_zone", "zoo"}


def test_a_star_import_gets_everything(toy: ModuleType) -> None:
    names: dict[str, object] = {}
    exec(f"from {toy.__name__} import *", names)
    assert {"DnsRecord", "get_zone", "Elephant", "ANSWER"} <= names.keys()


def test_a_listing_has_everything(toy: ModuleType) -> None:
    assert {"DnsRecord", "Elephant", "ANSWER"} <= set(dir(toy))


def test_a_name_that_is_not_there_is_an_attribute_error(toy: ModuleType) -> None:
    with pytest.raises(AttributeError, match="Giraffe"):
        _ = toy.Giraffe
