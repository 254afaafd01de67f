"""What operators decide about ids, as facts."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from bihuan.base.bus import Fact


@dataclass(frozen=True, kw_only=True)
class AccountKeyNamed(Fact):
    """An operator said which account an unknown key means; events that carry it follow, past ones too."""

    title = gettext_lazy("Account key assigned")
    account_id: int
    product_id: int
    key: str


@dataclass(frozen=True, kw_only=True)
class SuggestionRefused(Fact):
    """An operator said that a person does not belong to the account that was suggested."""

    title = gettext_lazy("Suggested account refused")
    person_id: int
    account_id: int
