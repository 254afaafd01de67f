"""Template tags of the site: `{% load site %}`."""

from django import template
from django.utils.safestring import SafeString

from bihuan.site.health import badge
from bihuan.site.models import AccountCard

register = template.Library()


@register.simple_tag
def health_badge(card: AccountCard) -> SafeString:
    """`{% health_badge card %}`: score, shape, label."""
    return badge(card.band, card.health)
