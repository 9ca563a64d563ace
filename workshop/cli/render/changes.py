"""What changes and what stays, a paragraph for each kind of resource."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.text import Text

from workshop.cli.render.message import print_message
from workshop.cli.retained import Retained
from workshop.model.outcome import Change

_ORDER: Final = ("delete", "replace", "update", "create", "import")
_STYLES: Final = {"delete": "red", "replace": "magenta", "update": "yellow", "create": "green", "import": "cyan"}
_NAMES_SHOWN: Final = 6
_INDENT: Final = len("replace  ")


def print_changes(screen: Console, changes: Iterable[Change]) -> None:
    """What differs out there, by operation and kind; an update names the properties."""

    def key(change: Change) -> tuple[int, str, tuple[str, ...]]:
        return (_ORDER.index(change.operation), _kind(change.type), change.properties)

    for (operation, kind, properties), group in groupby(
        sorted((change for change in changes if change.operation in _ORDER), key=key), key
    ):
        name = _ORDER[operation]
        text = f"{'adopt' if name == 'import' else name:<{_INDENT}}{_listed(kind, [change.name for change in group])}"
        properties_text = f" ({', '.join(properties)})" if properties else ""
        print_message(screen, Text(text + properties_text, style=_STYLES[name]), _INDENT)


def print_retained(screen: Console, retained: Iterable[Retained]) -> None:
    """What `destroy` leaves in place, by kind."""

    def key(resource: Retained) -> str:
        return _kind(resource.type)

    for kind, group in groupby(sorted(retained, key=key), key):
        print_message(screen, f"  {_listed(kind, [resource.name for resource in group])}", 2)


def _listed(kind: str, names: list[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if names[_NAMES_SHOWN:] else ""
    return f"{len(names)} {kind}: {', '.join(names[:_NAMES_SHOWN])}{more}"


def _kind(token: str) -> str:
    """aws:ecr/repository:Repository -> Repository (aws)."""
    package, _, rest = token.partition(":")
    return f"{rest.rpartition(':')[2]} ({package})" if rest else token
