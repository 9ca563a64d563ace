"""release-safety: what must outlive the stack is protected, what must be given back is not, patches can let go.

A policy sees `protect`, but neither deletions nor `retain_on_delete`: the components' contract test covers those.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.framework.kinds import ADMISSION, DEPLOYMENT, NODE_CLASS, NODE_POOL, any_of, kubernetes
from policies.framework.patches import identity
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.registry_settings import LIFECYCLE, REPLICATION, REPOSITORY
from workshop.model import names

KEPT = any_of(REPOSITORY, REPLICATION, LIFECYCLE)
CRON_JOB = kubernetes("batch", "CronJob")
GIVEN_BACK = any_of(CRON_JOB, NODE_POOL, NODE_CLASS, ADMISSION)
OURS = any_of(NODE_POOL, NODE_CLASS)
PATCHED = any_of(DEPLOYMENT, CRON_JOB, NODE_POOL, NODE_CLASS, ADMISSION)

FORCE, MANAGER = "pulumi.com/patchForce", "pulumi.com/patchFieldManager"


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """Protection of one resource, and how a patch owns its field."""
    if KEPT(declared.type) and not declared.is_protected:
        yield Problem(
            problem="it is not protected",
            why="destroy would delete images that running workshops pull",
            fix="declare it with protect=True",
        )
    if GIVEN_BACK(declared.type) and declared.is_protected:
        yield Problem(
            problem="it is protected",
            why="destroy could not give it back: rotation, the old pool or a guard would stay",
            fix="declare it without protect",
        )
    if declared.is_patch:
        yield from unforced(declared)


def unforced(declared: Declared) -> Iterator[Problem]:
    """A patch that conflicts with the owner of its field, or owns it under a random name."""
    annotations = declared.props.member("metadata", "annotations")
    force = annotations.member(FORCE).text()
    if force != "true":
        yield Problem(problem=f'{FORCE} is "{force}", must be "true"', fix=f'annotate it {FORCE}: "true"')
    annotations.member(MANAGER).text()


def judge_stack(resources: tuple[Declared, ...], context: Context) -> Iterator[Problem]:
    """Patches of this project's own nodes in a stack that does not declare them: what results cannot be judged."""
    if context.stack is None:
        return
    nodes = [resource for resource in resources if OURS(resource.type)]
    for patch in (resource for resource in nodes if resource.is_patch):
        if patch.object_name in (names.NODE_POOL, names.NODE_CLASS) and not any(
            identity(other) == identity(patch) for other in nodes if not other.is_patch
        ):
            yield Problem(
                problem=f"'{patch.object_name}' is patched, and this stack does not declare it",
                why="what results of it cannot be judged",
                fix="remove the patch, and change the component WorkspaceNodes",
                about=patch,
            )


RELEASE_SAFETY = Policy(
    id="release-safety",
    title="What must outlive the stack is protected, what must be given back is not, and patches can let go.",
    why="the patch fails on a field that Helm owns, or leaves the field behind under a random name",
    fix="Protect registries; leave pools and suspensions unprotected; force patches under a field manager of your own.",
    source="Patches of Helm's Deployments on the real CLI (docs/real-cli.md)",
    applies_to=any_of(KEPT, PATCHED),
    judge=judge,
    judge_stack=judge_stack,
    judges_patches=True,
)
