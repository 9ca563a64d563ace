"""A build that may be pinned, looked at: at its source, in the registries of the regions, and by its signatures."""

from __future__ import annotations

from workshop.checks.aws.mirrored import holding_regions, scanned
from workshop.checks.published import published_attachments, published_build, published_digest
from workshop.checks.service import Inconclusive, Service
from workshop.checks.site import Site
from workshop.model.images.build import Build
from workshop.model.images.candidate import Candidate, Signed
from workshop.model.images.sources import Source


def source_digest(site: Site, source: Source) -> str:
    """Where the tag that is followed leads now. Raises Inconclusive, also where the source has no such tag."""
    registry, name = site.systems.published(source.image.source)
    found = published_digest(registry, name, source.image.tag)
    if found is None:
        raise Inconclusive(f"{source.image.source} has no tag {source.image.tag}", "correct the image's source and tag")
    return found


def pinned_build(site: Site, source: Source, known: Build) -> Build:
    """The pinned build as its source describes it, else as it is known: sources delete old builds."""
    try:
        return published_build(*site.systems.published(source.image.source), known.digest) or known
    except Inconclusive:
        return known


def candidate(site: Site, source: Source, digest: str, pinned: Build | None) -> Candidate:
    """One build beside the pinned one. Raises Inconclusive, also where the source has no such digest."""
    registry, name = site.systems.published(source.image.source)
    build = published_build(registry, name, digest)
    if build is None:
        raise Inconclusive(
            f"{source.image.source} has no image {digest}",
            "scripts/workshop images check shows what it has; sources delete old builds (docs/images.md)",
        )
    return Candidate(
        source=source,
        pinned=pinned,
        build=build,
        regions=holding_regions(site, source.image.repository, digest),
        signed=_signed(registry, name, source, digest),
        vulnerabilities=scanned(site, source.image.repository, build),
    )


def former(site: Site, source: Source, build: Build, pinned: Build | None) -> Candidate:
    """A build that ran before: its source may have deleted it, and what matters is that the regions hold it."""
    held = holding_regions(site, source.image.repository, build.digest)
    return Candidate(source=source, pinned=pinned, build=build, regions=held)


def _signed(registry: Service, name: str, source: Source, digest: str) -> Signed:
    # Imported here: what verifies takes a second to import, and preflight does not need it.
    from workshop.images.signatures import pinned_root, signed

    attached = published_attachments(registry, name, digest)
    return signed(
        attached.bundles,
        attached.others,
        digest=digest,
        signer=source.image.signer,
        issuer=source.image.signer_issuer,
        root=pinned_root(),
    )
