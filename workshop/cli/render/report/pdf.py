"""A report as PDF, set by typst with its own fonts: the same bytes for the same report, on any machine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Final, Literal

import typst

from workshop.cli.render.report.section import Section, legible_section

_PIXELS_PER_INCH: Final = 80


def pdf(title: str, sections: Iterable[Section], pictures: Mapping[str, str]) -> bytes:
    """All of it, tagged for screen readers. Letters that typst's fonts lack, such as Chinese ones, are boxes."""
    return _set(title, sections, pictures, "pdf")[0]


def first_page(title: str, sections: Iterable[Section], pictures: Mapping[str, str]) -> bytes:
    """As PNG."""
    return _set(title, sections, pictures, "png")[0]


def _set(
    title: str, sections: Iterable[Section], pictures: Mapping[str, str], kind: Literal["pdf", "png"]
) -> list[bytes]:
    drawn = {name: {"svg": picture, "alt": _title(picture)} for name, picture in pictures.items()}
    document = {"title": title, "sections": [asdict(legible_section(one)) for one in sections], "pictures": drawn}
    found = typst.compile(
        files("workshop.cli.render.report").joinpath("templates/report.typ").read_bytes(),
        format=kind,
        ppi=_PIXELS_PER_INCH,
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document)},
    )
    return found if isinstance(found, list) else [found]


def _title(picture: str) -> str:
    """What a picture says that it is."""
    found = re.search("<title>(.*?)</title>", picture)
    return found[1] if found else ""
