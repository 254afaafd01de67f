"""Pages that change accounts; the list and the account's page stand in the site."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor
from bihuan.base.calendars.actions import use_calendar
from bihuan.base.calendars.models import CalendarUse
from bihuan.base.ui import FormPage
from bihuan.know.accounts import actions
from bihuan.know.accounts.forms import AccountForm, CalendarForm, TeamForm
from bihuan.know.accounts.models import Account


class NewAccount(FormPage):
    """Add an account."""

    name = "account"
    title = gettext_lazy("New account")
    permission = "accounts.edit"
    form = AccountForm

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The actor limits which parents there are."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        account = actions.add_account(**form.cleaned_data, by=by, at=at)
        return _("Account added."), reverse("site:account", args=[account.pk])


class EditAccount(FormPage):
    """Change an account."""

    name = "account-edit"
    title = gettext_lazy("Edit account")
    permission = "accounts.edit"
    form = AccountForm
    about = Account

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"actor": actor, "instance": Account.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        fields = dict(form.cleaned_data)
        fields["key"] = fields["key"] or subject.key
        actions.change_account(account=subject, by=by, at=at, **fields)
        return _("Account saved."), reverse("site:account", args=[subject.pk])


class EditCalendar(FormPage):
    """Which business calendar counts for what we do for this account."""

    name = "account-calendar"
    title = gettext_lazy("Service calendar")
    permission = "calendars.edit"
    form = CalendarForm
    about = Account

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The one that was chosen."""
        chosen = (
            CalendarUse.objects.filter(account_id=subject.pk).values_list("calendar_id", flat=True).first()
        )
        return {"initial": {"calendar": chosen}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Choose it, or none."""
        use_calendar(calendar=form.cleaned_data["calendar"], account_id=subject.pk, by=by, at=at)
        return _("Saved. Open tickets are measured anew."), reverse("site:account", args=[subject.pk])


class EditTeam(FormPage):
    """Change the owner team."""

    name = "account-team"
    title = gettext_lazy("Owner team")
    permission = "accounts.edit"
    form = TeamForm
    about = Account

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The team as it is."""
        return {"account": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Replace the team."""
        actions.change_team(account=subject, members=form.members(), by=by, at=at)
        return _("Owner team saved."), reverse("site:account", args=[subject.pk])
