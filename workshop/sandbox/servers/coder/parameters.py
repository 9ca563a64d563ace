"""Rich parameters of a build: what is given, what was there before, what the template says."""

from __future__ import annotations

from collections.abc import Mapping

from workshop.sandbox.servers.coder.call import Body
from workshop.sandbox.servers.coder.refusals import Refusal
from workshop.sandbox.servers.coder.state import Parameter, Template


class GivenParameter(Body):
    """One of rich_parameter_values."""

    name: str
    value: str


def build_parameters(
    template: Template, given: tuple[GivenParameter, ...], before: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What a build runs with. before: of the workspace's last one. Unknown ones are ignored. Raises Refusal."""
    asked = {one.name: one.value for one in given}
    found: dict[str, str] = {}
    wrong: list[tuple[str, str]] = []
    for parameter in template.parameters:
        name = parameter.name
        kept = None if before is None or parameter.ephemeral else before.get(name)
        value = asked.get(name, kept if kept is not None else parameter.default)
        if value is None:
            wrong.append((name, "Required parameter not provided; parameter value is null"))
            continue
        if kept is not None and not parameter.mutable and value != kept:
            detail = f'Parameter "{name}" is not mutable, so it can\'t be updated after creating a workspace.'
            wrong.append((name, f"Immutable parameter changed; {detail}"))
        elif problem := _problem(parameter, value):
            wrong.append((name, problem))
        found[name] = value
    if wrong:
        raise Refusal(400, "Unable to validate parameters", validations=wrong)
    return found


def _problem(parameter: Parameter, value: str) -> str:
    if parameter.options and value not in parameter.options:
        return f'Value must be a valid option; the value "{value}" must be defined as one of options'
    if parameter.type != "number":
        return ""
    limit = "Invalid parameter value according to 'validation' block; value"
    if not value.removeprefix("-").isdecimal():
        return f"{limit} {value} is not a number"
    if parameter.maximum is not None and int(value) > parameter.maximum:
        return f"{limit} {value} is more than the maximum {parameter.maximum}"
    if parameter.minimum is not None and int(value) < parameter.minimum:
        return f"{limit} {value} is less than the minimum {parameter.minimum}"
    return ""
