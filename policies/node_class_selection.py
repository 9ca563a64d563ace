"""node-class-selection: a node class finds its subnets, its security groups and its role."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.framework.kinds import NODE_CLASS
from policies.framework.policy import Context, Declared, Policy, Problem
from policies.framework.reading import Reading

_ROLE = re.compile(r"[\w+=,.@-]{1,64}")
_TERMS = ("subnetSelectorTerms", "securityGroupSelectorTerms")


def judge(declared: Declared, _context: Context) -> Iterator[Problem]:
    """The identity and the selectors of one class; of a patch, what it sets."""
    spec = declared.props.member("spec")
    yield from identity(spec, declared)
    for name in _TERMS:
        if declared.is_patch and spec.optional(name) is None:
            continue
        for term in spec.member(name).items():
            yield from wrong_term(term)


def identity(spec: Reading, declared: Declared) -> Iterator[Problem]:
    """A role by name or an instance profile, and one of the two."""
    role, profile = spec.optional("role"), spec.optional("instanceProfile")
    if profile is not None:
        profile.text()
    if role is None and profile is None and not declared.is_patch:
        spec.member("role")
    elif role is not None and profile is not None:
        yield Problem(problem="spec has both role and instanceProfile", fix="keep one of the two")
    elif role is not None and not _ROLE.fullmatch(role.text()):
        name = role.text().rpartition("/")[2]
        wanted = name if _ROLE.fullmatch(name) else "the role's name: letters, digits and +=,.@_- only"
        yield Problem(
            problem=f"{role.path} is '{role.text()}', must be the name of an IAM role",
            fix=f"set {role.path} to {wanted}",
        )


def wrong_term(term: Reading) -> Iterator[Problem]:
    """A term that finds nothing, or that Karpenter refuses once it reads it: an id stands alone."""
    by = sorted(name for name in ("id", "name", "tags") if term.optional(name) is not None)
    if not by:
        yield Problem(problem=f"{term.path} selects by nothing", fix="select by tags, or by id")
    elif "id" in by and len(by) > 1:
        yield Problem(
            problem=f"{term.path} selects by {' and '.join(by)}, and an id must be the only selector",
            fix="keep the id alone, or remove it",
        )
    for name in by:
        if name == "tags":
            for tag in term.member(name).entries().values():
                tag.text()
        else:
            term.member(name).text()


NODE_CLASS_SELECTION = Policy(
    id="node-class-selection",
    title="A node class finds its subnets, its security groups and its role.",
    why="the API server accepts it all the same, the class never gets ready, and no node comes",
    fix="Write the role's name, and select by tags or by an id alone.",
    source="Probes of the CRDs by server dry run; Karpenter v1.14 documentation, NodeClasses",
    applies_to=NODE_CLASS,
    judge=judge,
)
