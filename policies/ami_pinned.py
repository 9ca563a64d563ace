"""ami-pinned: node classes name one AMI version, so that a new one does not roll nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading

_VERSION = re.compile(r"v?\d[\w.-]*")
_AMI_ID = re.compile(r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})")


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """Every way in which the node class selects its AMI."""
    if declared.is_patch and declared.props.optional("spec", "amiSelectorTerms") is None:
        return
    for term in declared.props.member("spec", "amiSelectorTerms").items():
        yield from not_pinned(term)


def not_pinned(term: Reading) -> Iterator[Problem]:
    """A term whose AMI can become another one."""
    alias, ami = term.optional("alias"), term.optional("id")
    if alias is not None:
        family, _, version = alias.text().partition("@")
        if not _VERSION.fullmatch(version):
            yield Problem(
                problem=f"{alias.path} is '{alias.text()}', which has no version",
                fix=f"write {family}@VERSION, with the version that the nodes run now",
            )
    elif ami is not None:
        if not _AMI_ID.fullmatch(ami.text()):
            yield Problem(problem=f"{ami.path} is '{ami.text()}', not an AMI id", fix="write ami-... of one AMI")
    else:
        by = ", ".join(sorted(term.entries()))
        yield Problem(
            problem=f"{term.path} selects by {by}, which can find another AMI tomorrow",
            fix="select by alias with a version, or by id",
        )


AMI_PINNED = Policy(
    id="ami-pinned",
    title="Node classes name one AMI version.",
    why="every node drifts when a new AMI appears, and its workspaces go with it",
    fix="Write the alias with a version (bottlerocket@v1.44.0), never latest.",
    source="Karpenter documentation, Drift; facts of the real repository: bottlerocket@latest",
    applies_to=NODE_CLASS,
    judge=judge,
)
