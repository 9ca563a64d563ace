"""`workshop dns lock` and `schema`: what stands beside the zone files."""


def lock() -> None:
    """Writes zones/zones.lock: the checksum of what each zone file says, for the reviewer to see change."""
    from workshop.cli.answer import conversation
    from workshop.cli.stack import CHECKOUT
    from workshop.model.zones.read import LOCK, read_zones, write_lock
    from workshop.observe.zone_files import zone_texts
    from workshop.sandbox.files import write_whole

    with conversation() as screen:
        files = read_zones(zone_texts(CHECKOUT))
        changed = [file.path for file in files if file.reviewed != file.checksum]
        write_whole(CHECKOUT / LOCK, write_lock(files))
        screen.results.print(f"{LOCK}: {', '.join(changed) or 'nothing'} changed, {len(files)} zone files.")


def schema() -> None:
    """Writes zones/zone.schema.json, by which editors check a zone file while it is typed."""
    from workshop.cli.answer import conversation
    from workshop.cli.stack import CHECKOUT
    from workshop.model.zones.read import FOLDER, zone_schema
    from workshop.sandbox.files import write_whole

    with conversation() as screen:
        write_whole(CHECKOUT / FOLDER / "zone.schema.json", zone_schema())
        screen.results.print(f"{FOLDER}/zone.schema.json is written.")
