"""Forms of the decision chain."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account, Person
from bihuan.know.chain.models import ChainRole

STANCES = [
    (2, _("+2 for us")),
    (1, _("+1 inclined")),
    (0, _("0 neutral")),
    (-1, _("−1 doubtful")),
    (-2, _("−2 against")),
]
INFLUENCES = [(3, _("3 decides")), (2, _("2 strong")), (1, _("1 some")), (0, _("0 none"))]


class ChainMemberForm(forms.Form):
    """A person's place in the chain."""

    person = ModelChoice(queryset=Person.objects.none(), label=_("Person"))
    role = forms.ChoiceField(label=_("Role"), choices=ChainRole.choices)
    stance = forms.TypedChoiceField(label=_("Stance"), coerce=int, choices=STANCES, initial=0)
    influence = forms.TypedChoiceField(label=_("Influence"), coerce=int, choices=INFLUENCES, initial=1)
    last_contact_on = forms.DateField(label=_("Last contact"), required=False, widget=forms.DateInput())
    note = forms.CharField(label=_("Note"), required=False, max_length=200)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Person.objects.filter(memberships__account=account).distinct()
        self.fields["person"].queryset = members  # type: ignore[attr-defined]
