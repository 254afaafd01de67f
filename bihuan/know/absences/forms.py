"""The form of an absence: it validates and never saves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.know.staff.models import Staff


class AbsenceForm(forms.Form):
    """From, to, who stands in (for those who see colleagues); who is away only for those who may enter it for others."""

    staff = ModelChoice(queryset=Staff.objects.filter(is_active=True), label=_("Who is away"))
    first_day = forms.DateField(label=_("First day"), widget=forms.DateInput())
    last_day = forms.DateField(label=_("Last day"), widget=forms.DateInput())
    deputy = ModelChoice(
        queryset=Staff.objects.filter(is_active=True), label=_("Deputy"), required=False,
        help_text=_("Gets what comes meanwhile, and what is due before the return. Without one it goes to the role."),
    )  # fmt: skip
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, actor: Actor, absence: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if absence is not None or not actor.may("absences.manage"):
            del self.fields["staff"]
        if not actor.may("staff.view"):
            del self.fields["deputy"]
