"""Reports of earlier events, in a folder that is under version control: a file an event, without names."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from workshop.cli.commands.event.store import folder_of
from workshop.cli.problem import CannotRun
from workshop.cli.stack import Stack
from workshop.model.report.report import Report
from workshop.observe.project import project_folder
from workshop.sandbox.files import write_whole


def reports_folder(stack: Stack) -> Path:
    """Of a stack, unless somebody names another: the sandbox's are with its data."""
    return (folder_of(stack) if stack.is_sandbox else project_folder()) / "reports"


def kept_reports(folder: Path) -> tuple[Report, ...]:
    """Every report in a folder, by the names of their files. Raises CannotRun for a file that is none."""
    return tuple(read_report(file) for file in sorted(folder.glob("*.json")))


def read_report(file: Path) -> Report:
    """One report. Raises CannotRun."""
    try:
        return Report.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise CannotRun(
            f"{file} is no report of an event ({where}: {first['msg']}): make it with workshop event report --json"
        ) from None


def keep_report(report: Report, folder: Path) -> Path:
    """Adds one, in place of an earlier one of the same event. Raises CannotRun where it names people."""
    if report.seats:
        raise CannotRun("This report names people, and is to be kept: make it without --with-names.")
    file = folder / f"{report.start:%Y-%m-%d}-{report.event}.json"
    write_whole(file, report.model_dump_json(indent=1) + "\n")
    return file
