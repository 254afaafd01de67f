"""Forms of tickets: they check, the actions save."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account
from bihuan.serve.tickets.models import Priority, Ticket
from bihuan.serve.tickets.rules import Limits


class TicketForm(forms.ModelForm):  # type: ignore[type-arg]
    """What an account asks."""

    account = ModelChoice(queryset=Account.objects.none(), label=_("Account"))

    class Meta:
        model = Ticket
        fields = ("account", "subject", "text", "family", "priority", "product", "assignee", "escalated")
        widgets = {"text": forms.Textarea({"rows": 5})}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.visible_to(actor)  # type: ignore[attr-defined]
        self.fields["assignee"].queryset = get_user_model()._default_manager.filter(is_active=True)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["account"].disabled = True

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class RatingForm(forms.Form):
    """How satisfied the customer is."""

    satisfaction = forms.TypedChoiceField(
        label=_("Satisfaction"), coerce=int, choices=[(n, str(n)) for n in range(5, 0, -1)]
    )


class LimitsForm(forms.Form):
    """Minutes of service time by priority."""

    def __init__(self, *args: Any, limits: Mapping[str, Limits], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for priority, title in reversed(Priority.choices):
            told = limits[priority]
            for name, label, minutes in (
                ("response", gettext("%(priority)s: first response"), told.response),
                ("resolution", gettext("%(priority)s: solution"), told.resolution),
            ):
                self.fields[f"{priority}_{name}"] = forms.IntegerField(
                    label=label % {"priority": title}, initial=minutes, min_value=1, max_value=100_000,
                    help_text=_("Minutes of service time; a day often has 480."),
                )  # fmt: skip

    def limits_of(self, priority: str) -> Limits:
        """What was written for a priority."""
        said = self.cleaned_data
        return Limits(response=said[f"{priority}_response"], resolution=said[f"{priority}_resolution"])

    def clean(self) -> dict[str, Any]:
        """Nobody solves before they answer."""
        said: dict[str, Any] = dict(super().clean() or {})
        for priority in Priority.values:
            first, last = (said.get(f"{priority}_{name}") for name in ("response", "resolution"))
            if first and last and last < first:
                self.add_error(
                    f"{priority}_resolution", _("This is shorter than the time to the first response.")
                )
        return said
