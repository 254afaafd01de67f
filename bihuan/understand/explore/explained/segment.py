"""What sets two segments apart, in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.explained.common import Line
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.words import value_title

MOST = 6


def explained(answer: Answer) -> list[Line]:
    """Who is A and who is B, in what they differ, in what not; nothing where nothing is compared."""
    if "size_a" not in answer.summary:
        return []
    found = answer.summary
    rows = [dict(zip((column.name for column in answer.columns), row, strict=True)) for row in answer.rows]
    apart = [row for row in rows if is_sure(row) and row["size"] in ("medium", "large")][:MOST]
    alike = [field_name(row["measure"]) for row in rows if row["size"] == "negligible"]
    lines = [
        Line(head="A", text=_side(found["a"], found["size_a"])),
        Line(head="B", text=_side(found["b"], found["size_b"])),
        *(Line(head=field_name(row["measure"]), text=_difference(row)) for row in apart),
    ]
    if not apart:
        lines.append(Line(text=_("Nothing sets them clearly apart.")))
    if alike:
        lines.append(Line(head=_("No difference worth a word"), text=formats.listed(alike)))
    return lines


def _side(name: str, size: int) -> str:
    text = ngettext("%(what)s, %(n)s member", "%(what)s, %(n)s members", size)
    return text % {"what": value_title(name, column="compare"), "n": formats.number(size)}


def effect_of(row: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """(effect, low, high) of B against A between −1 and 1: Cliff's delta, of yes and no the difference of shares."""
    name = "delta" if row["delta"] is not None else "shares"
    told = row[name], row[f"{name}_low"], row[f"{name}_high"]
    if told[0] is None:
        return None
    return told[0], told[0] if told[1] is None else told[1], told[0] if told[2] is None else told[2]


def is_sure(row: Mapping[str, Any]) -> bool:
    """Whether the interval lies on one side of no difference."""
    effect = effect_of(row)
    return effect is not None and (effect[1] > 0 or effect[2] < 0)


def _difference(row: Mapping[str, Any]) -> str:
    measure = f"m.{row['measure'].removeprefix('m.')}"
    more = (effect_of(row) or (0.0,))[0] < 0
    text = (_("A has more, %(a)s against %(b)s on average (effect: %(size)s)") if more else
            _("A has less, %(a)s against %(b)s on average (effect: %(size)s)"))  # fmt: skip
    return text % {
        "a": value_text(measure, row["mean_a"]), "b": value_text(measure, row["mean_b"]),
        "size": value_title(row["size"], column="size"),
    }  # fmt: skip
