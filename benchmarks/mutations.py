"""Small changes to a module that a test should see, one at a time, as changes to its syntax tree."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256

SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.And: (ast.Or,), ast.Or: (ast.And,), ast.Add: (ast.Sub,), ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,), ast.Div: (ast.Mult,), ast.FloorDiv: (ast.Mult,), ast.Mod: (ast.Mult,), ast.Pow: (ast.Mult,),
    ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,), ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitAnd,),
}  # fmt: skip
"""What takes an operator's place: an order loses its boundary and is turned around."""
UNSEEN = {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"}
"""Fields of definitions that no call reaches: types, and how a class is made."""
DEFINITIONS = (ast.FunctionDef, ast.ClassDef, ast.arguments, ast.arg, ast.AnnAssign)


@dataclass(frozen=True)
class Mutation:
    """A change: its line, the ``code`` of the statement or expression before and after, and which of its like it is.

    ``scope`` is the first line of the innermost function around it, 0 at the module's level.
    """

    line: int
    scope: int
    before: str
    after: str
    again: int

    @property
    def place(self) -> str:
        """A hash that other changes to the module leave as it is."""
        return sha256(f"{self.before}|{self.after}|{self.again}".encode()).hexdigest()


def mutations(source: str) -> list[Mutation]:
    """Every change of a module."""
    found: list[Mutation] = []
    seen: dict[tuple[str, str], int] = {}
    for line, scope, before, after, _ in _changes(ast.parse(source)):
        again = seen[before, after] = seen.get((before, after), -1) + 1
        found.append(Mutation(line, scope, before, after, again))
    return found


def mutated(source: str, mutation: Mutation) -> str:
    """The module with one change."""
    tree = ast.parse(source)
    same = (put for *_, before, after, put in _changes(tree) if (before, after) == (mutation.before, mutation.after))
    for _ in range(mutation.again):
        next(same)
    next(same)()
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


def _changes(tree: ast.Module) -> Iterator[tuple[int, int, str, str, Callable[[], None]]]:
    for node, scope, put in list(_places(tree, 0)):
        for other in _others(node):
            before, after = ast.unparse(node), ast.unparse(other) if isinstance(other, ast.expr | ast.stmt) else ""
            yield node.lineno, scope, before, after, lambda put=put, other=other: put(other)  # type: ignore[misc]


def _places(node: ast.AST, scope: int) -> Iterator[tuple[ast.expr | ast.stmt, int, Callable[[ast.AST], None]]]:
    """Every expression and statement that runs, its function, and how to put another in its place."""
    for name, value in ast.iter_fields(node):
        if isinstance(node, DEFINITIONS) and name in UNSEEN:
            continue
        if isinstance(value, ast.AST):
            yield from _place(value, scope, lambda other, name=name: setattr(node, name, other))  # type: ignore[misc]
        elif isinstance(value, list):
            for i, one in enumerate(value):
                if isinstance(one, ast.AST):
                    yield from _place(one, scope, lambda other, value=value, i=i: value.__setitem__(i, other))  # type: ignore[misc]


def _place(
    node: ast.AST, scope: int, put: Callable[[ast.AST], None]
) -> Iterator[tuple[ast.expr | ast.stmt, int, Callable[[ast.AST], None]]]:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.keyword) and node.arg == "strict":  # a guard: two arrays of one function are as long
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node, scope, put
    inner = min([node.lineno, *(d.lineno for d in node.decorator_list)]) if isinstance(node, ast.FunctionDef) else scope
    yield from _places(node, inner)


def _others(node: ast.expr | ast.stmt) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    match node:
        case ast.Compare():
            for i, op in enumerate(node.ops):
                for swap in SWAPS[type(op)]:
                    yield _with(node, ops=[*node.ops[:i], swap(), *node.ops[i + 1 :]])
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign():
            for swap in SWAPS.get(type(node.op), ()):
                yield _with(node, op=swap())
        case ast.UnaryOp(op=ast.Not() | ast.USub() | ast.Invert()):
            yield node.operand
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float()):
            yield from (ast.Constant(node.value + 1), ast.Constant(node.value - 1))
        case ast.Return(value=ast.expr()) if not _is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.If() | ast.IfExp() | ast.While():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    if _removable(node):
        yield ast.Pass()


def _removable(node: ast.AST) -> bool:
    """Statements without which the rest can still run."""
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return isinstance(node.targets[0], ast.Attribute | ast.Subscript)
    return isinstance(node, ast.Raise | ast.AugAssign | ast.Continue | ast.Break)


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other
