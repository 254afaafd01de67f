"""Template tags of the kit: `{% load ui %}`."""

import json
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bihuan.base.access import Actor
from bihuan.base.access.said import actor_said
from bihuan.base.money import reporting_currency
from bihuan.base.ui import fixed, formats, html
from bihuan.base.ui.charts import Chart
from bihuan.base.ui.forms import dress, widget_kind
from bihuan.base.ui.panel import Panel

register = template.Library()
register.tag("translate", fixed.translate)

ADDRESS = "/address-of-the-panel/"
UNSAFE_IN_SCRIPT = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """`{% icon "search" %}`"""
    return html.icon(name, extra)


register.tag("icon", fixed.drawn_once(register.tags["icon"]))


@register.simple_tag
def band(label: object, colour: str, shape: str, score: object = None) -> SafeString:
    """`{% band label colour shape score %}`: green|amber|red|grey, circle|triangle|diamond|ring."""
    return html.band(label, colour=colour, shape=shape, score=score)


@register.simple_tag
def badge(text: object, kind: str = "") -> SafeString:
    """`{% badge text "ok" %}`: ok|warn|bad|info or nothing."""
    return html.badge(text, kind)


@register.simple_tag
def money(value: formats.Number | None, currency: str = "", short: bool = False) -> str:
    """`{% money 480000 "CNY" %}` → ¥480,000; the installation's currency by default."""
    return formats.money(value, currency or reporting_currency(), short=short)


@register.filter
def number(value: formats.Number | None, places: int = 0) -> str:
    """`{{ n|number }}` → 12,345"""
    return formats.number(value, places)


@register.filter
def actor(name: str | None) -> str:
    """`{{ row.by_name|actor }}` → who did it: staff by name, the platform's own actors in the reader's language."""
    return actor_said(name or "")


@register.filter
def compact(value: formats.Number | None) -> str:
    """`{{ n|compact }}` → 3.2M, 320 万"""
    return formats.compact(value)


@register.filter
def percent(value: formats.Number | None, places: int = 0) -> str:
    """`{{ 0.25|percent }}` → 25%"""
    return formats.percent(value, places)


@register.filter
def change(value: formats.Number | None) -> str:
    """`{{ -12|change }}` → −12"""
    return formats.change(value)


@register.filter
def listed(words: Any) -> str:
    """`{{ names|listed }}`: a, b; in Chinese a、b."""
    return formats.listed(words)


@register.filter
def days_until(value: int | None) -> str:
    """`{{ 52|days_until }}` → 52 d"""
    return formats.days_until(value)


@register.filter
def ago(value: Any) -> SafeString:
    """`{{ at|ago }}`: relative within a week, exact on hover."""
    return html.moment(value, now=timezone.now())


@register.filter
def clock(value: Any) -> str:
    """`{{ at|clock }}`: 16:40:05, with the date when it is not today."""
    return formats.clock(value, now=timezone.now())


@register.filter
def day(value: Any) -> str:
    """`{{ date|day }}` → 2026-01-12"""
    return formats.day(value)


@register.filter
def spark(values: Any, label: str = "") -> SafeString:
    """`{{ numbers|spark:"Active people" }}`"""
    return html.spark(values or [], label=label)


@register.filter
def may(actor: Actor, permission: str) -> bool:
    """`{% if ui.actor|may:"tickets.edit" %}`"""
    return actor.may(permission)


@register.filter
def dressed(bound: BoundField) -> BoundField:
    """`{{ form.name|dressed }}`: the input alone with our classes."""
    return dress(bound)


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """`{% field form.name %}`: label, input, help, errors."""
    return {"field": dress(bound), "kind": widget_kind(bound.field.widget)}


@register.inclusion_tag("ui/parts/rule.html")
def rule(text: str, words: str = "") -> dict[str, Any]:
    """A rule in words, its expression one click away; without words the expression."""
    return {"text": text, "words": words}


@register.inclusion_tag("ui/form.html")
def form_fields(form: Any) -> dict[str, Any]:
    """`{% form_fields form %}`: the errors of the whole form, then every field."""
    return {"form": form}


@register.inclusion_tag("ui/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """`{% chart c %}`: the picture, and "show as table"."""
    data = json.dumps(drawn.option, ensure_ascii=False, default=str).translate(UNSAFE_IN_SCRIPT)
    return {"chart": drawn, "data": html.raw(data)}


@register.inclusion_tag("ui/empty.html")
def empty(title: str, text: str = "", action: str = "", url: str = "", icon: str = "inbox") -> dict[str, Any]:
    """`{% empty "Nothing yet" "Import your accounts." action="How" url=… %}`"""
    return {"title": title, "text": text, "action": action, "url": url, "icon": icon}


@register.simple_tag
def panel_frame(panel: Panel, url: str) -> SafeString:
    """`{% panel_frame panel url %}`: a card that keeps its height until its inside has come."""
    return html.raw(empty_frame(panel, get_language()).replace(ADDRESS, html.escape(url)))


@lru_cache(maxsize=256)
def empty_frame(panel: Panel, language: str | None) -> str:
    """The card with a mark where the address goes, which alone differs. `language` is the reader's."""
    return render_to_string("ui/parts/panel.html", {"panel": panel, "url": ADDRESS})


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The address of this page with some parameters changed."""
    request: HttpRequest = context["request"]
    params = request.GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = str(value)
    return f"?{params.urlencode()}"
