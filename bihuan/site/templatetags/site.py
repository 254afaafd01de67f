"""Template tags of the site: `{% load site %}`."""

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString

from bihuan.know.accounts.models import Account
from bihuan.site.health import badge
from bihuan.site.models import AccountCard

register = template.Library()


@register.simple_tag
def health_badge(card: AccountCard) -> SafeString:
    """`{% health_badge card %}`: score, shape, label."""
    return badge(card.band, card.health)


@register.simple_tag
def edit_account_url(account: Account) -> str:
    """Where the account is edited; empty when that room is not built."""
    try:
        return reverse("accounts:edit", args=[account.pk])
    except NoReverseMatch:
        return ""
