"""Runs the classes of a module one by one, when they are asked for.

The SDKs' modules of property types define thousands of classes of which a program uses a few, and defining them is most
of what importing an SDK costs. A module loaded here runs at once what is no class, and a class when somebody asks for
it, with the classes that it names, of its module or of those whose names it imports by `*`, so that its annotations
can always be resolved. The compiled pieces are kept beside the module's byte code, by the same rules.
"""

from __future__ import annotations

import marshal
import re
import sys
import threading
from collections.abc import Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from importlib.util import decode_source
from types import CodeType, ModuleType
from typing import Any, Final, cast

from typing_extensions import override

Piece = tuple[bytes, tuple[str, ...], tuple[str, ...]]
"""A class: its code, marshalled; which classes of its module it needs to be run, and which names its texts have."""

_CLASS: Final = re.compile(r"^(?:@.*\n)*class (?P<name>\w+).*\n(?:(?:[ #].*)?\n)*", re.MULTILINE)
_IMPORT_ALL: Final = re.compile(r"^from .* import \*", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_PIECES: Final = "__pieces__"
_SOURCES: Final = "__imported_all_of__"
_FUTURE: Final = annotations.compiler_flag
_DEFINING: Final = threading.RLock()
_FORMAT: Final = 2
"""To be raised when pieces are made otherwise, since the SDKs' sources do not change with that."""


class LazyClassesLoader(SourceFileLoader):
    """Loads a module, each of its classes by itself."""

    @override
    def exec_module(self, module: ModuleType) -> None:
        code = self.get_code(module.__name__)
        assert code is not None
        module.__dict__[_PIECES] = dict(code.co_consts[-1])
        module.__class__ = _Module
        exec(code, module.__dict__)  # noqa: S102  importing is running

    @override
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:
        """The code of what is no class, with the pieces as its last constant, so that they are kept together."""
        source = decode_source(data)
        try:
            rest, classes = _split(source, path, _optimize)
        except SyntaxError:  # a class takes something with it that stands before or after it
            rest, classes = None, {}
        if rest is None or not _is_separable(source, rest, classes):
            rest, classes = compile(data, path, "exec", dont_inherit=True, optimize=_optimize), {}
        imports_all = bool(_IMPORT_ALL.search(source))
        pieces = tuple((name, _piece(name, code, classes, imports_all)) for name, code in classes.items())
        return rest.replace(co_consts=(*rest.co_consts, pieces))

    @override
    def get_data(self, path: str) -> bytes:
        return super().get_data(_in_pieces(path))

    @override
    def set_data(self, path: str, data: Any, *, _mode: int = 0o666) -> None:
        super().set_data(_in_pieces(path), data, _mode=_mode)


class _Module(ModuleType):
    """Asked for a class that it does not have yet, it runs its definition."""

    def __getattr__(self, name: str) -> object:
        with _DEFINING:
            self._define(name)
        if name not in self.__dict__:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return self.__dict__[name]

    def _define(self, name: str) -> None:
        pieces: dict[str, Piece] = self.__dict__[_PIECES]
        if name not in pieces:
            _import_from_sources(self.__dict__, name)
            return
        code, needed, named = pieces.pop(name)
        for other in needed:
            self._define(other)
        exec(marshal.loads(code), self.__dict__)  # noqa: S102, S302  what was compiled from this module's source
        for other in named:
            self._define(other)

    @property
    def __all__(self) -> list[str]:
        """What `from module import *` binds: all, but in a module of the same package only what that module names.

        What is left out there is found when it is asked for.
        """
        names: list[str] = self.__dict__.get("__all__") or [name for name in dir(self) if not name.startswith("_")]
        asking = sys._getframe(1)  # pyright: ignore[reportPrivateUsage]  who imports can't be told otherwise
        is_package = "__path__" in asking.f_globals
        if is_package or asking.f_code.co_name != "<module>" or asking.f_globals.get("__package__") != self.__package__:
            return names
        importer = asking.f_globals
        importer.setdefault(_SOURCES, []).append(self)
        if _PIECES not in importer:  # else its class has one
            importer.setdefault("__getattr__", partial(_imported, importer))
        wanted = {*_names_in(asking.f_code)} - importer.get(_PIECES, {}).keys()
        return [name for name in names if name in wanted]

    @override
    def __dir__(self) -> list[str]:
        imported = (name for source in self.__dict__.get(_SOURCES, ()) for name in source.__all__)
        return sorted({*self.__dict__, *self.__dict__[_PIECES], *imported} - {_PIECES, _SOURCES, "__getattr__"})


def _import_from_sources(importer: dict[str, Any], name: str) -> None:
    """Binds what `import *` would have bound before, from the last of the modules that has it."""
    if name in importer:
        return
    for source in reversed(importer.get(_SOURCES, ())):
        if name in source.__all__:
            importer[name] = getattr(source, name)
            return


def _imported(importer: dict[str, Any], name: str) -> object:
    """A module's own __getattr__, where its `import *` bound only what it names itself."""
    _import_from_sources(importer, name)
    if name not in importer:
        raise AttributeError(f"module {importer['__name__']!r} has no attribute {name!r}")
    return importer[name]


def _is_separable(source: str, rest: CodeType, classes: dict[str, CodeType]) -> bool:
    """Whether the classes may be run later than the rest: it neither uses them nor defines what could later, and no
    `import *` after one of them may stand for it.
    """
    is_defining = any(isinstance(constant, CodeType) for constant in rest.co_consts)
    first = min((match.start() for match in _CLASS.finditer(source) if match["name"] in classes), default=len(source))
    is_hiding_classes = any(match.start() > first for match in _IMPORT_ALL.finditer(source))
    is_using_classes = not classes.keys().isdisjoint(rest.co_names)
    return not (is_defining or is_using_classes or is_hiding_classes or rest.co_flags & _FUTURE)


def _split(source: str, path: str, optimize: int) -> tuple[CodeType, dict[str, CodeType]]:
    """The code of what stands outside of classes, and that of each class. What can't be told apart is outside."""
    found = [*_CLASS.finditer(source)]
    codes: dict[str, CodeType] = {}
    others: list[str] = []
    line = position = 0
    for number, match in enumerate(found, 1):
        following = found[number].start() if number < len(found) else len(source)
        others.append(source[position : match.start()])
        line += others[-1].count("\n")
        position = match.start()
        for end in (match.end(), following):  # a text in it may begin at the left margin
            text = source[position:end]
            try:
                code = compile(text, path, "exec", dont_inherit=True, optimize=optimize)
            except SyntaxError:
                continue
            if match["name"] not in codes:
                codes[match["name"]] = _moved(code, line)
                others.append("\n" * text.count("\n"))
                line, position = line + text.count("\n"), end
            break
    others.append(source[position:])
    return compile("".join(others), path, "exec", dont_inherit=True, optimize=optimize), codes


def _moved(code: CodeType, lines: int) -> CodeType:
    """The code as if it stood so many lines further down."""
    constants = (_moved(inner, lines) if isinstance(inner, CodeType) else inner for inner in code.co_consts)
    return code.replace(co_firstlineno=code.co_firstlineno + lines, co_consts=tuple(constants))


def _piece(name: str, code: CodeType, classes: dict[str, CodeType], imports_all: bool) -> Piece:
    needed = {*_used_by(code)}
    named = {*_names_in(code)} - needed
    if not imports_all:  # else any name may be an imported one
        needed, named = needed & classes.keys(), named & classes.keys()
    return marshal.dumps(code), tuple(sorted(needed - {name})), tuple(sorted(named - {name}))


def _used_by(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _used_by(constant)


def _names_in(constant: object) -> Iterator[str]:
    """Names in code and in its texts of one line, since annotations are texts."""
    if isinstance(constant, CodeType):
        yield from constant.co_names
        yield from _names_in(constant.co_consts)
    elif isinstance(constant, tuple):
        for inner in cast("tuple[object, ...]", constant):
            yield from _names_in(inner)
    elif isinstance(constant, str) and "\n" not in constant:
        yield from _NAME.findall(constant)


def _in_pieces(path: str) -> str:
    """Byte code in pieces has a name of its own: without this loader the module is imported as ever."""
    return f"{path.removesuffix('.pyc')}.pieces-{_FORMAT}.pyc" if path.endswith(".pyc") else path
