"""What separates those who did from those who did not, in sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.explained.common import Line, clauses, not_used, units_text
from bihuan.understand.explore.names import field_name, value_text
from bihuan.understand.explore.said import in_words

MOST_IMPORTANT = 5
OPPOSITE = {"<=": ">", "==": "!="}


def explained(answer: Answer) -> list[Line]:
    """How well it tells them apart beside guessing, who does it most and least, what counts most."""
    found, unit = answer.summary, answer.question.get("unit", "account")
    if found["verdict"] == "too_few":
        return [Line(text=in_words(found["refused"]), head=_("No tree"))]
    base = _("%(did)s of %(units)s did it (%(share)s).") % {
        "did": formats.number(found["did"]), "units": units_text(found["units"], unit), "share": formats.percent(found["rate"]),
    }  # fmt: skip
    rules = [Line(text=_of_rule(row), head=rule_words(conditions))
             for row, conditions in zip(answer.rows, found["rules"], strict=True)]  # fmt: skip
    counts = [
        f"{field_name(name)} ({formats.percent(share)})"
        for name, share in list(found["importance"].items())[:MOST_IMPORTANT]
    ]
    most = [Line(text=formats.listed(counts), head=_("What separates most"))] if counts else []
    return [Line(text=base), Line(text=_quality(found)), *rules, *most, *not_used(found["columns_left_out"])]


def _quality(found: Mapping[str, Any]) -> str:
    numbers = {
        "auc": formats.percent(found["auc"]), "low": formats.percent(found["auc_low"]),
        "high": formats.percent(found["auc_high"]),
    }  # fmt: skip
    if found["verdict"] == "signal":
        return _("Of one who did and one who did not, the tree names the right one in %(auc)s (95 %% interval %(low)s to "
                 "%(high)s; guessing: 50%%), told of units that it had not seen.") % numbers  # fmt: skip
    return _("Too little signal: of one who did and one who did not, the tree names the right one in %(auc)s (95 %% interval "
             "%(low)s to %(high)s; guessing: 50%%). Do not act on these rules.") % numbers  # fmt: skip


def _of_rule(row: Sequence[Any]) -> str:
    _rule, units, rate, low, high, times = row
    text = _("%(did)s of %(units)s (%(share)s; %(low)s to %(high)s)") % {
        "did": formats.number(round(units * rate)), "units": formats.number(units), "share": formats.percent(rate),
        "low": formats.percent(low), "high": formats.percent(high),
    }  # fmt: skip
    return clauses(
        [text, _("%(times)s times the average") % {"times": formats.number(times, 1)}] if rate else [text]
    )


def rule_words(conditions: Sequence[Mapping[str, Any]]) -> str:
    """All conditions of a rule in a row."""
    return _(" and ").join(condition_words(**one) for one in conditions) or _("all")


def condition_words(*, field: str, operator: str, value: Any) -> str:
    """ "days silent at most 12", "tier is not S", "size unknown"."""
    name = field_name(field)
    if value is None:
        return (_("%(name)s unknown") if operator == "==" else _("%(name)s known")) % {"name": name}
    text = {
        "<=": _("%(name)s at most %(value)s"), ">": _("%(name)s above %(value)s"),
        "==": _("%(name)s is %(value)s"), "!=": _("%(name)s is not %(value)s"),
    }[operator]  # fmt: skip
    return text % {"name": name, "value": value_text(field, value)}


def branches(node: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(condition in words, node) of both ways, the one with the higher share first; none of a leaf."""
    if "condition" not in node:
        return []
    parts = {"field": node["field"], "value": node["value"]}
    both = [
        (condition_words(**parts, operator=node["operator"]), node["yes"]),
        (condition_words(**parts, operator=OPPOSITE[node["operator"]]), node["no"]),
    ]
    return sorted(both, key=lambda one: -one[1]["rate"])
