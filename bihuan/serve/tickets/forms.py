"""Forms of tickets: they check, the actions save."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account
from bihuan.serve.tickets.models import Ticket


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
