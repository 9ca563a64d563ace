"""Templates and their versions, to be read. Nobody changes one here: they are others' (docs/event.md)."""

from __future__ import annotations

from typing import Final

from workshop.sandbox.json_values import Json
from workshop.sandbox.servers.coder.answers import templates as answers
from workshop.sandbox.servers.coder.answers.templates import file_id
from workshop.sandbox.servers.coder.answers.workspaces import version_id
from workshop.sandbox.servers.coder.call import Answer, Call, Route, checked_id
from workshop.sandbox.servers.coder.refusals import hidden
from workshop.sandbox.servers.coder.searches import search_terms


def _found(call: Call, organization: str | None = None) -> Json:
    known = {"name", "organization", "deprecated", "exact_name", "display_name", "author", "has-ai-task"}
    terms = search_terms(call.query.get("q", ""), "template", known)
    if terms.get("deprecated") == "true":
        return []
    return [
        answers.template(name, one)
        for name, one in sorted(call.contents.templates.items())
        if call.caller.may("read", "template", one.organization)
        and organization in (None, one.organization)
        and terms.get("organization", one.organization) == one.organization
        and terms.get("exact_name", name) == name
        and (terms.get("name") or terms.get("", "")) in name
    ]


def _list(call: Call) -> Json:
    return _found(call)


def _of_organization(call: Call, organization: str) -> Json:
    return _found(call, call.organization(organization))


def _get(call: Call, template: str) -> Json:
    name = call.template(template)
    return answers.template(name, call.contents.templates[name])


def _by_name(call: Call, organization: str, template: str) -> Json:
    found = call.contents.templates.get(template)
    if found is None or found.organization != call.organization(organization):
        raise hidden()
    return answers.template(template, found)


def _versions(call: Call, template: str) -> Json:
    name = call.template(template)
    return [answers.version(name, call.contents.templates[name])]


def _version_by_name(call: Call, template: str, version: str) -> Json:
    name = call.template(template)
    if call.contents.templates[name].version != version:
        raise hidden()
    return answers.version(name, call.contents.templates[name])


def _named(call: Call, version: str) -> str:
    """The template whose active version it is."""
    checked_id(version)
    for name, template in call.contents.templates.items():
        if version == version_id(name, template.version) and call.caller.may("read", "template", template.organization):
            return name
    raise hidden()


def _version(call: Call, version: str) -> Json:
    name = _named(call, version)
    return answers.version(name, call.contents.templates[name])


def _parameters(call: Call, version: str) -> Json:
    return [answers.parameter(one) for one in call.contents.templates[_named(call, version)].parameters]


def _variables(call: Call, version: str) -> Json:
    return [answers.variable(*one) for one in call.contents.templates[_named(call, version)].variables.items()]


def _file(call: Call, file: str) -> Answer:
    """The archive of a version, for whoever may change its template."""
    checked_id(file)
    for name, template in call.contents.templates.items():
        if file == file_id(name, template) and call.caller.may("update", "template", template.organization):
            return Answer(status=200, body=answers.archive(template), content_type="application/x-tar")
    raise hidden()


def _presets(call: Call, version: str) -> Json:
    _named(call, version)
    return []


ROUTES: Final[tuple[Route, ...]] = (
    ("GET", "/templates", _list),
    ("GET", "/organizations/<organization>/templates", _of_organization),
    ("GET", "/organizations/<organization>/templates/<template>", _by_name),
    ("GET", "/templates/<template>", _get),
    ("GET", "/templates/<template>/versions", _versions),
    ("GET", "/templates/<template>/versions/<version>", _version_by_name),
    ("GET", "/templateversions/<version>", _version),
    ("GET", "/templateversions/<version>/rich-parameters", _parameters),
    ("GET", "/templateversions/<version>/presets", _presets),
    ("GET", "/templateversions/<version>/variables", _variables),
    ("GET", "/files/<file>", _file),
)
