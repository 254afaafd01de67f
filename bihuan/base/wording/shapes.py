"""The shapes of sentences: how a title and a value are put together."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from bihuan.base.rules import RuleError
from bihuan.base.rules.tree import Computed, Literal, Node
from bihuan.base.wording.values import figure, moment, quoted, written

UNTOLD = "This part of the rule has no words."


def compared(sign: str, *, title: str, value: str) -> str:
    """A title and a value with a sign between."""
    shapes = {
        "==": _("%(title)s is %(value)s"), "!=": _("%(title)s is not %(value)s"),
        "<": _("%(title)s is below %(value)s"), "<=": _("%(title)s is at most %(value)s"),
        ">": _("%(title)s is more than %(value)s"), ">=": _("%(title)s is at least %(value)s"),
    }  # fmt: skip
    return shapes[sign] % {"title": title, "value": value}


def dated(sign: str, *, title: str, value: str) -> str:
    """The same of days."""
    shapes = {
        "==": _("%(title)s is %(value)s"), "!=": _("%(title)s is not %(value)s"),
        "<": _("%(title)s is before %(value)s"), "<=": _("%(title)s is on or before %(value)s"),
        ">": _("%(title)s is after %(value)s"), ">=": _("%(title)s is on or after %(value)s"),
    }  # fmt: skip
    return shapes[sign] % {"title": title, "value": value}


def changed(sign: str, *, title: str, kind: str, by: float) -> str:
    """What fell or rose by so much; `by` is below 0 for a fall."""
    if by == 0 and sign not in ("==", "!="):
        shapes = {
            "<": _("%(title)s fell"), "<=": _("%(title)s did not rise"),
            ">": _("%(title)s rose"), ">=": _("%(title)s did not fall"),
        }  # fmt: skip
        return shapes[sign] % {"title": title}
    falls = {
        "<": _("%(title)s fell by more than %(value)s"), "<=": _("%(title)s fell by at least %(value)s"),
        ">": _("%(title)s did not fall by %(value)s or more"), ">=": _("%(title)s did not fall by more than %(value)s"),
    }  # fmt: skip
    rises = {
        ">": _("%(title)s rose by more than %(value)s"), ">=": _("%(title)s rose by at least %(value)s"),
        "<": _("%(title)s did not rise by %(value)s or more"), "<=": _("%(title)s did not rise by more than %(value)s"),
    }  # fmt: skip
    shape = (falls if by < 0 else rises).get(sign)
    if shape is None:
        return compared(sign, title=title, value=written(kind, by))
    return shape % {"title": title, "value": written(kind, abs(by))}


def against(sign: str, *, factor: float, what: str, before: str) -> str | None:
    """`what` is so many times what it was `before`: by how much it fell or rose. None when that is not what the sign says."""
    if factor == 1:
        equal = {"<": _("%(what)s fell against %(before)s"), ">": _("%(what)s rose against %(before)s")}
        shape = equal.get(sign)
    elif factor < 1:
        falls = {
            "<": _("%(what)s fell by more than %(share)s against %(before)s"),
            "<=": _("%(what)s fell by at least %(share)s against %(before)s"),
        }
        shape = falls.get(sign)
    else:
        rises = {
            ">": _("%(what)s rose by more than %(share)s against %(before)s"),
            ">=": _("%(what)s rose by at least %(share)s against %(before)s"),
        }
        shape = rises.get(sign)
    share = written("percent", round(abs(1 - factor), 6))
    return None if shape is None else shape % {"what": what, "share": share, "before": before}


def times(factor: float, what: str) -> str:
    """ "80 % of use", "1.5 times use"."""
    if 0 < factor < 1:
        return _("%(share)s of %(what)s") % {"share": written("percent", factor), "what": what}
    return _("%(factor)s times %(what)s") % {"factor": figure(factor), "what": what}


def multiple(node: Node) -> tuple[float, Node]:
    """(0.8, x) of `0.8 * x` and of `x * 0.8`; (1, node) of anything else."""
    if isinstance(node, Computed) and node.sign == "*":
        for factor, other in ((node.left, node.right), (node.right, node.left)):
            if (
                isinstance(factor, Literal)
                and isinstance(factor.value, (int, float))
                and not isinstance(other, Literal)
            ):
                return float(factor.value), other
    return 1.0, node


def one_of(values: Iterable[str]) -> str:
    """ "S, A or B"."""
    *most, last = values
    if not most:
        return last
    return _("%(values)s or %(last)s") % {"values": _(", ").join(most), "last": last}


def literal(value: str | float | bool, kind: str) -> str:
    """A value as it is written in a sentence; RuleError for a text that should be a day and is none."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        if kind != "date":
            return quoted(value)
        try:
            return moment(value)
        except ValueError:
            raise RuleError(f"{value!r} is no moment.") from None
    return written(kind, value)
