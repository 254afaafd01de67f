"""What pages of mining ask for; all of it stands in the address, so that a view can be shared."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.act.mining.queries import Wanted
from bihuan.act.processes.models import Process, State
from bihuan.understand.segments.queries import segments_of

SHOWN = (
    ("steps", _("How often")), ("waiting", _("Waiting time")), ("work", _("Handling time")), ("rework", _("Rework")),
    ("late", _("Late")), ("deviations", _("Deviations")),
)  # fmt: skip
GROUPS = (("role", _("Role")), ("person", _("Person")), ("month", _("Month")), ("segment", _("Segment")))


class WantedForm(forms.Form):
    """Which instances."""

    version = forms.TypedChoiceField(label=_("Version"), required=False, coerce=int, empty_value=None)
    since = forms.DateField(
        label=_("Started since"), required=False, widget=forms.DateInput({"type": "date"})
    )
    until = forms.DateField(label=_("until"), required=False, widget=forms.DateInput({"type": "date"}))
    segment = forms.ChoiceField(label=_("Segment"), required=False)

    def __init__(self, *args: Any, process: Process, **more: Any) -> None:
        super().__init__(*args, **more)
        numbers = (
            process.versions.exclude(state=State.DRAFT).order_by("-number").values_list("number", flat=True)
        )
        self._choices("version", [("", _("All versions")), *((str(n), str(n)) for n in numbers)])
        segments = segments_of("account").values_list("key", "title")
        self._choices("segment", [("", _("All accounts")), *((f"@{key}", title) for key, title in segments)])

    def _choices(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        """A period that ends after it begins."""
        data: dict[str, Any] = super().clean() or {}
        since, until = data.get("since"), data.get("until")
        if since and until and until < since:
            raise ValidationError({"until": _("The period ends before it begins.")})
        return data

    @property
    def wanted(self) -> Wanted:
        """As the queries take it."""
        data = self.cleaned_data
        return Wanted(
            version=data.get("version"), since=data.get("since"), until=data.get("until"), segment=data.get("segment") or None
        )  # fmt: skip


class FiguresForm(WantedForm):
    """And what the diagram shows."""

    show = forms.ChoiceField(label=_("On the diagram"), required=False, choices=SHOWN)
    by = forms.ChoiceField(label=_("Also by"), required=False)

    def __init__(self, *args: Any, people: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self._choices("by", [("", "–"), *(one for one in GROUPS if people or one[0] != "person")])


class VersionsForm(WantedForm):
    """Two versions."""

    before = forms.TypedChoiceField(label=pgettext_lazy("version", "Before"), coerce=int)
    after = forms.TypedChoiceField(label=pgettext_lazy("version", "After"), coerce=int)
    field_order = ("before", "after", "since", "until", "segment")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Any = self.fields.pop("version")
        numbers = [one for one in chosen.choices if one[0]]
        self._choices("before", numbers)
        self._choices("after", numbers)

    def clean(self) -> dict[str, Any]:
        """Two different ones."""
        data = super().clean()
        if data.get("before") is not None and data.get("before") == data.get("after"):
            raise ValidationError({"after": _("Choose two different versions.")})
        return data


class WhatIfForm(WantedForm):
    """What is tried."""

    step = forms.ChoiceField(label=pgettext_lazy("process", "Step"), required=False)
    people = forms.IntegerField(
        label=_("People more (or fewer: −1)"), initial=1, min_value=-20, max_value=20, required=False
    )
    arrivals = forms.FloatField(
        label=_("Arrivals (100: as today)"), initial=100, min_value=10, max_value=1_000, required=False
    )
    work = forms.FloatField(
        label=_("Handling time (100: as today)"), initial=100, min_value=10, max_value=1_000, required=False
    )

    def __init__(self, *args: Any, steps: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._choices("step", [("", "–"), *steps])


class LogForm(forms.Form):
    """Imported cases: which property names the case, what its steps are called, of which days."""

    case = forms.RegexField(
        label=_("Property that names the case"), regex=r"^props\.[\w$]+$", max_length=80, initial="props.case",
        help_text=_("Such as props.case, as the import named it."),
    )  # fmt: skip
    activity = forms.RegexField(
        label=_("Property that names the step"), regex=r"^props\.[\w$]+$", max_length=80, required=False,
        help_text=_("Empty: the name of the event."),
    )  # fmt: skip
    first = forms.DateField(label=_("Events since"), widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=_("until"), widget=forms.DateInput({"type": "date"}))
    where = forms.CharField(
        label=_("Only events where"), max_length=500, required=False, help_text=_("A rule, such as props.product == 'B'.")
    )  # fmt: skip

    @property
    def question(self) -> dict[str, Any]:
        """The document of the process question."""
        data = self.cleaned_data
        asked: dict[str, Any] = {
            "kind": "process", "unit": data["case"],
            "period": {"from": data["first"].isoformat(), "to": data["last"].isoformat()},
        }  # fmt: skip
        if data["activity"]:
            asked["activity"] = data["activity"]
        if data["where"]:
            asked["where"] = data["where"]
        return asked
