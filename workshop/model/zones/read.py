"""From the text of zone files to zones, or to findings with file and line of everything that is wrong."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workshop.model.findings import Finding, Refused
from workshop.model.legible import one_line
from workshop.model.settings.errors import is_counted_short
from workshop.model.settings.file.yaml import YamlError, read_yaml_with_lines
from workshop.model.zones.file import Zone, ZoneFile, ZoneLimits, ZoneRecord, place_in

NAME: Final = "zone-file"
FOLDER: Final = "zones"
"""Where zone files are, from the project's folder."""
LOCK: Final = f"{FOLDER}/zones.lock"
"""A line `CHECKSUM  FILE` for each zone file, as `workshop dns lock` writes it."""
SCHEMA: Final = f"{FOLDER}/zone.schema.json"
"""For editors, as `workshop dns schema` writes it."""

_ODD_LINE_END: Final = re.compile("[\x85\u2028\u2029]|\r(?!\n)")
"""YAML ends a line there, editors and git do not: what follows would be shown on another line than it is read on."""


def read_zones(texts: Mapping[str, str]) -> tuple[ZoneFile, ...]:
    """Reads zone files and their lock, by path from the project's folder. Raises Refused with all that is wrong.

    A file that the lock names and that is not there is wrong: it was deleted or renamed, and nobody judges what it
    guarded.
    """
    return _read(texts, list(_lost(texts)))


def read_zones_to_lock(texts: Mapping[str, str]) -> tuple[tuple[ZoneFile, ...], tuple[str, ...]]:
    """Reads zone files for a new lock; also the paths that the present lock names and that are gone. Raises Refused."""
    return _read(texts, []), tuple(path for path, _ in _lost_paths(texts))


def _read(texts: Mapping[str, str], findings: list[Finding]) -> tuple[ZoneFile, ...]:
    reviewed = lock_lines(texts.get(LOCK, ""))
    files: list[ZoneFile] = []
    for path in sorted(path for path in texts if path != LOCK):
        try:
            files.append(_read_zone(path, texts[path], reviewed.get(path)))
        except Refused as refused:
            findings += refused.findings
    if findings:
        raise Refused(tuple(findings))
    return tuple(files)


def _lost_paths(texts: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Path, and line in the lock, of each file that was reviewed once and is not there."""
    for number, text in enumerate(texts.get(LOCK, "").splitlines(), 1):
        path = text.partition("  ")[2]
        if path and path not in texts:
            yield path, number


def _lost(texts: Mapping[str, str]) -> Iterator[Finding]:
    for path, number in _lost_paths(texts):
        yield Finding(
            rule=NAME,
            resource=f"{LOCK}:{number}",
            problem=f"{path} was reviewed and does not exist",
            why="its records would be deleted, and must_exist and limits would hold nobody back",
            fix=f"put {path} back under that name; to give the zone up, retire its records, apply, remove them, apply, "
            "then remove the file and run scripts/workshop dns lock",
        )


def write_lock(files: tuple[ZoneFile, ...]) -> str:
    """The lock of these files."""
    return "".join(f"{file.checksum}  {file.path}\n" for file in sorted(files, key=lambda file: file.path))


def zone_schema() -> str:
    """JSON Schema of a zone file, for editors; `# yaml-language-server: $schema=` names it in each file."""
    return json.dumps(Zone.model_json_schema(), indent=2) + "\n"


def checksum(zone: Zone) -> str:
    """SHA-256 of what a zone says; how it is written, and in which order, makes no difference."""
    said = zone.model_dump()
    said["records"] = sorted(said["records"], key=lambda record: (record["host"], str(record["target"])))
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _read_zone(path: str, text: str, reviewed: str | None) -> ZoneFile:
    if odd := _ODD_LINE_END.search(text):
        place = f"{path}:{len(text[: odd.start()].split(chr(10)))}"
        problem = f"contains U+{ord(odd[0]):04X}, which ends a line for YAML and not for editors"
        raise Refused((not_understood(place, problem, "end lines with a line feed, as editors do"),))
    try:
        value, lines = read_yaml_with_lines(text)
    except YamlError as error:
        line, _, problem = str(error).partition(": ")
        number = re.search(r"line (\d+)", line)
        place = f"{path}:{number[1] if number else 1}"
        raise Refused((not_understood(place, problem or line, "fix the YAML"),)) from None
    try:
        zone = Zone.model_validate({} if value is None else value)
    except ValidationError as error:
        errors = error.errors()
        wrong = [one for one in errors if not is_counted_short(one, errors)]
        raise Refused(
            tuple(not_understood(place_in(path, lines, one["loc"]), *_problem(one)) for one in wrong)
        ) from None
    file = ZoneFile(path=path, zone=zone, checksum=checksum(zone), reviewed=reviewed, lines=lines)
    findings = tuple(_disagreements(file))
    if findings:
        raise Refused(findings)
    return file


def _disagreements(file: ZoneFile) -> Iterator[Finding]:
    """Values that are valid alone and not together."""
    if file.path != f"{FOLDER}/{file.zone.zone}.yaml":
        problem = f"zone is {file.zone.zone}, the file is {file.path}"
        yield not_understood(file.place("zone"), problem, f"rename the file to {FOLDER}/{file.zone.zone}.yaml")
    for index, record in enumerate(file.zone.records):
        place = file.place("records", index)
        if (record.region is None) == (record.target is None):
            given, joined = ("neither", "nor") if record.region is None else ("both", "and")
            yield not_understood(
                place, f"{record.host} has {given} region {joined} target; one is needed", "keep one of them"
            )
        if record.proxied and "ttl" in record.model_fields_set:
            fix = "remove ttl, or set proxied: false"
            yield not_understood(
                place, f"{record.host} is proxied and has a ttl, which Cloudflare then sets itself", fix
            )


_KEYS: Final = {"records": ZoneRecord, "limits": ZoneLimits}


def _problem(error: ErrorDetails) -> tuple[str, str]:
    """Problem and fix of one value that the model does not take."""
    path = error["loc"]
    key = _key(path)
    if error["type"] == "missing":
        return f"{key} is missing", f"add {path[-1]}:"
    if error["type"] == "extra_forbidden":
        model = _KEYS.get(str(path[0]), Zone)
        return f"unknown key {key}", f"use one of {', '.join(model.model_fields)}"
    cause = error.get("ctx", {}).get("error")
    needed = str(cause) if isinstance(cause, ValueError) else _needed(error)
    return f"{key} is {_shown(error['input'])}: {needed}", f"fix {key}"


def _needed(error: ErrorDetails) -> str:
    """pydantic's messages, in plain English."""
    if error["type"] == "too_short":
        return "must have at least one entry"
    return error["msg"].replace("Input should be", "it must be").replace("String should", "it should")


def _key(path: tuple[int | str, ...]) -> str:
    key = ""
    for step in path:
        key += f"[{step}]" if isinstance(step, int) else f".{step}" if key else step
    return key or "the file"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    text = one_line(text)
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"


def not_understood(place: str, problem: str, fix: str) -> Finding:
    """Why a zone file, or the folder of them, is not applied. place: path, and line if there is one."""
    return Finding(
        rule=NAME,
        resource=place,
        problem=problem,
        why="a zone file is applied only where all of it is understood",
        fix=fix,
    )


def lock_lines(text: str) -> dict[str, str]:
    """Checksums by path; lines of another form review nothing."""
    lines = (line.partition("  ") for line in text.splitlines())
    return {path: checksum for checksum, _, path in lines}
