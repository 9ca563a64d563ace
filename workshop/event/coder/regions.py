"""Where workspaces are reached: the server itself, and workspace proxies."""

from __future__ import annotations

from collections.abc import Mapping

from workshop.event.coder.answers import Answer
from workshop.event.coder.connection import Connection


class Region(Answer):
    """A way to workspaces. name: primary, of the server itself, or a proxy's."""

    name: str
    healthy: bool


class _Regions(Answer):
    regions: tuple[Region, ...]


class Regions(Connection):
    """Anybody with a token may see them."""

    def regions(self) -> Mapping[str, bool]:
        """Whether each is healthy, by its name; without a licence there is only the server's own."""
        found = self._get(_Regions, "/regions")
        return {region.name: region.healthy for region in found.regions}
