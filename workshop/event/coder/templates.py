"""Templates, and what they want to know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workshop.event.coder.answers import Answer
from workshop.event.coder.connection import Connection


class Template(Answer):
    """A template. default_ttl_ms: how long its workspaces run; activity_bump_ms: by how much use puts that off."""

    id: str
    name: str
    organization_id: str
    active_version_id: str
    deprecated: bool = False
    default_ttl_ms: int = 0
    activity_bump_ms: int = 0


class Option(Answer):
    """A value that a parameter may have."""

    value: str


class RichParameter(Answer):
    """What a template asks. mutable: may be changed at a later start; ephemeral: holds for one start only.

    validation_*: bounds of a number.
    """

    name: str
    type: str
    mutable: bool
    required: bool = False
    ephemeral: bool = False
    default_value: str = ""
    options: tuple[Option, ...] = ()
    validation_min: int | None = None
    validation_max: int | None = None


class Templates(Connection):
    """Coder's templates."""

    def template(self, organization_id: str, name: str) -> Template | None:
        """By name; None if there is none that the token may see."""
        route = "/organizations/{organization}/templates/{template}"
        return self._find(Template, route, organization_id, name)

    def rich_parameters(self, version_id: str) -> list[RichParameter]:
        """What a version of a template asks."""
        return self._list(RichParameter, "/templateversions/{version}/rich-parameters", version_id)


def parameter_problems(asked: Iterable[RichParameter], given: Mapping[str, str]) -> list[str]:
    """What is wrong with parameters, the names that Coder would drop in silence among it."""
    known = {one.name: one for one in asked}
    problems = [f"the template has no parameter {name}" for name in given if name not in known]
    for name, parameter in known.items():
        if name not in given:
            problems += [f"the parameter {name} is required"] if parameter.required else []
        elif allowed := _what_else(parameter, given[name]):
            problems.append(f"the parameter {name} is {given[name]}; it can be {allowed}")
    return problems


def _what_else(parameter: RichParameter, value: str) -> str:
    """What Coder would take instead; "" where it takes the value, or where only Coder can tell."""
    values = [option.value for option in parameter.options]
    if values:
        return "" if parameter.type == "list(string)" or value in values else ", ".join(values)
    least, most = parameter.validation_min, parameter.validation_max
    if parameter.type == "number" and (least, most) != (None, None):
        bounds = [f"{name} {one}" for name, one in (("at least", least), ("at most", most)) if one is not None]
        is_number = re.fullmatch(r"[+-]?\d+", value, re.ASCII) is not None
        is_in = is_number and (least is None or int(value) >= least) and (most is None or int(value) <= most)
        return "" if is_in else f"a whole number, {' and '.join(bounds)}"
    if parameter.type == "bool":
        return "" if value in ("true", "false") else "true, false"
    return ""
