"""A module of property types is run class by class, and nobody can tell."""

from __future__ import annotations

import inspect
import sys
import traceback
import typing
from collections.abc import Generator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from workshop.sandbox.engine.lazy.packages import lazy_packages

INPUTS = '''
"""
class InThisText:
    is not one
"""
import functools
from typing import Optional, TypedDict
from ._enums import *

__all__ = ["CageArgs", "KeeperArgs", "LionArgs", "TicketArgs"]

class AnimalArgs:
    legs = 4

@functools.total_ordering
class LionArgs(AnimalArgs):
    def __init__(self, cage: Optional['CageArgs'] = None):
        self.cage = cage
    def __lt__(self, other):
        return False

class CageArgs:
    """A text
at the left margin.
    """
    def __init__(self, keeper: Optional['KeeperArgs'] = None, lions: 'list[LionArgs]' = ()):
        self.keeper = keeper

class KeeperArgs(TypedDict):
    name: str

class DietArgs:
    """What animals eat."""
    preferred = Food.MEAT
    def __init__(self, food: Optional['Food'] = None, others: 'list[Amount]' = ()):
        self.food = food
    def more(self):
        return Amount()

class TicketArgs:
    def refund(self):
        raise RuntimeError("no refunds")

PRICE = 7
'''
ENUMS = """
from enum import Enum
__all__ = ["Amount", "Food", "Unused"]
class Food(str, Enum):
    MEAT = "meat"
class Amount:
    pass
class Unused:
    pass
"""
INIT = "from ._enums import *\nfrom ._inputs import *\nfrom .lion import *\n"
LION = "from ._inputs import *\n__all__ = ['Lion']\nclass Lion:\n    def __init__(self, args: 'LionArgs'): pass\n"


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[ModuleType]:
    folder = tmp_path / "zoo_sdk"
    folder.mkdir()
    (folder / "__init__.py").write_text(INIT)
    (folder / "_inputs.py").write_text(INPUTS)
    (folder / "_enums.py").write_text(ENUMS)
    (folder / "lion.py").write_text(LION)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    with lazy_packages({"zoo_sdk"}):
        yield import_module("zoo_sdk._inputs")
    forget()


def forget() -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "zoo_sdk"]:
        del sys.modules[name]


def defined(module: ModuleType) -> set[str]:
    return {name for name in module.__dict__ if name.endswith("Args")}


def test_what_is_no_class_is_there_at_once(inputs: ModuleType) -> None:
    assert inputs.PRICE == 7
    assert inputs.__doc__ == "\nclass InThisText:\n    is not one\n"
    assert not defined(inputs)


def test_a_class_comes_with_those_that_it_names(inputs: ModuleType) -> None:
    lion = inputs.LionArgs
    assert defined(inputs) == {"AnimalArgs", "LionArgs", "CageArgs", "KeeperArgs"}
    assert lion.legs == 4
    assert typing.get_type_hints(lion.__init__) == {"cage": typing.Optional[inputs.CageArgs]}  # noqa: UP045  as it is written there


def test_it_is_always_the_same_class(inputs: ModuleType) -> None:
    assert inputs.LionArgs is inputs.LionArgs is import_module("zoo_sdk").LionArgs
    assert (inputs.LionArgs.__module__, inputs.LionArgs.__qualname__) == ("zoo_sdk._inputs", "LionArgs")


def test_a_module_of_the_package_gets_what_it_names(inputs: ModuleType) -> None:
    lion = import_module("zoo_sdk.lion")
    assert {"LionArgs", "TicketArgs"} & lion.__dict__.keys() == {"LionArgs"}
    assert "TicketArgs" not in defined(inputs)


def test_everybody_else_gets_all_that_is_exported(inputs: ModuleType) -> None:
    names: dict[str, object] = {}
    exec("from zoo_sdk._inputs import *", names)
    exported = {"CageArgs", "KeeperArgs", "LionArgs", "TicketArgs"}
    assert {name for name in names if name.endswith("Args")} == exported
    import_module("zoo_sdk").__dir__()
    assert exported <= import_module("zoo_sdk").__dict__.keys()
    assert exported <= set(dir(inputs))


def test_what_is_not_there_is_an_attribute_error(inputs: ModuleType) -> None:
    with pytest.raises(AttributeError, match=r"'zoo_sdk\._inputs' has no attribute 'Giraffe'"):
        _ = inputs.Giraffe


def test_a_traceback_has_the_lines_of_the_file(inputs: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="no refunds") as raised:
        inputs.TicketArgs().refund()
    assert traceback.extract_tb(raised.tb)[-1].line == 'raise RuntimeError("no refunds")'
    assert inspect.getsource(inputs.KeeperArgs).strip() == "class KeeperArgs(TypedDict):\n    name: str"


def test_a_class_has_what_its_module_imports_by_star(inputs: ModuleType) -> None:
    diet, enums = inputs.DietArgs, import_module("zoo_sdk._enums")
    assert (diet.preferred, type(diet().more())) == (enums.Food.MEAT, enums.Amount)
    hints = typing.get_type_hints(diet.__init__)
    assert hints == {"food": typing.Optional[enums.Food], "others": list[enums.Amount]}  # noqa: UP045  as it is written there
    assert "Unused" not in {*vars(inputs), *vars(enums)}


def test_what_a_module_imports_by_star_can_be_imported_from_it(inputs: ModuleType) -> None:
    names: dict[str, object] = {}
    exec("from zoo_sdk.lion import Lion, LionArgs, TicketArgs; from zoo_sdk._inputs import Unused", names)
    assert names["TicketArgs"] is inputs.TicketArgs
    assert names["Unused"] is import_module("zoo_sdk").Unused
    assert "Unused" in dir(inputs)
    with pytest.raises(ImportError, match="Giraffe"):
        exec("from zoo_sdk.lion import Giraffe", names)


def test_an_own_class_wins_over_one_that_was_imported_by_star_before(inputs: ModuleType) -> None:
    assert inputs.__file__
    Path(inputs.__file__).write_text("from ._enums import *\nclass Food: own = True\nclass A:\n    f: 'Food' = None\n")
    forget()
    again = import_module("zoo_sdk._inputs")
    assert typing.get_type_hints(again.A) == {"f": again.Food}
    assert again.Food.own


def test_pieces_are_kept_beside_the_byte_code_and_follow_the_source(inputs: ModuleType) -> None:
    assert inputs.__file__
    source = Path(inputs.__file__)
    kept = list((source.parent / "__pycache__").glob("_inputs.*.pieces-*.pyc"))
    assert len(kept) == 1
    forget()
    before = kept[0].stat().st_mtime_ns
    assert import_module("zoo_sdk._inputs").TicketArgs
    assert kept[0].stat().st_mtime_ns == before
    forget()
    source.write_text(INPUTS.replace("legs = 4", "legs = 41"))
    assert import_module("zoo_sdk._inputs").LionArgs.legs == 41


@pytest.mark.parametrize(
    "more",
    [
        "OWN = LionArgs()\n",
        "LionArgs.tail = 1\n",
        "def make():\n    return LionArgs()\n",
        "def make(lion: 'LionArgs'): pass\n",
        "if True:\n    class CubArgs(LionArgs): pass\n",
        "class LionArgs:\n    legs = 3\n",
        "from ._enums import *\n",
        "@functools.partial(\n    lambda kind: kind\n)\nclass CubArgs: pass\n",
    ],
    ids=["instance", "change", "function", "annotation", "inner class", "twice", "late import", "long decorator"],
)
def test_a_module_that_needs_its_classes_at_once_is_run_as_a_whole(inputs: ModuleType, more: str) -> None:
    assert inputs.__file__
    Path(inputs.__file__).write_text(INPUTS + more)
    forget()
    assert "TicketArgs" in defined(import_module("zoo_sdk._inputs"))


def test_annotations_that_are_all_text_are_compiled_as_such(inputs: ModuleType) -> None:
    assert inputs.__file__
    Path(inputs.__file__).write_text("from __future__ import annotations\nclass LionArgs:\n    mane: str\n")
    forget()
    assert import_module("zoo_sdk._inputs").LionArgs.__annotations__ == {"mane": "str"}
