"""A line in every terminal of a pod."""

from __future__ import annotations

from typing import Final

from workshop.event.work.exec import Cluster, Container, ExecError
from workshop.model.counting import counted

_MOST_SECONDS: Final = 15
_SCRIPT: Final = r"""
for terminal in "${WORKSHOP_TERMINALS:-/dev/pts}"/[0-9]*
do
  [ -w "$terminal" ] || continue
  (printf '\r\n%s\r\n' "$1" > "$terminal") > /dev/null 2>&1 &
  writing="$writing $!"
done
[ -z "$writing" ] || sleep 1
kill $writing 2> /dev/null
set -- $writing
printf %s "$#"
"""
"""Writes beside each other, and not for ever: a terminal that somebody has stopped (Ctrl-S) takes nothing. The sandbox,
whose pods are processes of this machine, has their terminals in a folder that it names."""


def tell(cluster: Cluster, container: Container, text: str) -> str:
    """Writes one line; answers in how many terminals, or why in none. Raises nothing that can go wrong in a pod."""
    said = bytearray()
    try:
        cluster.run(
            container,
            ["sh", "-c", _SCRIPT, "sh", text],
            stdout=said.extend,
            stderr=lambda _: None,
            stall_seconds=_MOST_SECONDS,
            most_seconds=_MOST_SECONDS,
        )
    except ExecError as error:
        return f"no terminal could be reached: {error}"
    count = said.decode("ascii", "replace")
    return f"written to {counted(int(count), 'terminal')}" if count.isdecimal() else "no terminal could be reached"
