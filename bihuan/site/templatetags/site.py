"""Template tags of the site: `{% load site %}`."""

from functools import lru_cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bihuan.base.ui import Panel, html
from bihuan.base.ui.templatetags.ui import panel_frame
from bihuan.site.health import badge
from bihuan.site.models import AccountCard

register = template.Library()
KINDS = ("note", "question", "task")
NOBODYS = "/accounts/0/"


@register.simple_tag
def health_badge(card: AccountCard) -> SafeString:
    """`{% health_badge card %}`: score, shape, label."""
    return badge(card.band, card.health)


@register.simple_tag
def account_panel(panel: Panel, account_id: int) -> SafeString:
    """`{% account_panel panel account.pk %}`: the frame of a panel of the account page."""
    return panel_frame(panel, f"/accounts/{account_id}/panels/{panel.name}/")


@register.simple_tag(takes_context=True)
def act(context: Any, account_id: int) -> SafeString:
    """`{% act account.pk %}`: the buttons for a note, a question, a task; nothing for those who may not write any."""
    if not context["ui"]["actor"].may("follow_ups.edit"):
        return SafeString("")
    return html.raw(act_buttons(get_language()).replace(NOBODYS, f"/accounts/{account_id}/"))


@lru_cache(maxsize=8)
def act_buttons(language: str | None) -> str:
    """The buttons for account 0: the number alone differs between accounts. `language` is the reader's."""
    addresses = {kind: reverse("site:follow_up", args=[0, kind]) for kind in KINDS}
    return render_to_string("site/parts/act.html", addresses).strip()
