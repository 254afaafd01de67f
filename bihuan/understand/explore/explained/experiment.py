"""What came of an experiment, in sentences."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from bihuan.base.ui import formats
from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.explained.common import Line, p_text


def explained(answer: Answer) -> list[Line]:
    """A verdict a variant, how units are spread, what was adjusted."""
    found = answer.summary
    spread = formats.listed(f"{name} {formats.number(n)}" for name, n in found["units"].items())
    lines = [Line(head=name, text=_verdict(verdict)) for name, verdict in found["verdicts"].items()]
    lines.append(Line(head=_("Units"), text=spread))
    removed = {name: share for name, share in found["variance_removed"].items() if share > 0}
    if removed:
        told = formats.listed(f"{name} {formats.percent(share)}" for name, share in removed.items())
        lines.append(Line(head=_("Noise taken away by what they did before"), text=told))
    return lines


def _verdict(verdict: Mapping[str, Any]) -> str:
    numbers = {name: formats.number(value) for name, value in verdict.items() if name in ("units", "least")}
    if verdict["code"] == "sample_ratio":
        return _("Do not read the result: units are not spread as planned (%(p)s).") % {
            "p": p_text(verdict["p_value"])
        }
    if verdict["code"] == "too_few":
        return _("Too few units: %(units)s in a variant, %(least)s are needed at least.") % numbers
    texts = {
        "guard_rail": _("Worse in the guard-rail %(metric)s."), "worse": _("Worse than the control in %(metric)s."),
        "better": _("Better than the control in %(metric)s, and no guard-rail is worse."),
        "too_small_to_matter": _("The difference in %(metric)s is too small to matter."),
        "undecided": _("Not decided: the interval of %(metric)s holds better and worse."),
    }  # fmt: skip
    told = texts[verdict["code"]] % {"metric": verdict["metric"]}
    if "comparisons" in verdict and verdict["code"] != "guard_rail":
        count = formats.number(verdict["comparisons"])
        told = _("%(told)s Corrected for %(n)s variants compared with the control.") % {
            "told": told,
            "n": count,
        }
    return told
