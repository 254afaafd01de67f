"""From the tree of a rule to a sentence in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.base.rules import RuleError
from bihuan.base.rules.tree import (
    MIRRORED,
    Call,
    Compared,
    Computed,
    Joined,
    Listed,
    Literal,
    Name,
    Negated,
    Node,
    tree_of,
)
from bihuan.base.wording import deeds, shapes
from bihuan.base.wording.known import Deed, Known, Named, Names
from bihuan.base.wording.merging import Between, merged
from bihuan.base.wording.shapes import UNTOLD
from bihuan.base.wording.values import beginning, figure, inside, spaced, written

#: What a rule without words is refused by: numbers that nobody writes (1e300) do not fit a sentence either.
WORDLESS = (RuleError, RecursionError, ArithmeticError)
PASSED_THROUGH = ("int", "double", "string", "bool")
ARITHMETIC: Mapping[str, str] = {"+": "+", "-": "−", "*": "×", "/": "÷"}


def in_words(text: str, *, names: Names) -> str:
    """The rule as one sentence without a full stop; empty when a part of it has no words, or when it is no rule."""
    try:
        return spaced(beginning(_Sentence(names).clause(tree_of(text))))
    except WORDLESS:
        return ""


def noun_in_words(text: str, *, names: Names) -> str:
    """What an expression that is no yes or no is called; empty when it is computed, or a part of it has no words."""
    try:
        node = tree_of(text)
        return "" if isinstance(node, Computed) else spaced(_Sentence(names).noun(node))
    except WORDLESS:
        return ""


class _Sentence:
    """One rule being said. RuleError for a part without words."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def clause(self, node: Node) -> str:
        """What is yes or no."""
        if isinstance(node, Joined):
            return self._joined(node)
        if isinstance(node, Compared):
            return self._compared(node)
        if isinstance(node, Negated):
            return self._negated(node.part)
        if isinstance(node, Call):
            return self._has(node, yes=True) if node.function == "has" else self._called(node)
        if isinstance(node, Name):
            return self._yes_or_no(self._known(node), yes=True)
        if isinstance(node, Literal) and isinstance(node.value, bool):
            return _("always") if node.value else _("never")
        raise RuleError(UNTOLD)

    def _joined(self, node: Joined) -> str:
        *most, last = [self._part(one) for one in merged(node)]
        if not most:
            return last
        shape = _("%(clauses)s, and %(last)s") if node.every else _("%(clauses)s, or %(last)s")
        return shape % {"clauses": pgettext("clauses", ", ").join(most), "last": last}

    def _part(self, node: Node | Between) -> str:
        """In brackets when several are joined in it."""
        if isinstance(node, Between):
            return self._between(node)
        several = isinstance(node, Joined) and len(merged(node)) > 1
        return _("(%(clause)s)") % {"clause": self.clause(node)} if several else self.clause(node)

    def _between(self, node: Between) -> str:
        known = self._known(node.name)
        if isinstance(known, Deed):
            return deeds.between(known, low=node.low, high=node.high)
        with_unit = known.kind not in ("days", "hours")
        return _("%(title)s is from %(low)s to %(high)s") % {
            "title": inside(str(known.title)), "high": written(known.kind, node.high),
            "low": written(known.kind, node.low) if with_unit else figure(node.low),
        }  # fmt: skip

    def _negated(self, part: Node) -> str:
        if isinstance(part, Call) and part.function == "has":
            return self._has(part, yes=False)
        if isinstance(part, Name):
            return self._yes_or_no(self._known(part), yes=False)
        if isinstance(part, Compared) and part.sign == "in":
            return self._in(part, yes=False)
        return _("not so: (%(clause)s)") % {"clause": self.clause(part)}

    def _yes_or_no(self, known: Known, *, yes: bool) -> str:
        if isinstance(known, Deed):
            raise RuleError(UNTOLD)
        if own := known.present if yes else known.absent:
            return inside(str(own))
        return _("%(title)s: %(value)s") % {
            "title": inside(str(known.title)), "value": shapes.literal(yes, known.kind)}  # fmt: skip

    def _has(self, node: Call, *, yes: bool) -> str:
        if len(node.arguments) != 1 or not isinstance(node.arguments[0], Name):
            raise RuleError(UNTOLD)
        known = self._known(node.arguments[0])
        if isinstance(known, Deed):
            return deeds.compared(known, ">=" if yes else "==", 1 if yes else 0)
        if own := known.present if yes else known.absent:
            return inside(str(own))
        shape = _("%(title)s is known") if yes else _("%(title)s is not known")
        return shape % {"title": inside(str(known.title))}

    def _called(self, node: Call) -> str:
        found = {
            "contains": _("%(title)s contains %(value)s"), "startsWith": _("%(title)s begins with %(value)s"),
            "endsWith": _("%(title)s ends with %(value)s"), "matches": _("%(title)s fits the pattern %(value)s"),
        }  # fmt: skip
        if node.function not in found or len(node.arguments) != 2:
            raise RuleError(UNTOLD)
        subject, value = node.arguments
        return found[node.function] % {"title": self.noun(subject), "value": self.noun(value)}

    def _compared(self, node: Compared) -> str:
        sign, left, right = node.sign, node.left, node.right
        if sign == "in":
            return self._in(node, yes=True)
        if isinstance(left, Literal) and not isinstance(right, Literal):
            sign, left, right = MIRRORED[sign], right, left
        known = self._known(left) if isinstance(left, Name) else None
        value = right.value if isinstance(right, Literal) else None
        if isinstance(value, bool) and known is not None and sign in ("==", "!="):
            return self._yes_or_no(known, yes=value == (sign == "=="))
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if isinstance(known, Deed):
                return deeds.compared(known, sign, value)
            if isinstance(known, Named) and known.change:
                return shapes.changed(sign, title=inside(str(known.title)), kind=known.kind, by=value)
        if isinstance(left, Name) and (said := self._against_before(sign, left, right)) is not None:
            return said
        if (said := self._empty(sign, left, value)) is not None:
            return said
        title, told = self.noun(left), self._value(right, beside=left)
        if "date" in (self._kind(left), self._kind(right)):
            return shapes.dated(sign, title=title, value=told)
        if isinstance(known, Named) and known.asked and sign in ("==", "!="):
            shape = _("%(title)s: %(value)s") if sign == "==" else _("%(title)s: not %(value)s")
            return shape % {"title": title, "value": told}
        return shapes.compared(sign, title=title, value=told)

    def _empty(self, sign: str, left: Node, value: object) -> str | None:
        """`x == ""` and `size(x) > 0`; None when the rule is something else."""
        counted = isinstance(left, Call) and left.function == "size" and len(left.arguments) == 1
        if counted and value == 0 and sign in ("==", "!=", ">"):
            left = left.arguments[0]  # type: ignore[union-attr]
        elif value != "" or not isinstance(left, Name) or sign not in ("==", "!="):
            return None
        shape = _("%(title)s is empty") if sign == "==" else _("%(title)s is not empty")
        return shape % {"title": self.noun(left)}

    def _against_before(self, sign: str, left: Name, right: Node) -> str | None:
        """`x <= 0.8 * before.x`: it fell by at least 20 %. None when the rule is something else."""
        factor, other = shapes.multiple(right)
        if not isinstance(other, Name) or factor <= 0:
            return None
        now, then = self._known(left), self._known(other)
        if isinstance(now, Deed) and isinstance(then, Deed):
            alike = (now.what, now.where, now.days, now.daily) == (
                then.what,
                then.where,
                then.days,
                then.daily,
            )
            if not alike or now.back or not then.back:
                return None
            return shapes.against(sign, factor=factor, what=deeds.noun(now), before=deeds.before(then))
        if (
            isinstance(now, Named)
            and isinstance(then, Named)
            and then.then
            and then.earlier == ".".join(left.path)
        ):
            return shapes.against(sign, factor=factor, what=inside(str(now.title)), before=str(then.then))
        return None

    def _in(self, node: Compared, *, yes: bool) -> str:
        if not isinstance(node.right, Listed):
            shape = _("%(title)s contains %(value)s") if yes else _("%(title)s does not contain %(value)s")
            return shape % {"title": self.noun(node.right), "value": self.noun(node.left)}
        if not node.right.items:
            return _("never") if yes else _("always")
        values = shapes.one_of(self._value(item, beside=node.left) for item in node.right.items)
        known = self._known(node.left) if isinstance(node.left, Name) else None
        if isinstance(known, Named) and known.asked:
            shape = _("%(title)s: %(value)s") if yes else _("%(title)s: not %(value)s")
            return shape % {"title": self.noun(node.left), "value": values}
        return shapes.compared("==" if yes else "!=", title=self.noun(node.left), value=values)

    def _value(self, node: Node, *, beside: Node) -> str:
        """What something is compared with, in the words and the unit of what stands beside it."""
        known = self._known(beside) if isinstance(beside, Name) else None
        if isinstance(known, Named) and isinstance(node, Literal) and str(node.value) in known.choices:
            return str(known.choices[str(node.value)])
        return self.noun(node, kind=self._kind(beside))

    def noun(self, node: Node, *, kind: str = "") -> str:
        """What is compared; numbers by the kind."""
        if isinstance(node, Literal):
            return shapes.literal(node.value, kind)
        if isinstance(node, Name):
            known = self._known(node)
            return deeds.noun(known) if isinstance(known, Deed) else inside(str(known.title))
        if isinstance(node, Call) and len(node.arguments) == 1:
            (inner,) = node.arguments
            if node.function in PASSED_THROUGH:
                return self.noun(inner, kind=kind)
            if node.function == "timestamp":
                return self.noun(inner, kind="date")
            if node.function == "size":
                return _("length of %(title)s") % {"title": self.noun(inner)}
        if isinstance(node, Computed) and node.sign in ARITHMETIC:
            return self._computed(node)
        raise RuleError(UNTOLD)

    def _computed(self, node: Computed) -> str:
        factor, other = shapes.multiple(node)
        if other is not node:
            return shapes.times(factor, self._operand(other))
        unit = self._kind(node) if node.sign in "+-" else ""
        left, right = self._operand(node.left, kind=unit), self._operand(node.right, kind=unit)
        return f"{left} {ARITHMETIC[node.sign]} {right}"

    def _operand(self, node: Node, *, kind: str = "") -> str:
        said = self.noun(node, kind=kind)
        return _("(%(clause)s)") % {"clause": said} if isinstance(node, Computed) else said

    def _known(self, node: Name) -> Known:
        found = self.names(node.path)
        if found is None:
            raise RuleError(UNTOLD)
        return found

    def _kind(self, node: Node) -> str:
        """How numbers beside it are written."""
        if isinstance(node, Name):
            known = self._known(node)
            return "number" if isinstance(known, Deed) else known.kind
        if isinstance(node, Call) and node.function == "timestamp":
            return "date"
        if isinstance(node, Call) and node.function in PASSED_THROUGH and len(node.arguments) == 1:
            return self._kind(node.arguments[0])
        if isinstance(node, Computed):
            if isinstance(node.right, Literal):
                return self._kind(node.left)
            left, right = self._kind(node.left), self._kind(node.right)
            if node.sign == "/":
                return "percent" if left == right else "number"
            return right if isinstance(node.left, Literal) else left
        return "number"
