"""The pictures in docs/report/: those of a report, one of months, and the first page as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from tests.model.report.played import given, played
from workshop.cli.render.report.contents.report import sections, title
from workshop.cli.render.report.pdf import first_page
from workshop.cli.render.report.pictures.months import months_picture
from workshop.cli.render.report.pictures.report import pictures
from workshop.model.report.months import months
from workshop.model.report.report import Report, make_report
from workshop.sandbox.files import write_whole

FOLDER: Final = Path(__file__).parents[2] / "docs" / "report"


def drawn() -> Mapping[str, str | bytes]:
    """Contents by the name of their file."""
    report = make_report(given(), played())
    return {
        **{f"{name}.svg": picture for name, picture in pictures(report).items()},
        "months.svg": months_picture(months(_months(report))),
        "page.png": first_page(title(report), sections(report), pictures(report)),
    }


def _months(report: Report) -> tuple[Report, ...]:
    """The event as it was played, and two before it that went worse."""
    worse = (("august", 56, 8, 75.0, 12.5), ("september", 28, 10, 80.0, 9.1))
    return (*(_as(report, *figures) for figures in worse), report)


def _as(report: Report, name: str, days: int, came: int, completed: float, failed: float) -> Report:
    everybody = report.people.everybody.model_copy(update={"came": came})
    numbers = {"completion": completed, "failure-rate": failed}
    return report.model_copy(
        update={
            "event": name,
            "start": report.start - timedelta(days=days),
            "people": report.people.model_copy(update={"everybody": everybody}),
            "metrics": tuple(
                one.model_copy(update={"number": numbers[one.id]}) if one.id in numbers else one
                for one in report.metrics
            ),
        }
    )


if __name__ == "__main__":
    for file, content in drawn().items():
        write_whole(FOLDER / file, content)
