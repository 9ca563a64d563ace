"""What a policy is here, and how it becomes one that Pulumi runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from policies.framework.kinds import Kind, is_patch
from policies.framework.reading import Reading, Unreadable
from workshop.model.findings import Finding
from workshop.model.plan.plan import Plan
from workshop.model.settings.stack import Settings

THE_STACK = "the stack"
"""Stands where a finding is about no single resource."""


@dataclass(frozen=True, kw_only=True)
class Declared:
    """One declared resource.

    provider: the inputs of the provider that makes it, where it has one, and provider_urn. parent: as declared before
    it, if it was.
    """

    type: str
    name: str
    urn: str
    props: Reading
    is_protected: bool = False
    provider: Reading | None = None
    provider_urn: str = ""
    parent: Declared | None = None

    @property
    def is_patch(self) -> bool:
        """Whether it owns a field or two of somebody else's object, so that what is missing is not touched."""
        return is_patch(self.type)

    @property
    def object_name(self) -> str:
        """The Kubernetes object's own name, or the resource's where it leaves naming to Pulumi."""
        name = self.props.optional("metadata", "name")
        return name.text() if name else self.name

    @property
    def namespace(self) -> str:
        """The Kubernetes object's namespace. Raises Unreadable."""
        namespace = self.props.optional("metadata", "namespace")
        return namespace.text() if namespace else "default"

    @property
    def key(self) -> str:
        """namespace/name of a Kubernetes object. Raises Unreadable where they are not plain."""
        return f"{self.namespace}/{self.object_name}"

    def collecting(self, collected: list[Unreadable]) -> Declared:
        """The same resource; what cannot be read is added to the list instead of being raised."""
        return replace(
            self,
            props=self.props.collecting(collected),
            provider=self.provider.collecting(collected) if self.provider else None,
            parent=self.parent.collecting(collected) if self.parent else None,
        )

    @property
    def place(self) -> str:
        """Which cluster it is in, for comparing resources: the kubeconfig context, or the provider."""
        return self.cluster or self.provider_urn

    @property
    def cluster(self) -> str | None:
        """The kubeconfig context of its provider; None where that is not known."""
        context = self.provider.optional("context") if self.provider else None
        try:
            return context.text() if context else None
        except Unreadable:
            return None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What a rule found.

    problem: with the value found and needed; fix: what fixes it; why: if not the policy's own; about: the
    resource, where a rule looks at several.
    """

    problem: str
    fix: str
    why: str | None = None
    about: Declared | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class StackConfig:
    """The stack's own settings and the plan that follows, worked out again in the policies' process.

    Equal only to itself, so that what follows from it is worked out once.
    """

    settings: Settings
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a rule may ask beside the resource. options: the policy's own settings."""

    options: Reading
    read_stack: Callable[[], StackConfig | None]

    @property
    def stack(self) -> StackConfig | None:
        """The stack's settings and plan, only to ask what is missing or too small. Raises Unreadable."""
        return self.read_stack()


@dataclass(frozen=True, kw_only=True)
class Option:
    """One setting of a policy, a JSON schema with its default."""

    schema: Mapping[str, Any]
    default: Any

    def as_schema(self) -> dict[str, Any]:
        """As Pulumi takes it."""
        return {**self.schema, "default": self.default}


Verdicts: TypeAlias = Iterator[Problem]


def set_by_patch(declared: Declared, *fields: str) -> Verdicts:
    """Fields of the spec that a patch sets and that mean nothing without the rest of the object."""
    for path in fields:
        reading = declared.props.optional("spec", *path.split("."))
        if reading is not None:
            yield Problem(
                problem=f"{reading.path} is set by a patch, which does not show what the rest of the object is",
                fix=f"declare the whole object, or leave {reading.path} to its owner",
            )


def _nothing(_declared: Declared, _context: Context) -> Verdicts:
    return iter(())


def _nothing_in_stack(_resources: tuple[Declared, ...], _context: Context) -> Verdicts:
    return iter(())


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy.

    id: stable kebab-case name. title: what holds, in one sentence. why: a clause, what a violation leads to.
    fix: how to fix one. source: where the rule and its constants come from. applies_to and judge: each
    resource by its declared inputs, before it is touched. judge_stack: all resources, for what is absent.
    is_general: it takes every kind, so a kind that only such policies take is judged by none. judges_patches: of a
    patch, it judges how it is made, not the object that results.
    """

    id: str
    title: str
    why: str
    fix: str
    source: str
    severity: Literal["low", "medium", "high", "critical"] = "high"
    is_mandatory: bool = True
    applies_to: Kind | None = None
    judge: Callable[[Declared, Context], Verdicts] = _nothing
    judge_stack: Callable[[tuple[Declared, ...], Context], Verdicts] = _nothing_in_stack
    is_general: bool = False
    judges_patches: bool = False
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])

    @property
    def judges_stack(self) -> bool:
        """Whether it looks at all resources together."""
        return self.judge_stack is not _nothing_in_stack

    def findings(self, declared: Declared, context: Context) -> Iterator[Finding]:
        """What is wrong with one resource, of a type that this policy applies to."""
        for problem in _fail_closed((declared,), lambda resources: self.judge(resources[0], context)):
            yield self.finding(problem, declared.name)

    def stack_findings(
        self, resources: tuple[Declared, ...], context: Context
    ) -> Iterator[tuple[Declared | None, Finding]]:
        """What is wrong with all resources together, each with the resource it is about."""
        for problem in _fail_closed(resources, lambda resources: self.judge_stack(resources, context)):
            yield problem.about, self.finding(problem, problem.about.name if problem.about else THE_STACK)

    def finding(self, problem: Problem, resource: str) -> Finding:
        """The problem in the shape that every refusal has."""
        why = problem.why or self.why
        return Finding(rule=self.id, resource=resource, problem=problem.problem, why=why, fix=problem.fix)


def _fail_closed(resources: tuple[Declared, ...], judge: Callable[[tuple[Declared, ...]], Verdicts]) -> Verdicts:
    """What cannot be read, and a rule that fails, is a problem of its own; nothing passes unjudged."""
    try:
        yield from judge(resources)
    except Unreadable as unreadable:
        for one in (unreadable, *_others(unreadable, resources, judge)):
            yield Problem(problem=one.problem, fix=one.fix)
    except Exception as error:  # noqa: BLE001 whatever goes wrong in a rule must refuse, not pass
        yield Problem(
            problem=f"the policy itself failed ({type(error).__name__}: {error})",
            why="what was not judged may not pass",
            fix="declare the resource more plainly, or report this as a fault of the policy",
        )


def _others(
    first: Unreadable, resources: tuple[Declared, ...], judge: Callable[[tuple[Declared, ...]], Verdicts]
) -> Iterator[Unreadable]:
    """What else the rule cannot read: it goes on past the first such value, and what it finds by then is left out."""
    collected: list[Unreadable] = []
    with suppress(Exception):
        for _ in judge(tuple(resource.collecting(collected) for resource in resources)):
            pass
    return (one for one in collected if one.path != first.path)
