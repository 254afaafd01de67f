"""Filters of the form of a question: `{% load explore %}`."""

from django import template

from bihuan.understand.explore.forms.base import Input

register = template.Library()
LETTERS = "ABCDEFGHIJKLMNOPQRST"


@register.filter
def lettered(place: int, name: str) -> str:
    """`{{ 0|lettered:"series" }}` → A, as formulas call it; 1 in any other list."""
    return LETTERS[place % len(LETTERS)] if name == "series" else str(place + 1)


@register.filter
def errors_of(one: Input, nth: int) -> list[str]:
    """`{{ input|errors_of:2 }}`: what is wrong with its second row."""
    return one.row_errors.get(nth, [])
