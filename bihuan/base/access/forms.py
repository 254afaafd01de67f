"""Forms of the access room."""

from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from bihuan.base.access.policy import permissions
from bihuan.base.access.titles import by_room, deed_of


class SignInForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "username", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"), strip=False, max_length=200,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )  # fmt: skip


class PasswordForm(PasswordChangeForm):  # type: ignore[type-arg]
    """The old password once, the new one twice."""


class TokenForm(forms.Form):
    """A new API token: a name, what it may do, how long."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What will use it, for example: night export")
    )
    scopes = forms.MultipleChoiceField(label=_("May do"), widget=forms.CheckboxSelectMultiple)
    days = forms.TypedChoiceField(
        label=_("Valid for"), coerce=int, initial=90,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("One year"))],
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = [permission for permission in permissions() if actor.may(permission)]
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (room, [(one, format_html("{} <code>{}</code>", deed_of(one), one)) for one in those])
            for room, those in by_room(held)
        ]
