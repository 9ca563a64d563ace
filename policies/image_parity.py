"""image-parity: control plane, proxies, source and registries have one and the same Coder image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from policies.framework.kinds import WORKLOAD, any_of, component
from policies.framework.policy import Context, Declared, Option, Policy, Problem, StackConfig
from policies.framework.reading import Reading, wrong
from policies.resources.clusters import region_of_cluster
from policies.resources.images import DIGEST, ImageReference, declared_images, parse_image
from workshop.model.settings.stack import Settings

COMPONENTS = component("CoderServer", "CoderProxy")


def judge(declared: Declared, context: Context) -> Iterator[Problem]:
    """The image by digest, and what was observed of it the same everywhere."""
    own = dict(own_images(declared, context.stack)) if context.stack and WORKLOAD(declared.type) else {}
    for image, wanted in own.values():
        if image.text not in wanted:
            yield Problem(
                problem=f"{image.path} is '{image.text}', {declared.key} must run {' or '.join(wanted)}",
                fix=f"set {image.path} to {wanted[0]}",
            )
    for image in coder_images(declared, context):
        if image.path in own:
            continue
        if image.digest is None:
            yield Problem(
                problem=f"{image.path} is '{image.text}', which has no digest",
                fix="declare it as REPOSITORY@sha256:DIGEST, with the digest of the image index at its source",
            )
        elif context.stack and image.digest != (planned := context.stack.settings.image.digest) and planned:
            yield Problem(
                problem=f"{image.path} is '{image.text}', workshop:image.digest is {planned}",
                fix=f"set its digest to {planned}",
            )
    if COMPONENTS(declared.type):
        wanted = digest(declared.props.member("digest"))
        observed = {
            place: digest(found) for place, found in declared.props.member("observed_digests").entries().items()
        }
        yield from differing(wanted, observed)
        if context.stack is not None:
            yield from unmatched(wanted, observed, context.stack.settings)


def own_images(declared: Declared, stack: StackConfig) -> Iterator[tuple[str, tuple[ImageReference, tuple[str, ...]]]]:
    """Images of the plan's server and proxies, by path, each with what it must be: one for each region it may be in."""
    settings, here = stack.settings, region_of_cluster(declared, stack)
    if settings.image.digest is None or settings.account is None:
        return
    wanted = tuple(
        f"{settings.account}.dkr.ecr.{region.name}.amazonaws.com/{settings.image.repository}@{settings.image.digest}"
        for region in settings.regions
        if here in (None, region)
    )
    for workload in (settings.server, settings.proxy):
        if declared.key == f"{workload.namespace}/{workload.deployment}":
            containers = declared.props.optional("spec", "template", "spec", "containers")
            for container in containers.items_or_none() if containers else ():
                image = container.optional("image")
                if image is not None and container.member("name").text() == workload.container:
                    yield image.path, (parse_image(image.text(), image), wanted)


def unmatched(wanted: str, observed: Mapping[str, str], settings: Settings) -> Iterator[Problem]:
    """Regions of which nothing was observed, and a source that has another digest."""
    for region in settings.regions:
        if region.name not in observed:
            yield Problem(
                problem=f"observed_digests has none for {region.name}",
                fix=f"look up the image in the registry of {region.name} before declaring it",
            )
    if settings.image.digest is not None and settings.image.digest != wanted:
        yield Problem(
            problem=f"digest is {wanted}, the image at {settings.image.source} is {settings.image.digest}",
            fix="declare the digest that workshop:image has",
        )


def differing(wanted: str, observed: Mapping[str, str]) -> Iterator[Problem]:
    """Places whose digest is another than the one declared."""
    for place, found in observed.items():
        if found != wanted:
            yield Problem(
                problem=f"{place} has {found}, {wanted} is declared",
                fix=f"bring it to {place} (workshop images mirror), or declare the digest that is there everywhere",
            )


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """One digest over all resources that declare the Coder image."""
    first: tuple[Declared, ImageReference] | None = None
    for declared in filter(lambda resource: KINDS(resource.type), resources):
        for image in coder_images(declared, context):
            first = first or (declared, image)
            known, reference = first
            if image.digest != reference.digest:
                yield Problem(
                    problem=f"{image.path} is '{image.text}', while {known.name} runs '{reference.text}'",
                    fix="declare one digest for all of them",
                    about=declared,
                )


def coder_images(declared: Declared, context: Context) -> Iterator[ImageReference]:
    """Those of a resource's images that must be the same everywhere, also behind a prefix or in a fork."""
    repositories = set(context.options.member("repositories").texts())
    if context.stack is not None:
        repositories.add(context.stack.settings.image.repository)
    for image in declared_images(declared):
        if any(image.repository == one or image.repository.endswith(f"/{one}") for one in repositories):
            yield image


def digest(reading: Reading) -> str:
    """A digest. Raises Unreadable if it is none."""
    value = reading.text()
    if not DIGEST.fullmatch(value):
        reading.give_up(wrong(reading.path, f"'{value}'", "sha256: and 64 hex digits"))
    return value


KINDS = any_of(COMPONENTS, WORKLOAD)

IMAGE_PARITY = Policy(
    id="image-parity",
    title="Control plane and proxies run one Coder image, by digest.",
    why="a proxy of another version than its control plane drops workspace connections",
    fix="Copy one image index by digest to every region and declare that digest everywhere.",
    source="The 30 September incident; Monthly Workshop Guide, image check",
    severity="critical",
    applies_to=KINDS,
    judge=judge,
    judge_stack=judge_stack,
    options={
        "repositories": Option(
            schema={
                "type": "array",
                "items": {"type": "string"},
                "description": "repositories whose image must be the same everywhere",
            },
            default=["coder/coder", "coder/coder-preview", "coder-preview"],
        )
    },
)
