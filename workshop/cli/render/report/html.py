"""A report as one HTML file, with its pictures in it: nothing is fetched, nothing runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from workshop.cli.render.report.section import Section, legible_section


def html(title: str, sections: Iterable[Section], pictures: Mapping[str, str]) -> str:
    """All of it. pictures: SVG of ours, by the names that sections have for them."""
    environment = Environment(
        loader=PackageLoader("workshop.cli.render.report"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(
        title=title,
        sections=[legible_section(one) for one in sections],
        pictures={name: Markup(picture) for name, picture in pictures.items()},  # noqa: S704 - each is made here
    )
