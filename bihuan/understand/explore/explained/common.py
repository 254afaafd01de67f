"""What the sentences share: a line, and how probabilities and fields are said in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from bihuan.base.ui import formats
from bihuan.understand.explore.names import field_name
from bihuan.understand.explore.words import colon


@dataclass(frozen=True, kw_only=True)
class Line:
    """A sentence, perhaps with what it is about in front."""

    text: str
    head: str = ""

    def __str__(self) -> str:
        return f"{self.head}{colon()}{self.text}" if self.head else self.text


def p_text(p: float) -> str:
    """p = 0.032; below a thousandth just that."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def units_text(n: int, unit: str) -> str:
    """12 customers, 1 person."""
    words = {
        "account": ngettext("%(n)s account", "%(n)s accounts", n),
        "person": ngettext("%(n)s person", "%(n)s people", n),
    }
    return words[unit] % {"n": formats.number(n)}


def clauses(parts: Iterable[str]) -> str:
    """Parts of a sentence in a row."""
    return pgettext("clauses", "; ").join(parts)


def not_used(left_out: Mapping[str, str]) -> list[Line]:
    """Which fields took no part, and why."""
    reasons = {
        "constant": _("the same for all"), "empty": _("nothing known"), "mostly missing": _("mostly unknown"),
    }  # fmt: skip
    said = [f"{field_name(name)} ({reasons.get(why, why)})" for name, why in left_out.items()]
    return [Line(text=formats.listed(said), head=_("Not used"))] if said else []
