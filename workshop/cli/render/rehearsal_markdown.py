"""A rehearsal's result, as `rehearse --json` wrote it, in Markdown for reviewers of a change."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from workshop.cli.problem import CannotRun
from workshop.cli.render.markdown import Block, code, table
from workshop.model.counting import counted

_SAID = {True: "passed", False: "failed", None: ""}


class _Figure(BaseModel):
    region: str
    name: str
    predicted: str
    observed: str
    passed: bool | None


class _Rehearsed(BaseModel):
    """What is read of the document."""

    stack: str
    users: int
    as_expected: bool
    headline: str
    figures: tuple[_Figure, ...]
    pending: Mapping[str, Mapping[str, int]]
    evicted: Mapping[str, Mapping[str, int]]
    not_rehearsed: str


class _Failed(BaseModel):
    error: str


def rehearsal_blocks(text: str, file: str) -> list[Block]:
    """The verdict, then every figure. Raises CannotRun where the file is no such document."""
    title = "### Rehearsal\n\n"
    try:
        found = _Rehearsed.model_validate_json(text)
    except ValidationError:
        try:
            return [Block(text=f"{title}**Not rehearsed**: {code(_Failed.model_validate_json(text).error)}\n")]
        except ValidationError:
            raise CannotRun(f"{file} is not what `workshop rehearse --json` writes.") from None
    verdict = "Passed" if found.as_expected else "**Failed**"
    head = f"{title}{verdict}: stack {code(found.stack)}, {counted(found.users, 'person', 'people')}. "
    head += f"{code(found.headline)}\n"
    why = [
        f"1. {code(region)}: {count} {state}: {code(reason)}\n"
        for state, by_region in (("waiting", found.pending), ("evicted", found.evicted))
        for region, counts in by_region.items()
        for reason, count in counts.items()
    ]
    rows = [(one.region, one.name, one.predicted, one.observed, _SAID[one.passed]) for one in found.figures]
    figures = table(("region", "figure", "predicted", "observed", ""), rows)
    missed = [one for one in found.figures if one.passed is False]
    short = "".join(f"1. {code(one.region)}: {code(one.name)}\n" for one in missed[:20])
    return [Block(text=f"{head}\n{''.join(why)}\n{figures}\n{code(found.not_rehearsed)}\n", summary=f"{head}\n{short}")]
