"""Forms of the weekly plan: they check, the actions save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.act.plan.models import PlanSettings
from bihuan.act.plan.queries import ours
from bihuan.base.ui import ModelChoice
from bihuan.know.staff.models import Staff


def servers() -> Any:
    """Those of us; partners are none of us."""
    rows = Staff.objects.filter(is_active=True)
    return rows.filter(pk__in=[one.pk for one in rows if ours(one)]).order_by("name", "pk")


class PersonForm(forms.Form):
    """Who does it."""

    person = ModelChoice(queryset=Staff.objects.none(), label=_("Person"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        person: Any = self.fields["person"]
        person.queryset = servers()


class AddForm(PersonForm):
    """A play for an account, and who does it. The choices are what is open now, as "account:play"."""

    offer = forms.ChoiceField(label=_("Account and play"))
    field_order = ("offer", "person")

    def __init__(self, *args: Any, offers: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer: Any = self.fields["offer"]
        offer.choices = offers


class SettingsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the planner is told."""

    class Meta:
        model = PlanSettings
        fields = ("practical", "explore", "touch_penalty", "usual_minutes")
        help_texts = {
            "practical": _(
                "Of the working hours of the calendar; the rest is meetings, breaks and the unexpected."
            ),
            "explore": _(
                "So much of the minutes is kept for plays of which little is known, so that we learn."
            ),
            "touch_penalty": _("In the currency of lists, of tier B; S counts four times, A twice, C half."),
        }

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class ConfirmForm(forms.Form):
    """Nothing to fill in."""
