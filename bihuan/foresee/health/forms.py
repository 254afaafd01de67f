"""Forms of the health room: the model as a table of measures, and the override."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.measures import measures

PAIR = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*[:：=]\s*(\d+(?:\.\d+)?)\s*$")


def curve_text(curve: list[list[float]]) -> str:
    """[[0, 0], [0.25, 35]] as "0:0, 0.25:35"."""
    return ", ".join(f"{value:g}:{points:g}" for value, points in curve)


def read_curve(text: str) -> list[list[float]]:
    """The reverse; ValidationError names the pair that cannot be read."""
    pairs = []
    for part in re.split(r"[,，;\n]", text):
        if not part.strip():
            continue
        found = PAIR.match(part)
        if not found:
            raise ValidationError(
                _("Write pairs such as 0:0, 0.5:60 — not “%(part)s”.") % {"part": part.strip()}
            )
        pairs.append([float(found[1]), float(found[2])])
    return pairs


class ModelForm(forms.Form):
    """Every measure with its weight (0: not in the model) and curve, then floors, bands and coverage."""

    minimum_coverage = forms.FloatField(
        label=gettext_lazy("Minimum coverage (%)"), min_value=0, max_value=100,
        help_text=gettext_lazy("Below it the health is unknown."),
    )  # fmt: skip
    amber = forms.FloatField(label=gettext_lazy("Watch from"), min_value=1, max_value=99)
    green = forms.FloatField(label=gettext_lazy("Healthy from"), min_value=1, max_value=100)
    floors = forms.CharField(
        label=gettext_lazy("Floors"), required=False, widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("A line each: rule → highest health → reason. For example: m.days_silent > 30.0 → 35 → No use"),
    )  # fmt: skip
    note = forms.CharField(label=gettext_lazy("What changed and why"), max_length=200, required=False)

    def __init__(self, *args: Any, document: dict[str, Any], **kwargs: Any) -> None:
        bands = {band["name"]: band["from"] for band in document.get("bands", [])}
        initial = {
            "minimum_coverage": document.get("minimum_coverage", 50),
            "amber": bands.get("amber", 40),
            "green": bands.get("green", 70),
            "floors": "\n".join(
                f"{f['when']} → {f['cap']:g} → {_(f['reason'])}" for f in document.get("floors", [])
            ),
        }
        kwargs["initial"] = initial | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.of = {part["measure"]: part for part in document.get("measures", [])}
        # A reason of the standard model is shown in the reader's language and kept in its own, whoever saves the form.
        self.reasons = {_(f["reason"]): f["reason"] for f in document.get("floors", []) if f.get("reason")}
        for name, measure in measures().items():
            part = self.of.get(name, {})
            default = "0:0, 10:100" if measure.higher_is_better else "0:100, 10:0"
            self.fields[f"weight_{name}"] = forms.FloatField(
                label=_("Weight of %(measure)s") % {"measure": measure.title}, min_value=0, max_value=1000,
                initial=part.get("weight", 0),
            )  # fmt: skip
            self.fields[f"curve_{name}"] = forms.CharField(
                label=_("Curve of %(measure)s") % {"measure": measure.title}, max_length=300,
                initial=curve_text(part["curve"]) if part else default,
            )  # fmt: skip

    def rows(self) -> list[tuple[Any, Any, Any]]:
        """(measure, weight field, curve field), those in the model first."""
        found = sorted(
            measures().values(),
            key=lambda m: (m.name not in self.of, list(self.of).index(m.name) if m.name in self.of else 0),
        )
        return [(m, self[f"weight_{m.name}"], self[f"curve_{m.name}"]) for m in found]

    def clean(self) -> dict[str, Any]:
        """Curves and floors that cannot be read are errors of their field."""
        for name in measures():
            try:
                self.cleaned_data[f"curve_{name}"] = read_curve(self.cleaned_data.get(f"curve_{name}") or "")
            except ValidationError as error:
                self.add_error(f"curve_{name}", error)
        try:
            self.cleaned_data["floors"] = self._floors()
        except ValidationError as error:
            self.add_error("floors", error)
        return self.cleaned_data

    def _floors(self) -> list[dict[str, Any]]:
        floors = []
        for line in (self.cleaned_data.get("floors") or "").splitlines():
            if not line.strip():
                continue
            parts = [part.strip() for part in re.split(r"→|=>", line)]
            try:
                when, cap, reason = parts
                floors.append({"when": when, "cap": float(cap), "reason": self.reasons.get(reason, reason)})
            except ValueError:
                raise ValidationError(
                    _("Write rule → highest health → reason, not “%(line)s”.") % {"line": line.strip()}
                ) from None
        return floors

    def document(self) -> dict[str, Any]:
        """The model document of a valid form."""
        data = self.cleaned_data
        parts = [
            {"measure": name, "weight": data[f"weight_{name}"], "higher_is_better": measure.higher_is_better,
             "curve": data[f"curve_{name}"]}
            for name, measure in measures().items()
            if data[f"weight_{name}"] > 0
        ]  # fmt: skip
        order = list(self.of)
        parts.sort(
            key=lambda part: (
                part["measure"] not in order,
                order.index(part["measure"]) if part["measure"] in order else 0,
            )
        )
        bands = [
            {"name": "red", "from": 0},
            {"name": "amber", "from": data["amber"]},
            {"name": "green", "from": data["green"]},
        ]
        return {
            "minimum_coverage": data["minimum_coverage"],
            "bands": bands,
            "measures": parts,
            "floors": data["floors"],
        }


class OverrideForm(forms.Form):
    """A judgement in place of the score."""

    score = forms.IntegerField(
        label=gettext_lazy("Health"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("0 to 100, high is good"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)
    expires_on = forms.DateField(label=gettext_lazy("Valid until"), widget=forms.DateInput())
