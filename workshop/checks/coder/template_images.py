"""template-images: nodes pull beforehand what workspaces run."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Collection, Iterator, Mapping
from importlib import import_module
from typing import Any, Final

from workshop.checks.check import CheckOutcome, StackCheck, passed, warning
from workshop.checks.coder.api import Template, templates, version_archive, version_variables
from workshop.checks.coder.event import template_of_event
from workshop.checks.service import Inconclusive
from workshop.checks.site import Site
from workshop.model.counting import counted
from workshop.model.preflight.record import Stage
from workshop.model.settings.commands import set_command
from workshop.model.template_images import TemplateImages, template_images

_SHOWN: Final = 3
_LARGEST: Final = 1_000_000
"""Bytes of Terraform in a file; Coder takes archives of 10 MiB."""


class TemplateImagesPulled(StackCheck):
    """The first workspace on a node waits for an image that was not named in workshop:arrival.images."""

    id = "template-images"
    stage = Stage.BEFORE_EVENT
    asks = "Coder"
    needed = "what templates' workspaces run, by digest, in workshop:arrival.images"

    def look(self, site: Site) -> CheckOutcome:
        """The event's template, else every one that is not deprecated."""
        if site.settings.window is None:
            return passed("no window is set: nodes are not made ready", self.needed)
        event, coder = site.settings.event, site.systems.coder
        looked_at = templates(coder) if event is None else [template_of_event(site, event)]
        known = {one.name: _images(site, one) for one in looked_at if one is not None}  # event-template says so
        images = site.settings.arrival.images
        digests = {image.rpartition("@")[2] for image in images}
        found = [problem for name, one in sorted(known.items()) for problem in _problems(name, one, digests)]
        if found:
            more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            missing = list(dict.fromkeys(image for _, image in found if image))
            fixes = [set_command(("arrival", "images", len(images) + i), image) for i, image in enumerate(missing)]
            fix = "; ".join(fixes) or "name images by digest, in the template and in workshop:arrival.images"
            return warning("; ".join(problem for problem, _ in found[:_SHOWN]) + more, self.needed, fix)
        count = len({image for one in known.values() for image in one.named})
        return passed(f"{counted(count, 'image')} of {counted(len(known), 'template')}", self.needed)


def _problems(template: str, found: TemplateImages, pulled: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is wrong, each with the image that has to be set, or "" where that is not enough."""
    for image in sorted(found.named):
        _, at, digest = image.rpartition("@")
        if not at:
            yield f"{template} runs {image}, by a tag, which may be another image by then", ""
        elif digest not in pulled:
            yield f"{template} runs {image}", image
    for text in sorted(found.unread):
        yield f"{template} works its image out as {text}, which is not read here", ""


def _images(site: Site, template: Template) -> TemplateImages:
    coder, version = site.systems.coder, template.active_version_id
    try:
        files = list(_parsed(version_archive(coder, version)))
    except (tarfile.TarError, ValueError) as error:
        found = f"the Terraform of template {template.name} can't be read: {' '.join(str(error).split())[:120]}"
        raise Inconclusive(found, "terraform validate, and push the template again") from None
    return template_images(files, version_variables(coder, version))


def _parsed(archive: bytes) -> Iterator[Mapping[str, Any]]:
    """Every file of Terraform in an archive. Raises ValueError or tarfile.TarError."""
    from lark import LarkError

    hcl2: Any = import_module("hcl2")  # its grammar takes a moment, and only this check reads one
    options = hcl2.SerializationOptions(
        with_comments=False, explicit_blocks=False, preserve_heredocs=False, strip_string_quotes=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            content = files.extractfile(member) if member.isfile() and member.name.endswith(".tf") else None
            if content is not None:
                try:
                    yield hcl2.loads(content.read(_LARGEST).decode(), serialization_options=options)
                except LarkError as error:
                    raise ValueError(f"{member.name}: {error}") from None
