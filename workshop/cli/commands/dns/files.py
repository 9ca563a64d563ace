"""`workshop dns lock` and `schema`: what stands beside the zone files."""

from workshop.cli.session import reporting_problems
from workshop.model.counting import counted
from workshop.model.zones.read import LOCK, SCHEMA, read_zones_to_lock, write_lock, zone_schema
from workshop.observe.project import project_folder
from workshop.observe.zone_files import zone_texts
from workshop.sandbox.files import write_whole


def lock() -> None:
    """Writes zones/zones.lock: the checksum of what each zone file says, for the reviewer to see change.

    \b
    Examples:
      workshop dns lock
    """
    with reporting_problems() as screen:
        project = project_folder()
        files, gone = read_zones_to_lock(zone_texts(project))
        changed = [
            *(file.path for file in files if file.reviewed != file.checksum),
            *(f"{path} (gone)" for path in gone),
        ]
        write_whole(project / LOCK, write_lock(files))
        screen.results.print(f"{LOCK}: {', '.join(changed) or 'nothing'} changed, {counted(len(files), 'zone file')}.")


def schema() -> None:
    """Writes zones/zone.schema.json, by which editors check a zone file while it is typed.

    \b
    Examples:
      workshop dns schema
    """
    with reporting_problems() as screen:
        write_whole(project_folder() / SCHEMA, zone_schema())
        screen.results.print(f"{SCHEMA} is written.")
