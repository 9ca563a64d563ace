"""Draws docs/up.svg: what `up` prints in an empty sandbox, and what it prints when it refuses.

The text is the command's own; only the list of changes is left out, and a line says so.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT: Final = Path(__file__).resolve().parents[2]
PICTURE: Final = ROOT / "docs" / "up.svg"
COMMANDS: Final = (("up", "--users", "20"), ("up", "--users", "200"))
_COLUMNS: Final = 90
_FIRST_LEFT_OUT: Final = "create "
_FIRST_AFTER: Final = "Next:"
_THEME: Final = TerminalTheme(
    (13, 17, 23),
    (230, 237, 243),
    [(72, 79, 88), (255, 123, 114), (63, 185, 80), (210, 153, 34), (88, 166, 255), (188, 140, 255), (57, 197, 207),
     (177, 186, 196)],
)  # fmt: skip
_FRAME: Final = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>A terminal: up for 20 users is ready, up for 200 is refused</title>
<style>
text {{ font: {char_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" rx="10" fill="#0d1117"/>
<g fill="#484f58"><circle cx="24" cy="22" r="7"/><circle cx="48" cy="22" r="7"/><circle cx="72" cy="22" r="7"/></g>
<g transform="translate({terminal_x}, {terminal_y})">{backgrounds}{matrix}</g>
</svg>
"""


def printed(folder: Path) -> tuple[str, ...]:
    """What each command prints, one after another, in a sandbox of its own in that folder."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "NO_COLOR"},
        "PYTHONPATH": str(ROOT),
        "WORKSHOP_SANDBOX_DIR": str(folder),
        "WORKSHOP_SANDBOX_PORT": str(port),
        "FORCE_COLOR": "1",
        "TERM": "xterm-256color",
        "COLUMNS": str(_COLUMNS),
    }

    def run(arguments: Sequence[str]) -> str:
        return subprocess.run(
            [sys.executable, "-P", "-m", "workshop", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            check=False,
        ).stdout

    try:
        return tuple(run(command) for command in COMMANDS)
    finally:
        run(("sandbox", "stop"))


def drawn(results: Sequence[str]) -> str:
    """The commands and what they printed, as a picture that needs nothing from elsewhere."""
    console = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    for command, result in zip(COMMANDS, results, strict=True):
        console.print(Text.assemble(("$ ", "green"), f"scripts/workshop {' '.join(command)}"))
        for line in shortened(list(Text.from_ansi(result).split(allow_blank=True))):
            line.rstrip()
            console.print(line, no_wrap=True)
    return console.export_svg(theme=_THEME, code_format=_FRAME, unique_id="u", title="")


def shortened(lines: Sequence[Text]) -> list[Text]:
    """The lines, without the list of changes where there is one."""
    texts = [line.plain for line in lines]
    begin = next((index for index, text in enumerate(texts) if text.startswith(_FIRST_LEFT_OUT)), None)
    if begin is None:
        return list(lines)
    end = next(index for index, text in enumerate(texts) if text.startswith(_FIRST_AFTER))
    left_out = Text(f"[{end - begin} more lines: what was created and adopted, by kind, and advice]", "dim")
    return [*lines[:begin], left_out, Text(), *lines[end:]]


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        PICTURE.write_text(drawn(printed(Path(temporary))), "utf-8")
