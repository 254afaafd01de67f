"""Reading a rule: its length and its words are limited, and what could run long is refused."""

from functools import lru_cache

from celpy.celparser import CELParseError, CELParser
from lark import Token, Tree

MAX_LENGTH = 2_000
MAX_DEPTH = 400
MACROS = frozenset(
    {"map", "filter", "all", "exists", "exists_one", "reduce", "min", "dyn", "type", "optional"}
)
FUNCTIONS = frozenset({"size", "int", "double", "string", "bool", "timestamp", "has"})
METHODS = frozenset({"contains", "startsWith", "endsWith", "matches", "size"})


class RuleError(ValueError):
    """A rule that cannot be read or is refused; the message says what and what to write instead."""


@lru_cache(maxsize=2048)
def parsed(text: str) -> Tree[Token]:
    """The syntax tree; RuleError for what is not CEL or not allowed here."""
    if not text.strip():
        raise RuleError("The rule is empty.")
    if len(text) > MAX_LENGTH:
        raise RuleError(f"The rule has {len(text)} characters; {MAX_LENGTH} are allowed.")
    try:
        tree: Tree[Token] = CELParser().parse(text)
    except CELParseError as error:
        where = f" at line {error.line}, column {error.column}" if error.line else ""
        raise RuleError(f"The rule cannot be read{where}: {text!r}.") from None
    except RecursionError:
        raise RuleError("The rule is nested too deeply.") from None
    check(tree)
    return tree


def check(tree: Tree[Token]) -> None:
    """Refuse macros, unknown functions, null literals, objects and bytes, and trees that are too deep."""
    pending: list[tuple[Tree[Token], int]] = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise RuleError("The rule is nested too deeply.")
        kind, children = node.data, node.children
        if kind == "ident_arg" and str(children[0]) not in FUNCTIONS:
            raise RuleError(
                f"The function {children[0]}() is not allowed; use: {', '.join(sorted(FUNCTIONS))}."
            )
        if kind == "member_dot_arg" and str(children[1]) not in METHODS:
            refused = "loops over lists are not allowed" if str(children[1]) in MACROS else "it is not known"
            raise RuleError(f".{children[1]}() is refused: {refused}. Use: {', '.join(sorted(METHODS))}.")
        if kind in ("member_object", "map_lit", "dot_ident", "dot_ident_arg"):
            raise RuleError("Objects and absolute names are not allowed in a rule.")
        if kind == "literal" and isinstance(children[0], Token):
            if children[0].type in ("NULL_LIT",) or str(children[0]) == "null":
                raise RuleError("Do not compare with null: write !has(a.b), or has(a.b).")
            if children[0].type in ("BYTES_LIT", "UINT_LIT", "MLSTRING_LIT"):
                raise RuleError(
                    f"The literal {children[0]} is not allowed; use numbers, strings, true and false."
                )
        pending.extend((child, depth + 1) for child in children if isinstance(child, Tree))


@lru_cache(maxsize=2048)
def names_in(text: str) -> frozenset[str]:
    """The top-level names a rule speaks of: `account` for `account.tier`."""
    return frozenset(str(node.children[0]) for node in parsed(text).find_data("ident"))


@lru_cache(maxsize=2048)
def paths_in(text: str) -> frozenset[tuple[str, ...]]:
    """The full names a rule speaks of: ("account", "tier") for `account.tier`, ("n",) for `n`."""
    found: set[tuple[str, ...]] = set()
    pending: list[Tree[Token]] = [parsed(text)]
    while pending:
        node = pending.pop()
        path = _path_of(node)
        if path is not None:
            found.add(path)
        else:
            pending.extend(child for child in node.children if isinstance(child, Tree))
    return frozenset(found)


def _path_of(node: Tree[Token]) -> tuple[str, ...] | None:
    """The name that a node is, when it is nothing else."""
    if node.data == "ident":
        return (str(node.children[0]),)
    if node.data == "member_dot":
        inner, name = node.children
        above = _path_of(inner) if isinstance(inner, Tree) else None
        return None if above is None else (*above, str(name))
    if node.data in ("member", "primary") and len(node.children) == 1 and isinstance(node.children[0], Tree):
        return _path_of(node.children[0])
    return None
