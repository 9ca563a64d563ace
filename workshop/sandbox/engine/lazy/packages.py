"""Imports of a provider SDK only what a program uses, where the SDK itself imports everything.

pulumi_cloudflare's `__init__` imports 775 modules of which a program uses a handful. A package
imported here is empty at first; a name is looked for in the module that is called after it (DnsRecord and DnsRecordArgs
in dns_record or DnsRecord, get_zone in get_zone), then among property types and enums, whose classes are defined one by
one (classes.py). Whatever is not found there makes the package import everything, as it would have at first.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from typing_extensions import override

from workshop.sandbox.engine.lazy.classes import LazyClassesLoader

LAZY: Final = frozenset({"pulumi_aws", "pulumi_cloudflare", "pulumi_kubernetes"})
"""SDKs as Pulumi generates them, with modules named after what they define."""

_TYPES: Final = ("_inputs", "_enums")
_CLASSES_ONLY: Final = frozenset({*_TYPES, "outputs"})
_ABSENT: Final = object()
_WORD_STARTS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@contextmanager
def lazy_packages(names: Container[str] = LAZY) -> Generator[None]:
    """Within it, the packages of these names are imported lazily."""
    finder = _Finder(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def __init__(self, names: Container[str]) -> None:
        self._names = names

    @override
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> ModuleSpec | None:
        package, _, name = fullname.partition(".")
        if package not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            if spec.submodule_search_locations:
                spec.loader = _Loader(spec.loader)
            elif name.rpartition(".")[2] in _CLASSES_ONLY:
                spec.loader = LazyClassesLoader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(Loader):
    def __init__(self, eager: Loader) -> None:
        self.eager = eager

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return None

    @override
    def exec_module(self, module: ModuleType) -> None:
        module.__class__ = _Package  # not made as one: what pulumi.lazy_import makes it is put back before this


class _Package(ModuleType):
    """Asked for a name that it does not have yet, it imports the module that defines it."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") and name != "__all__":
            raise AttributeError(name)
        if not self._finds(name):
            self._import_everything()
        return self.__getattribute__(name)

    @override
    def __setattr__(self, name: str, value: object) -> None:
        # Importing module get_zone binds the function get_zone, as `from .get_zone import *` would leave it.
        super().__setattr__(name, value.__dict__.get(name, value) if isinstance(value, ModuleType) else value)

    @override
    def __dir__(self) -> list[str]:
        self._import_everything()
        return sorted(self.__dict__)

    def _finds(self, name: str) -> bool:
        """Imports what should define this name, if there is such a module, and answers whether it does."""
        exact = name.removesuffix("Args")
        for module_name in dict.fromkeys((exact, _WORD_STARTS.sub("_", exact).lower(), *_TYPES)):
            if find_spec(f"{self.__name__}.{module_name}") is None:
                continue
            module = import_module(f"{self.__name__}.{module_name}")
            itself = module if name == module_name else _ABSENT  # a package, or being imported just now
            value = itself if isinstance(module, _Package) else getattr(module, name, itself)
            if value is not _ABSENT:
                setattr(self, name, value)
                return True
        return False

    def _import_everything(self) -> None:
        if self.__spec__ and isinstance(self.__spec__.loader, _Loader):
            self.__spec__.loader = self.__spec__.loader.eager
            self.__spec__.loader.exec_module(self)
