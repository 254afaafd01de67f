"""{% bell %}: the bell of the top bar with the number of what was not read."""

from typing import Any

from django import template

from bihuan.base.access import actor_of
from bihuan.base.notices.models import Notice

register = template.Library()


@register.inclusion_tag("notices/parts/bell.html", takes_context=True)
def bell(context: Any) -> dict[str, Any]:
    """How many were not read."""
    return {"count": Notice.objects.of(actor_of(context["request"])).unread().count()}
