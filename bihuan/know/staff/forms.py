"""Forms of staff."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Role
from bihuan.know.staff.models import REACH_TITLES, ROLE_TITLES, Region, Staff, Team


class StaffForm(forms.Form):
    """Who they are, what they do, and how far they see."""

    name = forms.CharField(label=_("Name"), max_length=80)
    username = forms.CharField(label=_("Sign-in name"), max_length=60)
    email = forms.EmailField(label=_("E-mail"), required=False)
    title = forms.CharField(label=pgettext_lazy("job", "Title"), max_length=80, required=False)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=list(ROLE_TITLES.items()), widget=forms.CheckboxSelectMultiple
    )
    reach = forms.ChoiceField(label=_("Territory"), choices=list(REACH_TITLES.items()))
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.all(), required=False)
    regions = forms.ModelMultipleChoiceField(
        label=_("Regions"), queryset=Region.objects.all(), required=False, widget=forms.CheckboxSelectMultiple
    )
    language = forms.ChoiceField(label=_("Language"), choices=[("", _("As the installation")), *settings.LANGUAGES],
                                 required=False)  # fmt: skip
    is_active = forms.BooleanField(label=_("May sign in"), required=False, initial=True)

    def __init__(self, *args: Any, staff: Staff | None = None, **kwargs: Any) -> None:
        if staff is not None:
            names = ("name", "username", "email", "title", "roles", "reach", "team", "language", "is_active")
            kwargs["initial"] = {name: getattr(staff, name) for name in names} | {
                "regions": staff.regions.all()
            }
        super().__init__(*args, **kwargs)
        if staff is not None:
            self.fields["username"].disabled = True
        self.fields["regions"].help_text = _(
            "For a territory of regions: a region brings the regions below it."
        )

    def fields_of_action(self) -> dict[str, Any]:
        """What the actions take."""
        data = dict(self.cleaned_data)
        data["roles"] = [str(Role(role)) for role in data["roles"]]
        data["regions"] = list(data["regions"])
        return data


class RegionForm(forms.Form):
    """A region, perhaps part of another."""

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=40, allow_unicode=True,
                           help_text=_("Imports and programs use it. It does not change later."))  # fmt: skip
    parent = forms.ModelChoiceField(label=_("Part of"), queryset=Region.objects.all(), required=False)

    def __init__(self, *args: Any, region: Region | None = None, **kwargs: Any) -> None:
        if region is not None:
            kwargs["initial"] = {"name": region.name, "code": region.code, "parent": region.parent}
        super().__init__(*args, **kwargs)
        if region is not None:
            self.fields["code"].disabled = True


class TeamForm(forms.Form):
    """A team."""

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(label=_("Code"), max_length=60, allow_unicode=True,
                           help_text=_("Imports and programs use it. It does not change later."))  # fmt: skip

    def __init__(self, *args: Any, team: Team | None = None, **kwargs: Any) -> None:
        if team is not None:
            kwargs["initial"] = {"name": team.name, "code": team.code}
        super().__init__(*args, **kwargs)
        if team is not None:
            self.fields["code"].disabled = True
