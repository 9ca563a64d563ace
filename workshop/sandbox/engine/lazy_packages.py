"""Imports of a provider SDK only what a program uses, where the SDK itself imports everything.

pulumi_cloudflare's `__init__` imports 775 modules of which a program uses a handful (engine-facts.md, 22). A package
imported here is empty at first; a name is looked for in the module that is called after it (DnsRecord and
DnsRecordArgs in dns_record, get_zone in get_zone). Whatever is not found there makes the package import
everything, as it would have at first.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final

from typing_extensions import override

LAZY: Final = frozenset({"pulumi_cloudflare"})
"""Packages whose modules are named after what they define, and that are not lazy by themselves, as pulumi_aws is."""

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
        if fullname not in self._names:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(Loader):
    def __init__(self, eager: Loader) -> None:
        self.eager = eager

    @override
    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return _Package(spec.name)

    @override
    def exec_module(self, module: ModuleType) -> None:
        pass


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
        # What importing get_zone.py binds is the function get_zone, as `from .get_zone import *` would leave it.
        super().__setattr__(name, value.__dict__.get(name, value) if isinstance(value, ModuleType) else value)

    @override
    def __dir__(self) -> list[str]:
        self._import_everything()
        return sorted(self.__dict__)

    def _finds(self, name: str) -> bool:
        """Imports the module called after this name, if there is one, and answers whether it defines the name."""
        module_name = _WORD_STARTS.sub("_", name.removesuffix("Args")).lower()
        if not any(Path(folder, f"{module_name}.py").is_file() for folder in self.__path__):
            return False
        module = import_module(f"{self.__name__}.{module_name}")
        if name in module.__dict__:
            setattr(self, name, module.__dict__[name])
        elif name == module_name:
            setattr(self, name, module)  # asked for by itself, while it is being imported
        return name in self.__dict__

    def _import_everything(self) -> None:
        if self.__spec__ and isinstance(self.__spec__.loader, _Loader):
            self.__spec__.loader = self.__spec__.loader.eager
            self.__spec__.loader.exec_module(self)
