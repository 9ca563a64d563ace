"""`workshop dns import`, `export` and `drift`: zone files against what Cloudflare has."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError

from workshop.cli.options import SANDBOX, StackName
from workshop.cli.problem import CannotRun
from workshop.cli.render.message import print_command, print_message
from workshop.cli.render.tables import plain_table
from workshop.cli.reports import Exit
from workshop.cli.screen import Screen
from workshop.cli.session import reporting_problems
from workshop.cli.shell import workshop_command
from workshop.cli.stack import Stack, read_stack
from workshop.dns.bind import NotBind, read_bind, write_bind
from workshop.dns.existing import CLOUDFLARE, NoRecords, Wait, existing_records, zone_id_of
from workshop.dns.importing import import_records
from workshop.model.counting import counted
from workshop.model.legible import one_line
from workshop.model.observations import ExistingRecord
from workshop.model.settings.file.adoption import with_adoption
from workshop.model.settings.file.edit import CannotEdit
from workshop.model.zones.drift import drift_of
from workshop.model.zones.file import Zone
from workshop.model.zones.read import FOLDER, LOCK, read_zones, write_lock
from workshop.observe.project import project_folder
from workshop.observe.zone_files import zone_texts
from workshop.sandbox.data_folder import token_of
from workshop.sandbox.files import write_whole
from workshop.sandbox.lifecycle import ensure_running
from workshop.sandbox.paths import SandboxPaths

ZoneName = Annotated[str, typer.Argument(metavar="ZONE", help="Name of the zone, such as coderdemo.io.")]
Domains = Annotated[
    list[str] | None, typer.Option("--domain", help="Names at or under it; unset: the zone file's, or the whole zone.")
]
Bind = Annotated[str | None, typer.Option("--bind", metavar="FILE", help="Read a BIND zone file, not Cloudflare.")]


def import_zone(zone: ZoneName, stack: StackName = SANDBOX, domain: Domains = None, bind: Bind = None) -> None:
    """Writes zones/ZONE.yaml from the records that there are, and their adoption into Pulumi.<stack>.yaml.

    The next `up` adopts them and changes nothing. What a zone file can't say exactly is left untouched, and listed.

    \b
    Examples:
      workshop dns import coderdemo.io
      workshop dns import coderdemo.io --bind zone.txt --stack dns
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)  # records do not depend on it
        file = next((file for file in target.zones if file.zone.zone == zone), None)
        if file is not None and file.zone.records:
            raise CannotRun(f"{file.path} has records already: import is for a zone without. Move them away first.")
        given = _asked_for(zone, file.zone if file else None, domain)
        if not bind:
            _refuse_without_id(target, zone)
        try:
            found = read_bind(Path(bind), zone) if bind else _existing(screen, target, zone, given.domains)
        except NotBind as error:
            raise CannotRun(str(error)) from None
        project = project_folder()
        path, settings_file = f"{FOLDER}/{zone}.yaml", f"Pulumi.{stack}.yaml"
        texts = zone_texts(project)
        settings_text = (project / settings_file).read_bytes().decode()  # as it is: its line ends stay
        edits = path
        try:
            result = import_records(given, found, target.settings, texts.get(path, ""))
            edits = settings_file
            settings_text = with_adoption(settings_text, {} if bind else result.adopt)
        except CannotEdit as error:
            raise CannotRun(f"Cannot edit {edits}: {error}. Nothing was changed; fix it and run this again.") from None
        write_whole(project / path, result.text)
        write_whole(project / LOCK, write_lock(read_zones({**texts, path: result.text})))
        if not bind:
            write_whole(project / settings_file, settings_text)
        records = counted(len(result.adopt), "record")
        screen.results.print(f"{FOLDER}/{zone}.yaml: {records} to adopt, {len(result.untouched)} left untouched.")
        for record, why in result.untouched:
            print_message(screen.results, f"Left untouched: {record.name} {record.type}: {why}")
        screen.results.print("Next:")
        print_command(screen.results, workshop_command(stack, "preview"))


def _asked_for(zone: str, present: Zone | None, domains: list[str] | None) -> Zone:
    """The zone to fill. Raises CannotRun for names that are none."""
    values = present.model_dump() if present else {"zone": zone, "domains": [zone]}
    try:
        return Zone.model_validate({**values, **({"domains": domains} if domains else {})})
    except ValidationError as error:
        first = error.errors()[0]
        raise CannotRun(f"{one_line(str(first['input']))}: {first['msg'].removeprefix('Value error, ')}.") from None


def export(zone: ZoneName, stack: StackName = SANDBOX) -> None:
    """Prints the zone's planned records as BIND writes zones.

    \b
    Examples:
      workshop dns export coderdemo.io --stack dns
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)  # records do not depend on it
        plan = target.plan().dns
        records = [record for record in plan.records if record.zone == zone]
        if not records:
            raise CannotRun(f"Stack {stack} has no records in {zone}; there are {', '.join(plan.zones)}.")
        screen.results.print(write_bind(zone, records), end="", soft_wrap=True)


def drift(stack: StackName = SANDBOX) -> None:
    """Shows where Cloudflare's records are not as planned: changed, missing, or not declared at all.

    \b
    Examples:
      workshop dns drift
      workshop dns drift --stack dns
    """
    with reporting_problems(stack) as screen:
        target = read_stack(stack, users_if_unknown=1)  # records do not depend on it
        plan = target.plan().dns
        for zone in plan.zones:
            _refuse_without_id(target, zone)
        existing = [
            record for zone, domains in plan.domains.items() for record in _existing(screen, target, zone, domains)
        ]
        drifts = drift_of(plan, existing)
        differing = [one for one in drifts if one.is_ours]
        screen.results.print(
            f"Of {counted(len(plan.records), 'record')} {len(differing)} differ; "
            f"undeclared and left untouched: {len(drifts) - len(differing)}."
        )
        if drifts:
            table = plain_table("host", "what", "planned", "found")
            for one in drifts:
                table.add_row(one.host, one.what, one.planned, one.found)
            screen.results.print(table)
        if differing:
            screen.results.print("To put them back, unless you change the zone files:")
            print_command(screen.results, workshop_command(stack, "up"))
        raise typer.Exit(Exit.REFUSED if differing else Exit.DONE)


def _refuse_without_id(stack: Stack, zone: str) -> None:
    """Raises CannotRun."""
    if stack.settings.zone_id(zone) is None:
        path = "workshop:zone.id" if zone == stack.settings.zone.name else f'workshop:zones["{zone}"]'
        raise CannotRun(f"The id of zone {zone} is not set: pulumi config set --path '{path}' ID")


def _existing(screen: Screen, stack: Stack, zone: str, domains: tuple[str, ...]) -> tuple[ExistingRecord, ...]:
    """What Cloudflare has. Raises CannotRun."""
    if stack.is_sandbox:
        paths = SandboxPaths.from_environment()
        ensure_running(paths)
        url, token = paths.cloudflare_endpoint, token_of(paths)
    else:
        url, token = CLOUDFLARE, os.environ.get("CLOUDFLARE_API_TOKEN", "")
        if not re.fullmatch(r"[!-~]+", token):
            raise CannotRun(f"Stack {stack.name} is real: export CLOUDFLARE_API_TOKEN with Zone.DNS read first.")
    wait = waiting(screen)
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=not stack.is_sandbox
    ) as client:
        try:
            zone_id = stack.settings.zone_id(zone) or zone_id_of(client, zone, wait)
            if zone_id is None:
                screen.notes.print(f"Zone {zone} is not looked at: its id is not set, and the token can't read it.")
                return ()
            return existing_records(client, zone, zone_id, domains, wait)
        except NoRecords as error:
            raise CannotRun(str(error)) from None


def waiting(screen: Screen) -> Wait:
    """Says for how many seconds nothing will happen and why, and lets them pass."""

    def wait(seconds: float, why: str) -> None:
        screen.notes.print(f"{why}; continuing in {seconds:g} s ...")
        time.sleep(seconds)

    return wait
