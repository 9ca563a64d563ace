"""Mutants of one module: its syntax tree with one small fault each."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}
DESCRIBING = {"Policy", "Option"}
"""Calls whose texts are documentation; tests/policies/pack/test_pages.py compares them with docs/policies."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """line: where the fault is; fault: what it is; tree: the whole module with it."""

    line: int
    fault: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its text."""
    tree = ast.parse(source)
    silent = _silent(tree)
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in silent:
            continue
        for fault, change in _faults(node):
            mutated = copy.deepcopy(tree)
            change(list(ast.walk(mutated))[number])
            yield Mutant(line=getattr(node, "lineno", 0), fault=fault, tree=ast.fix_missing_locations(mutated))


def _silent(tree: ast.Module) -> set[int]:
    """Nodes that no test can notice: types, docstrings, texts that only describe, what runs as a script only."""
    found: set[int] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts.append(node.value)
        if isinstance(node, ast.AnnAssign):
            parts.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            parts += [node.returns, *(argument.annotation for argument in node.args.args + node.args.kwonlyargs)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in DESCRIBING | {"cast"}:
            parts += [part for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        if isinstance(node, ast.keyword) and node.arg == "description":
            parts.append(node.value)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "Literal":
            parts.append(node)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "__name__ == '__main__'"):
            parts.append(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("TypeVar", "dataclass"):
            parts.append(node)
        found.update(id(below) for part in parts if part is not None for below in ast.walk(part))
    return found


def _faults(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    if isinstance(node, ast.Compare):
        for index, operator in enumerate(node.ops):
            if type(operator) in SWAPPED:
                yield _name(operator), lambda found, index=index: _swap_compare(found, index)
    elif isinstance(node, (ast.BoolOp, ast.BinOp)) and type(node.op) in SWAPPED:
        yield _name(node.op), _swap
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not taken away", _drop_not
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield f"{node.value} turned", lambda found: setattr(found, "value", not node.value)
        elif isinstance(node.value, (int, float)):
            more = node.value + 1
            yield f"{node.value} plus 1", lambda found: setattr(found, "value", more)
        elif isinstance(node.value, str) and node.value:
            yield f"text {node.value!r:.40}", lambda found: setattr(found, "value", f"~{node.value}")
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        yield (
            "yields nothing",
            lambda found: setattr(found, "value", ast.YieldFrom(value=ast.Tuple(elts=[], ctx=ast.Load()))),
        )


def _name(operator: ast.AST) -> str:
    return f"{type(operator).__name__} to {SWAPPED[type(operator)].__name__}"


def _swap_compare(node: ast.AST, index: int) -> None:
    assert isinstance(node, ast.Compare)
    swapped = SWAPPED[type(node.ops[index])]()
    assert isinstance(swapped, ast.cmpop)
    node.ops[index] = swapped


def _swap(node: ast.AST) -> None:
    assert isinstance(node, (ast.BoolOp, ast.BinOp))
    node.op = SWAPPED[type(node.op)]()  # pyright: ignore[reportAttributeAccessIssue] of the same kind


def _drop_not(node: ast.AST) -> None:
    assert isinstance(node, ast.UnaryOp)
    node.op = ast.Not()
    node.operand = ast.UnaryOp(op=ast.Not(), operand=node.operand)
