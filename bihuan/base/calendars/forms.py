"""Forms of calendars: a definition as a person writes it, one line a weekday."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access.policy import Role
from bihuan.base.calendars import CalendarError, read_calendar
from bihuan.base.calendars.models import BusinessCalendar
from bihuan.base.calendars.queries import BUILT_IN
from bihuan.base.ui import ModelChoice

WEEKDAYS = {
    "mon": gettext_lazy("Monday"), "tue": gettext_lazy("Tuesday"), "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"), "fri": gettext_lazy("Friday"), "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}  # fmt: skip
COUNTRIES = {
    "": gettext_lazy("No holidays"), "CN": gettext_lazy("China"), "HK": gettext_lazy("Hong Kong"),
    "TW": gettext_lazy("Taiwan"), "SG": gettext_lazy("Singapore"), "JP": gettext_lazy("Japan"),
    "KR": gettext_lazy("South Korea"), "US": gettext_lazy("United States"), "GB": gettext_lazy("United Kingdom"),
    "DE": gettext_lazy("Germany"), "FR": gettext_lazy("France"), "AU": gettext_lazy("Australia"),
}  # fmt: skip
ROLES = {
    Role.ADMIN: gettext_lazy("Administrator"), Role.MANAGER: gettext_lazy("Manager"),
    Role.OPERATOR: gettext_lazy("Operator"), Role.SALES: gettext_lazy("Sales"),
    Role.SERVICE: gettext_lazy("Service"), Role.MARKETER: gettext_lazy("Marketer"),
    Role.ANALYST: gettext_lazy("Analyst"), Role.PARTNER: gettext_lazy("Partner"),
}  # fmt: skip


class DefinitionForm(forms.Form):
    """Hours of each weekday, whose holidays, single days. `said` is the definition."""

    mon, tue, wed, thu, fri, sat, sun = (
        forms.CharField(label=label, required=False, max_length=80) for label in WEEKDAYS.values()
    )
    holidays = forms.ChoiceField(label=gettext_lazy("Holidays"), required=False, choices=list(COUNTRIES.items()),
                                 help_text=gettext_lazy("China: make-up days too, as the first workday."))  # fmt: skip
    closed = forms.CharField(label=gettext_lazy("Closed days"), required=False, widget=forms.Textarea({"rows": 3}),
                             help_text=gettext_lazy("One day a line, such as 2026-10-09."))  # fmt: skip
    open = forms.CharField(label=gettext_lazy("Open days"), required=False, widget=forms.Textarea({"rows": 3}),
                           help_text=gettext_lazy("One a line; its own hours as 2026-10-10 09:00-12:00."))  # fmt: skip
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200,
                           help_text=gettext_lazy("Why it changes."))  # fmt: skip

    def __init__(self, *args: Any, definition: Mapping[str, Any] = BUILT_IN, **kwargs: Any) -> None:
        kwargs["initial"] = _lines(definition) | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["mon"].help_text = gettext_lazy(
            "Several spans with a space between them: 09:00-12:00 13:00-18:00. Empty: not worked."
        )
        country = str(definition.get("holidays") or "")
        if country not in COUNTRIES:
            self.fields["holidays"].choices = [*COUNTRIES.items(), (country, country)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Each line must be readable; some day must be worked."""
        said: dict[str, Any] = dict(super().clean() or {})
        hours: dict[str, list[str]] = {}
        for name in WEEKDAYS:
            if spans := str(said.get(name, "")).replace(",", " ").split():
                hours[name] = spans
                self._try(
                    name,
                    {"hours": {name: spans}},
                    _("Write spans in order, such as 09:00-12:00 13:00-18:00."),
                )
        if not hours:
            raise ValidationError(_("Write the hours of at least one weekday."))
        self.said: dict[str, Any] = {"hours": hours}
        if said.get("holidays"):
            self.said["holidays"] = said["holidays"]
        for name in ("closed", "open"):
            if days := [
                " ".join(line.split()) for line in str(said.get(name, "")).splitlines() if line.strip()
            ]:
                self.said[name] = days
                self._try(name, {name: days}, _("Write one day a line, such as 2026-10-10."))
        return said

    def _try(self, field: str, definition: Mapping[str, Any], remedy: str) -> None:
        try:
            read_calendar(definition, zone="UTC", years=())
        except CalendarError:
            self.add_error(field, remedy)


class CalendarForm(DefinitionForm):
    """A new calendar."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    key = forms.SlugField(label=gettext_lazy("Key"), max_length=40, help_text=gettext_lazy("As programs call it."))  # fmt: skip
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), help_text=gettext_lazy("It cannot be changed later.")
    )
    field_order = ("name", "key", "zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"zone": settings.TIME_ZONE} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]


class VersionForm(DefinitionForm):
    """What a calendar says from a day on; without a day the first version is corrected."""

    valid_from = forms.DateField(label=gettext_lazy("Valid from"), required=False, widget=forms.DateInput(),
                                 help_text=gettext_lazy("Days before keep their hours. Empty: the first version."))  # fmt: skip
    field_order = ("valid_from",)


class RenameForm(forms.Form):
    """Its name."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)


class UseForm(forms.Form):
    """Which calendar holds for the organisation and for each role."""

    def __init__(self, *args: Any, chosen: Mapping[str, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom: dict[str, Any] = {
            "default": gettext_lazy("The organisation"),
            **{str(r): title for r, title in ROLES.items()},
        }
        for name, title in whom.items():
            empty = (
                gettext_lazy("The one that ships")
                if name == "default"
                else gettext_lazy("As the organisation")
            )
            self.fields[name] = ModelChoice(
                BusinessCalendar.objects.all(), label=title, required=False, empty_label=empty,
                initial=chosen.get(name),
            )  # fmt: skip


class TryForm(forms.Form):
    """A moment and so much service time."""

    start = forms.DateTimeField(label=gettext_lazy("Starting at"), input_formats=["%Y-%m-%dT%H:%M"],
                                widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"))  # fmt: skip
    hours = forms.DecimalField(label=gettext_lazy("Hours of service time"), min_value=0, max_value=2_000, max_digits=7,
                               decimal_places=2)  # fmt: skip


def _lines(definition: Mapping[str, Any]) -> dict[str, str]:
    """A definition as the form shows it."""
    calendar = read_calendar(definition, zone="UTC", years=())
    spans = {
        name: " ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in day)
        for name, day in zip(WEEKDAYS, calendar.week, strict=True)
    }
    days = {
        name: "\n".join(
            one.isoformat() if isinstance(one, date) else str(one) for one in definition.get(name, ())
        )
        for name in ("closed", "open")
    }
    return spans | days | {"holidays": str(definition.get("holidays") or "")}
