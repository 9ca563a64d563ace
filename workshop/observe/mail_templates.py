"""The event's own mail templates, for whoever may read files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workshop.model.findings import Finding, Refused

MAX_BYTES: Final = 100_000
"""Of all together; a ConfigMap takes a million."""


def mail_templates(folder: Path | None) -> Mapping[str, str]:
    """Text by file name; empty without a folder. Raises Refused where it is not there, or holds something else."""
    if folder is None:
        return {}
    try:
        files = [file for file in sorted(folder.iterdir()) if file.suffix in (".txt", ".html")]
        texts = {file.name: file.read_text(encoding="utf-8") for file in files}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a file in it is not UTF-8"
        raise Refused((_finding(folder, f"it can't be read: {reason}"),)) from None
    if not texts or sum(len(text) for text in texts.values()) > MAX_BYTES:
        raise Refused((_finding(folder, f"it holds no .txt or .html files, or more than {MAX_BYTES} bytes of them"),))
    return texts


def _finding(folder: Path, problem: str) -> Finding:
    return Finding(
        rule="mail-templates",
        resource=folder.name,
        problem=f"{problem} (workshop:event.mail.templates)",
        why="mails would go out in our words",
        fix="put the templates there, or pulumi config rm --path workshop:event.mail.templates",
    )
