"""Settings that must fit together: each check raises WrongValues with every value that doesn't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from workshop.model.instances import INSTANCE_TYPES, ZONES
from workshop.model.mend import SettingPath
from workshop.model.settings_errors import WrongValue, WrongValues

if TYPE_CHECKING:
    from workshop.model.settings import Organization
    from workshop.model.settings_regions import Region


def check_regions(regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """Shares add up to 100, one region is the control plane, and nothing that must be a region's own is shared."""
    wrong = [*_shares(regions), *_roles(regions)]
    for name, values in (
        ("name", [region.name for region in regions]),
        ("domain", [region.domain for region in regions]),
        ("load_balancer_host", [region.load_balancer_host for region in regions]),
    ):
        wrong += _repeated(values, lambda index, name=name: (index, name))
    for name, values in (
        ("context", [region.cluster.context for region in regions]),
        ("uid", [region.cluster.uid for region in regions]),
    ):
        wrong += _repeated(values, lambda index, name=name: (index, "cluster", name))
    _raise(wrong)
    return regions


def check_organizations(organizations: tuple[Organization, ...]) -> tuple[Organization, ...]:
    """One organization is the default one, and no name or namespace is used twice."""
    defaults = [index for index, organization in enumerate(organizations) if organization.is_default]
    wrong = [
        WrongValue(
            path=(index, "is_default"), found="true", needed="only one organization is the default", mend="false"
        )
        for index in defaults[1:]
    ]
    if not defaults:
        wrong.append(
            WrongValue(
                path=(0, "is_default"), found="false", needed="one organization must be the default", mend="true"
            )
        )
    wrong += _repeated([organization.name for organization in organizations], lambda index: (index, "name"))
    wrong += _repeated([organization.namespace for organization in organizations], lambda index: (index, "namespace"))
    _raise(wrong)
    return organizations


def check_repositories(repositories: tuple[str, ...]) -> tuple[str, ...]:
    """No repository is named twice."""
    _raise(_repeated(repositories, lambda index: (index,)))
    return repositories


def check_distinct(name: str, values: Sequence[str]) -> None:
    """Nothing in this list is named twice."""
    _raise(_repeated(values, lambda index: (name, index)))


def known_instance_type(name: str) -> str:
    """An instance type whose size and price are in the catalogue."""
    if name not in INSTANCE_TYPES:
        raise ValueError(f"must be one of {', '.join(sorted(INSTANCE_TYPES))} (workshop/model/data/instances.json)")
    return name


def check_zones(region: str, zones: Sequence[str]) -> None:
    """Availability zones are those of the region, as far as these are known, and each is named once."""
    known = sorted(ZONES.get(region, ()))
    needed = f"must be a zone of {region}" + (f": {', '.join(known)}" if known else "")
    _raise(
        [
            WrongValue(path=("zones", index), found=zone, needed=needed, mend=_zone_like(zone, region, known))
            for index, zone in enumerate(zones)
            if zone[:-1] != region or (known and zone not in known)
        ]
        + _repeated(zones, lambda index: ("zones", index))
    )


def _zone_like(zone: str, region: str, known: Sequence[str]) -> str:
    """The region's zone of the same letter, or its first one where it has none of that letter."""
    same = f"{region}{zone[-1]}"
    return same if not known or same in known else known[0]


def check_domains(zone: str, regions: tuple[Region, ...]) -> None:
    """Every region's domain is the zone's name or under it."""
    _raise(
        [
            WrongValue(
                path=("regions", index, "domain"),
                found=region.domain,
                needed=f"must be {zone} (zone.name) or a name under it",
                mend=f"{region.name}.{zone}",
            )
            for index, region in enumerate(regions)
            if region.domain != zone and not region.domain.endswith(f".{zone}")
        ]
    )


def check_image_repository(repository: str, repositories: tuple[str, ...]) -> None:
    """The image is mirrored to a repository that this stack declares."""
    if repository not in repositories:
        needed = f"must be one of workshop:repositories ({', '.join(repositories)}), or it is mirrored nowhere"
        _raise([WrongValue(path=("image", "repository"), found=repository, needed=needed, mend=repositories[0])])


def _shares(regions: tuple[Region, ...]) -> list[WrongValue]:
    total = sum(region.share for region in regions)
    if total == 100:
        return []
    mendable = (index for index, region in enumerate(regions) if region.share + 100 >= total)
    index = max(mendable, default=len(regions) - 1)
    share = regions[index].share
    return [
        WrongValue(
            path=(index, "share"),
            found=share,
            needed=f"shares add up to {total}, must be 100",
            mend=max(0, share + 100 - total),
        )
    ]


def _roles(regions: tuple[Region, ...]) -> list[WrongValue]:
    control_planes = [index for index, region in enumerate(regions) if region.role == "control-plane"]
    if not control_planes:
        needed = "one region must be the control plane"
        return [WrongValue(path=(0, "role"), found="proxy", needed=needed, mend="control-plane")]
    needed = f"only one region is the control plane, and {regions[control_planes[0]].name} is"
    return [
        WrongValue(path=(index, "role"), found="control-plane", needed=needed, mend="proxy")
        for index in control_planes[1:]
    ]


def _repeated(values: Sequence[str | None], path_of: Callable[[int], SettingPath]) -> list[WrongValue]:
    """Every value that has been given before; what is unset is never a repetition."""
    wrong: list[WrongValue] = []
    first: dict[str, int] = {}
    for index, value in enumerate(values):
        if value is None:
            continue
        if value in first:
            needed = f"entry {first[value]} has it already; every entry needs its own"
            wrong.append(WrongValue(path=path_of(index), found=value, needed=needed, mend="VALUE"))
        first.setdefault(value, index)
    return wrong


def _raise(wrong: list[WrongValue]) -> None:
    if wrong:
        raise WrongValues(wrong)
