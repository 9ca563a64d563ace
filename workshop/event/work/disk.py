"""How full the disk is that a pod's home is on: its node's, where homes are not on volumes."""

from __future__ import annotations

import re
from typing import Final

from workshop.event.work.exec import Cluster, Container
from workshop.event.work.pod import PodError

_SCRIPT: Final = 'df -P "${HOME:-.}"'
"""GNU's and busybox's: -P keeps each file system on one line."""

_USED: Final = re.compile(rb"\s(\d{1,3})%\s[^\n]*\s*$")
_MOST_SECONDS: Final = 15


def used_percent(cluster: Cluster, container: Container) -> int:
    """Raises ExecError, PodError."""
    said = bytearray()
    cluster.run(
        container,
        ["sh", "-c", _SCRIPT],
        stdout=said.extend,
        stderr=lambda _: None,
        stall_seconds=_MOST_SECONDS,
        most_seconds=_MOST_SECONDS,
    )
    found = _USED.search(bytes(said))
    if found is None:
        raise PodError("df did not say how full the disk is")
    return min(int(found[1]), 100)
