"""Template tags whose arguments are written in the template: worked out once per language, then only printed.

A page says about a hundred such words and icons; looking each up again cost a fifth of the page.
"""

from collections.abc import Callable
from typing import Any

from django.template import Context, Node
from django.template.base import FilterExpression, Parser, Token
from django.template.library import SimpleNode
from django.templatetags.i18n import do_translate
from django.utils.safestring import SafeString
from django.utils.translation import get_language

Compile = Callable[[Parser, Token], Any]


class Said(Node):
    """Words: prints what `node` printed the first time in this language."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self.node = node
        self.printed: dict[tuple[str | None, bool], SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """As `node` does."""
        key = (get_language(), context.autoescape)
        found = self.printed.get(key)
        if found is None:
            found = self.printed[key] = SafeString(self.node.render(context))
        return found


class Drawn(Node):
    """A picture, which reads the same in every language: prints what `node` printed the first time."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self.node = node
        self.printed: SafeString | None = None

    def render(self, context: Context) -> SafeString:
        """As `node` does."""
        if self.printed is None:
            self.printed = SafeString(self.node.render(context))
        return self.printed


def written_out(argument: Any) -> bool:
    """Whether an argument of a tag is a text in quotes without filters."""
    return isinstance(argument, FilterExpression) and isinstance(argument.var, str) and not argument.filters


def translate(parser: Parser, token: Token) -> Node:
    """Django's `{% translate %}`; one with a text and nothing else is looked up once per language."""
    bits = token.split_contents()
    fixed = len(bits) == 2 and written_out(parser.compile_filter(bits[1]))
    node: Node = do_translate(parser, token)
    return Said(node) if fixed else node


def drawn_once(compiled: Compile) -> Compile:
    """A simple tag that gives markup and depends on nothing but its arguments: drawn once when all are texts."""

    def compile_tag(parser: Parser, token: Token) -> Node:
        node: SimpleNode = compiled(parser, token)
        arguments = [*node.args, *node.kwargs.values()]
        return Drawn(node) if node.target_var is None and all(map(written_out, arguments)) else node

    return compile_tag
