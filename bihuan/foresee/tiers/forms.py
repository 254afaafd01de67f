"""Forms of tiers: they check, the actions save."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.foresee.tiers.models import Capacity, Judgement, ServicePolicy, TierException
from bihuan.foresee.tiers.rules import MOST_COLUMNS, MOST_ROWS, TIERS, Grid, Row
from bihuan.know.accounts.models import TeamRole

SPARE_ROWS = 3
SPARE_COLUMNS = 1
_PLACE = re.compile(r"[0-9]{1,4}")


class RulesForm(forms.Form):
    """The rules as a plain table: a row of columns, then a row each rule; empty rows and columns are left out."""

    note = forms.CharField(label=gettext_lazy("What changed and why"), max_length=200, required=False)

    def __init__(self, *args: Any, grid: Grid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.width = min(MOST_COLUMNS, len(grid.columns) + SPARE_COLUMNS)
        self.height = min(MOST_ROWS, len(grid.rows) + SPARE_ROWS)
        if self.is_bound:
            # A form that was sent is as large as it was drawn, however large the rules are now.
            self.width = max(self.width, self._sent("column_", MOST_COLUMNS))
            self.height = max(self.height, self._sent("tier_", MOST_ROWS))
        for place in range(self.width):
            self._text(
                f"column_{place}",
                _("Column %(n)d") % {"n": place + 1},
                _at(grid.columns, place),
                200,
                "measures",
            )
        for number in range(self.height):
            row = grid.rows[number] if number < len(grid.rows) else None
            for place in range(self.width):
                label = _("Row %(row)d, column %(column)d") % {"row": number + 1, "column": place + 1}
                self._text(f"cell_{number}_{place}", label, _at(row.cells, place) if row else "", 200)
            self.fields[f"tier_{number}"] = forms.ChoiceField(
                label=_("Tier of row %(n)d") % {"n": number + 1}, required=False,
                choices=[("", "–"), *((tier, tier) for tier in TIERS)], initial=row.tier if row else "",
            )  # fmt: skip
            self._text(
                f"note_{number}",
                _("Why, row %(n)d") % {"n": number + 1},
                _(row.note) if row and row.note else "",
                120,
            )
        self.kept = {_(row.note): row.note for row in grid.rows if row.note}

    def _sent(self, prefix: str, most: int) -> int:
        sent = [
            int(name.removeprefix(prefix))
            for name in self.data
            if name.startswith(prefix) and _PLACE.fullmatch(name, len(prefix))
        ]
        return min(most, max(sent, default=-1) + 1)

    def _text(self, name: str, label: str, initial: str, most: int, listed: str = "") -> None:
        attributes = {"spellcheck": "false"} | ({"list": listed} if listed else {})
        self.fields[name] = forms.CharField(
            label=label, max_length=most, required=False, initial=initial, widget=forms.TextInput(attributes)
        )

    def head(self) -> list[Any]:
        """The fields of the columns."""
        return [self[f"column_{place}"] for place in range(self.width)]

    def lines(self) -> list[tuple[int, list[Any], Any, Any]]:
        """(number, cells, tier, note) of each row, as fields."""
        return [
            (
                number + 1,
                [self[f"cell_{number}_{place}"] for place in range(self.width)],
                self[f"tier_{number}"],
                self[f"note_{number}"],
            )
            for number in range(self.height)
        ]

    def grid(self) -> Grid:
        """The table of a valid form. The words of a standard row are kept in their own language, whoever saves the form."""
        data = self.cleaned_data
        used = [place for place in range(self.width) if data.get(f"column_{place}", "").strip()]
        rows = []
        for number in range(self.height):
            if not data.get(f"tier_{number}"):
                continue
            note = data.get(f"note_{number}", "").strip()
            cells = tuple(data.get(f"cell_{number}_{place}", "").strip() or "-" for place in used)
            rows.append(Row(cells=cells, tier=data[f"tier_{number}"], note=self.kept.get(note, note)))
        return Grid(columns=tuple(data[f"column_{place}"].strip() for place in used), rows=tuple(rows))


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place] if place < len(texts) else ""


class ExceptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Another tier than by rule, with a reason and an end."""

    class Meta:
        model = TierException
        fields = ("tier", "reason", "expires_on")
        widgets = {"reason": forms.Textarea({"rows": 3}), "expires_on": forms.DateInput()}

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class ScoresForm(forms.Form):
    """What somebody holds of an account."""

    def __init__(self, *args: Any, scores: dict[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for what, label in Judgement.choices:
            self.fields[what] = forms.IntegerField(
                label=label, min_value=0, max_value=100, required=False, initial=scores.get(what),
                help_text=_("0 to 100, high is good; empty: nobody knows."),
            )  # fmt: skip


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a tier gets."""

    roles = forms.MultipleChoiceField(
        label=gettext_lazy("Team"),
        choices=TeamRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ServicePolicy
        fields = ("roles", "touch_days", "touch_minutes", "first_answer_hours", "solved_hours")


class CapacityForm(forms.ModelForm):  # type: ignore[type-arg]
    """The minutes a week that somebody has."""

    class Meta:
        model = Capacity
        fields = ("minutes",)
