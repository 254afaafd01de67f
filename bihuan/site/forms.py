"""Forms of the site."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import ModelChoice
from bihuan.know.staff.models import Staff


class NoteForm(forms.Form):
    """A note about an account."""

    text = forms.CharField(label=_("Note"), widget=forms.Textarea({"rows": 4}), max_length=4000)


class AskForm(forms.Form):
    """A question to a colleague."""

    assignee = ModelChoice(Staff.objects.filter(is_active=True), label=_("Ask"))
    text = forms.CharField(label=_("Question"), widget=forms.Textarea({"rows": 3}), max_length=4000)
    due_on = forms.DateField(label=_("Answer by"), required=False, widget=forms.DateInput)


class AssignForm(forms.Form):
    """A task for a colleague."""

    assignee = ModelChoice(Staff.objects.filter(is_active=True), label=_("Who does it"))
    text = forms.CharField(label=_("What is to be done"), widget=forms.Textarea({"rows": 3}), max_length=4000)
    due_on = forms.DateField(label=_("Due"), required=False, widget=forms.DateInput)


FOLLOW_UP_FORMS: dict[str, Any] = {"note": NoteForm, "question": AskForm, "task": AssignForm}


class PreferencesForm(forms.Form):
    """What a person likes; each may come alone."""

    theme = forms.ChoiceField(choices=[(t, t) for t in ("auto", "light", "dark")], required=False)
    density = forms.ChoiceField(choices=[(d, d) for d in ("comfortable", "compact")], required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)


class EventsForm(forms.Form):
    """What the events page shows."""

    event = forms.ChoiceField(label=_("Event"), required=False)
    account = forms.IntegerField(label=_("Account"), required=False, min_value=1)
    person = forms.IntegerField(label=_("Person"), required=False, min_value=1)
    measure = forms.ChoiceField(
        label=_("Count"),
        required=False,
        choices=[("events", _("Events")), ("people", _("People")), ("accounts", _("Accounts"))],
    )
    days = forms.TypedChoiceField(
        label=_("Period"),
        required=False,
        coerce=int,
        initial=30,
        choices=[(30, _("30 days")), (7, _("7 days")), (90, _("90 days")), (365, _("A year"))],
    )

    def __init__(self, *args: Any, names: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        events: Any = self.fields["event"]
        events.choices = [("", _("All events")), *((name, name) for name in names)]
