"""Forms of identity."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account, Person


class KeyForm(forms.Form):
    """Which account a key means, by the account's own key: the list would be too long to choose from."""

    account_key = forms.CharField(label=_("Key of the account"), max_length=120,
                                  help_text=_("As the account's page shows it, or its name in full."))  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor = actor

    def clean_account_key(self) -> Account:
        """The one account meant."""
        text = self.cleaned_data["account_key"].strip()
        visible = Account.objects.visible_to(self._actor)
        found = list(visible.filter(key=text)[:1]) or list(visible.filter(name=text)[:2])
        if len(found) != 1:
            raise forms.ValidationError(
                _("Several accounts have this name; give the key.")
                if found
                else _("No account has this key or name.")
            )
        return found[0]


class MergeForm(forms.Form):
    """Who else this person is."""

    person = forms.IntegerField(label=_("Number of the other person"), min_value=1, max_value=2**63 - 1,
                                help_text=_("It stands in the address of their page. Ids, memberships and events of this "
                                            "person become theirs; it can be undone."))  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, gone: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._actor, self._gone = actor, gone

    def clean_person(self) -> Person:
        """Somebody else, within the territory."""
        found = (
            Person.objects.visible_to(self._actor).themselves().filter(pk=self.cleaned_data["person"]).first()
        )
        if found is None or found.pk == self._gone.pk:
            raise forms.ValidationError(_("There is no such other person in your territory."))
        return found
