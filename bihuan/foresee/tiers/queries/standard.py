"""What every installation starts with: rules and service policies. Edit them in the UI, not here."""

from typing import Any

from django.utils.translation import gettext_noop as _

from bihuan.foresee.tiers.rules import Grid, Row

COLUMNS = ("m.mrr", "m.potential", "m.strategy_fit", "m.brand", "m.mrr_change")
STANDARD = Grid(
    columns=COLUMNS,
    rows=(
        Row(cells=(">= 40000", "-", "-", "-", "-"), tier="S", note=_("Large revenue")),
        Row(cells=(">= 15000", ">= 80", ">= 80", "-", "-"), tier="S", note=_("Revenue, potential and fit")),
        Row(cells=(">= 12000", "-", "-", "-", "-"), tier="A", note=_("Good revenue")),
        Row(cells=(">= 5000", "-", "-", "-", ">= 0.3"), tier="A", note=_("Grows by 30 %")),
        Row(cells=("-", ">= 80", ">= 60", "-", "-"), tier="A", note=_("Potential that fits")),
        Row(cells=("-", "-", "-", ">= 90", "-"), tier="A", note=_("A name that others follow")),
        Row(cells=(">= 3000", "-", "-", "-", "-"), tier="B", note=_("Some revenue")),
        Row(cells=("-", ">= 50", "-", "-", "-"), tier="B", note=_("Some potential")),
        Row(cells=("-", "-", "-", "-", "-"), tier="C", note=_("Everybody else")),
    ),
)

POLICIES: dict[str, dict[str, Any]] = {
    "S": {"roles": ["sales", "operations", "product", "analyst"], "touch_days": 7, "touch_minutes": 60,
          "first_answer_hours": 1, "solved_hours": 8},
    "A": {"roles": ["sales", "operations"], "touch_days": 14, "touch_minutes": 40, "first_answer_hours": 2, "solved_hours": 16},
    "B": {"roles": ["sales", "operations"], "touch_days": 30, "touch_minutes": 30, "first_answer_hours": 4, "solved_hours": 24},
    "C": {"roles": ["operations"], "touch_days": 90, "touch_minutes": 15, "first_answer_hours": 8, "solved_hours": 40},
}  # fmt: skip
