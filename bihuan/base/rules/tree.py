"""What a rule says, as a small tree: for whoever puts it into words: CEL's grammar without its levels of precedence."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

from lark import Token, Tree

from bihuan.base.rules.parse import RuleError, parsed

SIGNS = {"relation_lt": "<", "relation_le": "<=", "relation_gt": ">", "relation_ge": ">=", "relation_eq": "==",
         "relation_ne": "!=", "relation_in": "in"}  # fmt: skip
CONTRARY = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
ARITHMETIC = {"addition_add": "+", "addition_sub": "-", "multiplication_mul": "*", "multiplication_div": "/",
              "multiplication_mod": "%"}  # fmt: skip
#: Levels of the grammar that say nothing when they hold one thing.
WRAPS = {"expr", "conditionalor", "conditionaland", "relation", "addition", "multiplication", "unary", "member", "primary",
         "paren_expr"}  # fmt: skip


@dataclass(frozen=True)
class Literal:
    """A text, a number, or yes and no."""

    value: str | int | float | bool


@dataclass(frozen=True)
class Name:
    """("account", "tier") for `account.tier`."""

    path: tuple[str, ...]


@dataclass(frozen=True)
class Listed:
    """`["S", "A"]`."""

    items: "tuple[Node, ...]"


@dataclass(frozen=True)
class Call:
    """A function of its arguments; of a method the subject is the first."""

    function: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True)
class Computed:
    """`left sign right` with one of + - * / %."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Compared:
    """`left sign right` with one of < <= > >= == != in."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Negated:
    """Not so."""

    part: "Node"


@dataclass(frozen=True)
class Joined:
    """All of the parts (`every`), or one of them; two or more, never another of the same kind."""

    every: bool
    parts: "tuple[Node, ...]"


Node = Literal | Name | Listed | Call | Computed | Compared | Negated | Joined


def tree_of(text: str) -> Node:
    """The tree of a rule. RuleError for what is no rule, and for what has no place in the tree: `a ? b : c`, `a["b"]`."""
    try:
        return _node(parsed(text))
    except RecursionError:
        raise RuleError("The rule is nested too deeply.") from None
    except (SyntaxError, ValueError) as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError(f"A literal of the rule cannot be read: {text!r}.") from None


def _node(tree: Tree[Token]) -> Node:
    while tree.data in WRAPS and len(tree.children) == 1 and isinstance(tree.children[0], Tree):
        tree = tree.children[0]
    kind = str(tree.data)
    if kind in _READERS:
        return _READERS[kind](tree)
    raise RuleError(f"This part of the rule has no words: {kind}.")


def _children(tree: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _joined(tree: Tree[Token]) -> Node:
    every = tree.data == "conditionaland"
    parts: list[Node] = []
    for child in _children(tree):
        node = _node(child)
        parts += node.parts if isinstance(node, Joined) and node.every == every else (node,)
    return Joined(every, tuple(parts))


def _compared(tree: Tree[Token]) -> Node:
    head, right = _children(tree)
    return Compared(SIGNS[str(head.data)], _node(_children(head)[0]), _node(right))


def _computed(tree: Tree[Token]) -> Node:
    head, right = _children(tree)
    return Computed(ARITHMETIC[str(head.data)], _node(_children(head)[0]), _node(right))


def _unary(tree: Tree[Token]) -> Node:
    operator, inner = _children(tree)
    node = _node(inner)
    if operator.data == "unary_not":
        return _contrary(node)
    if (
        isinstance(node, Literal)
        and isinstance(node.value, (int, float))
        and not isinstance(node.value, bool)
    ):
        return Literal(-node.value)
    return Computed("-", Literal(0), node)


def _contrary(node: Node) -> Node:
    if isinstance(node, Negated):
        return node.part
    if isinstance(node, Compared) and node.sign in CONTRARY:
        return Compared(CONTRARY[node.sign], node.left, node.right)
    return Negated(node)


def _member(tree: Tree[Token]) -> Node:
    inner = _node(_children(tree)[0])
    if not isinstance(inner, Name):
        raise RuleError("This part of the rule has no words: a field of something computed.")
    return Name((*inner.path, str(tree.children[1])))


def _method(tree: Tree[Token]) -> Node:
    subject, name, *rest = tree.children
    assert isinstance(subject, Tree)
    return Call(str(name), (_node(subject), *_arguments(rest)))


def _function(tree: Tree[Token]) -> Node:
    return Call(str(tree.children[0]), _arguments(tree.children[1:]))


def _listed(tree: Tree[Token]) -> Node:
    return Listed(_arguments(tree.children))


def _arguments(parts: "list[Tree[Token] | Token]") -> tuple[Node, ...]:
    return tuple(_node(child) for part in parts if isinstance(part, Tree) for child in _children(part))


def _literal(tree: Tree[Token]) -> Node:
    token = tree.children[0]
    text, kind = str(token), token.type if isinstance(token, Token) else ""
    if text in ("true", "false"):
        return Literal(text == "true")
    if kind == "FLOAT_LIT":
        return Literal(float(text))
    if kind == "INT_LIT":
        return Literal(int(text, 0))
    if kind == "STRING_LIT":
        said = str(ast.literal_eval(text))
        if any("\ud800" <= letter <= "\udfff" for letter in said):
            raise RuleError(f"The literal {text} holds half a character, which is no text.")
        return Literal(said)
    raise RuleError(f"The literal {text} has no words.")


_READERS: dict[str, Callable[[Tree[Token]], Node]] = {
    "conditionalor": _joined, "conditionaland": _joined, "relation": _compared, "addition": _computed,
    "multiplication": _computed, "unary": _unary, "member_dot": _member, "member_dot_arg": _method,
    "ident": lambda tree: Name((str(tree.children[0]),)), "ident_arg": _function, "list_lit": _listed, "literal": _literal,
}  # fmt: skip
