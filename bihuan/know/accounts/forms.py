"""Forms of accounts and people: they check, the actions save."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.calendars.models import BusinessCalendar
from bihuan.base.ui import ModelChoice
from bihuan.know.accounts.models import Account, Person, TeamRole
from bihuan.know.staff.models import Staff


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """The facts of an account."""

    parent = ModelChoice(queryset=Account.objects.none(), label=_("Parent"), required=False)

    class Meta:
        model = Account
        fields = ("name", "short_name", "key", "parent", "industry", "region", "country", "city", "size", "tier",
                  "stage", "signed_up_on")  # fmt: skip
        widgets = {"signed_up_on": forms.DateInput()}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        visible = Account.objects.visible_to(actor)
        self.fields["parent"].queryset = visible.exclude(pk=self.instance.pk)  # type: ignore[attr-defined]
        self.fields["key"].required = False
        self.fields["key"].help_text = _("The account's number in your other systems. Empty: it gets one.")

    def clean_key(self) -> str:
        """A key is used once."""
        key = str(self.cleaned_data["key"] or "")
        if key and Account.objects.filter(key=key).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Another account has this key."))
        return key

    def _post_clean(self) -> None:
        """The action validates the whole record."""


class TeamForm(forms.Form):
    """The owner team: one colleague for each of the four roles, and which role owns the account."""

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        now = {row.role: row for row in account.team.all()}  # type: ignore[attr-defined]
        for role in TeamRole:
            held = now.get(role.value)
            self.fields[role.value] = ModelChoice(
                queryset=Staff.objects.filter(is_active=True), label=role.label, required=False,
                initial=held.staff_id if held else None,
            )  # fmt: skip
        owner = next((row.role for row in now.values() if row.is_owner), "")
        self.fields["owner"] = forms.ChoiceField(
            label=_("Owner"), choices=[("", _("Nobody")), *TeamRole.choices], required=False, initial=owner
        )

    def clean(self) -> dict[str, Any]:
        """The owner is one of the team."""
        owner = self.cleaned_data.get("owner")
        if owner and not self.cleaned_data.get(owner):
            self.add_error("owner", _("Choose a colleague for this role first."))
        return self.cleaned_data

    def members(self) -> list[tuple[Any, str, bool]]:
        """(staff, role, is owner) of the roles that are filled."""
        data = self.cleaned_data
        return [
            (data[role.value], role.value, data.get("owner") == role.value)
            for role in TeamRole
            if data[role.value]
        ]


class PersonForm(forms.ModelForm):  # type: ignore[type-arg]
    """A person."""

    class Meta:
        model = Person
        fields = ("name", "title", "email", "phone")

    def clean(self) -> dict[str, Any]:
        """Something to call them by."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not (data.get("name") or data.get("email")):
            raise ValidationError({"name": _("Give a name or an e-mail.")})
        return data


class NewPersonForm(PersonForm):
    """A person of an account, from a day."""

    starts_on = forms.DateField(label=_("Belongs to the account from"), widget=forms.DateInput())


class CalendarForm(forms.Form):
    """The account's own business calendar."""

    calendar = forms.ModelChoiceField(
        label=_("Service calendar"), queryset=BusinessCalendar.objects.all(), required=False,
        empty_label=_("As the organisation"), help_text=_("Time limits of this customer run by it."),
    )  # fmt: skip


class EndMembershipForm(forms.Form):
    """When a membership ends."""

    ends_on = forms.DateField(label=_("First day no longer"), widget=forms.DateInput())


class EraseForm(forms.Form):
    """Why, and the person's number typed once more: what is erased does not come back."""

    reason = forms.CharField(label=_("Reason"), max_length=300,
                             help_text=_("Kept in the audit. Do not write the person's name here."))  # fmt: skip
    number = forms.IntegerField(label=_("Number of the person"))

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person
        self.fields["number"].help_text = _(
            "Type %(number)s. Records, events, rejected events and exports that hold the person are erased for good; "
            "backups that you took keep them until you delete those."
        ) % {"number": person.pk}

    def clean_number(self) -> int:
        """The right one."""
        number: int = self.cleaned_data["number"]
        if number != self._person.pk:
            raise forms.ValidationError(_("This is not the number of this person."))
        return number
