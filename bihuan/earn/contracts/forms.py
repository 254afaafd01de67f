"""Forms of contracts: they check, the actions save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor
from bihuan.base.ui import ModelChoice
from bihuan.earn.contracts.models import Contract, ContractLine
from bihuan.know.accounts.models import Account


class ContractForm(forms.ModelForm):  # type: ignore[type-arg]
    """A contract; its lines follow on its own page."""

    account = ModelChoice(queryset=Account.objects.none(), label=_("Account"))

    class Meta:
        model = Contract
        fields = (
            "account",
            "key",
            "name",
            "starts_on",
            "ends_on",
            "billing",
            "auto_renew",
            "currency",
            "signed_on",
        )
        widgets = {name: forms.DateInput() for name in ("starts_on", "ends_on", "signed_on")}

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = Account.objects.visible_to(actor)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["account"].disabled = True
        self.fields["key"].required = False
        self.fields["key"].help_text = _("Empty: it gets one.")
        self.fields["ends_on"].help_text = _("Empty: open-ended. The contract counts until the day before.")

    def _post_clean(self) -> None:
        """The action validates the whole record; a missing number is filled in there."""
        if not self.cleaned_data.get("key"):
            self._validate_unique = False
            self.cleaned_data["key"] = ""


class LineForm(forms.ModelForm):  # type: ignore[type-arg]
    """One line of a contract."""

    class Meta:
        model = ContractLine
        fields = ("name", "product", "seats", "mrr", "starts_on", "ends_on", "trial")
        widgets = {name: forms.DateInput() for name in ("starts_on", "ends_on")}
