"""Draws docs/dns-comment.svg: what `workshop diff` says of a record that leads elsewhere, as reviewers see it.

The Markdown is the command's own, of two commits in a checkout of its own; only the commits' names are made up.
"""

from __future__ import annotations

import re
import subprocess
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.markdown import Markdown
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.theme import Theme

from tests.dns.checkout import Checkout, checkout
from tests.model.given import ROOT

PICTURE: Final = ROOT / "docs/dns-comment.svg"
_ZONE: Final = "zones/devcoder.io.yaml"
_COMMITS: Final = ("3f9c0d21ab", "b71e5a8c40")
_COLUMNS: Final = 124
_STYLES: Final = Theme(
    {
        "markdown.h2": "bold",
        "markdown.h3": "bold",
        "markdown.h4": "bold",
        "markdown.code": "on #eff1f3",
        "markdown.table.header": "bold",
        "markdown.table.border": "#d0d7de",
    }
)
_FRAME: Final = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>The comment on a pull request that makes a record lead elsewhere</title>
<style>
text {{ font: {char_height}px Menlo, Consolas, "DejaVu Sans Mono", monospace }}
.head {{ font: 17px Helvetica, Arial, "DejaVu Sans", sans-serif; fill: #57606a }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{width}" height="{height}" fill="#ffffff"/>
<rect width="{width}" height="36" fill="#f6f8fa"/>
<text class="head" x="16" y="24">github-actions, a comment on the pull request</text>
<g transform="translate({terminal_x}, {terminal_y})">{backgrounds}{matrix}</g>
</svg>
"""


def markdown(folder: Path) -> str:
    """What the command prints once the record's region is another."""
    with checkout(folder) as here:
        here.edit(_ZONE, "records: []", "records:\n  - {host: demo.devcoder.io, region: us-east-2, ttl: 60}")
        _commit(here, "init", "-q")
        here.edit(_ZONE, "us-east-2, ttl", "us-west-2, ttl")
        _commit(here)
        said = here.run("diff", "HEAD~1..HEAD", "--stack", "sandbox-dns").stdout
    names = iter(_COMMITS)
    return re.sub(r"(?<=`)[0-9a-f]{10}(?=`)", lambda _: next(names), said)


def drawn(text: str) -> str:
    """Markdown as a picture that needs nothing from elsewhere."""
    console = Console(record=True, width=_COLUMNS, file=StringIO(), force_terminal=True, theme=_STYLES)
    console.print(Markdown(text))
    return console.export_svg(theme=DEFAULT_TERMINAL_THEME, code_format=_FRAME, unique_id="c", title="")


def _commit(here: Checkout, *before: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    here.said("dns", "lock")
    for arguments in (before, ("add", "Pulumi.yaml", "Pulumi.sandbox-dns.yaml", "zones"), ("commit", "-q", "-m", "x")):
        if arguments:
            subprocess.run(["git", *identity, *arguments], cwd=here.folder, check=True, capture_output=True)


if __name__ == "__main__":
    with TemporaryDirectory() as temporary:
        PICTURE.write_text(drawn(markdown(Path(temporary, "checkout"))), "utf-8")
