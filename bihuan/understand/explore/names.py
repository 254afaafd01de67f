"""What fields of accounts and people are called in the reader's language, and how a value of one is written."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _

from bihuan.base.measures import measures
from bihuan.base.ui import formats
from bihuan.know.accounts.models import Account, Person, Stage

#: Fields that tell units apart by kind; a key or a name tells each apart from all others and explains nothing.
OF_ACCOUNTS = ("tier", "stage", "industry", "region", "country", "city", "size")
OF_PEOPLE = ("title",)
#: The names of imported properties are read from so many records.
LOOKED_AT = 200
Group = tuple[str, list[tuple[str, str]]]


def field_name(field: str) -> str:
    """account.tier → tier, m.days_silent → the measure's title; an imported property has the name it came with."""
    whose, dot, name = field.partition(".")
    if not dot or whose == "m":
        known = measures().get(name or whose)
        return str(known.title) if known else name or whose
    model: Any = {"account": Account, "person": Person}.get(whose)
    if model is None:
        return name
    try:
        return str(model._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        return name.removeprefix("props.")


def value_text(field: str, value: Any) -> str:
    """A value of a field: a share in per cent, an amount as money, a choice by its word."""
    whose, _dot, name = field.partition(".")
    if isinstance(value, str):
        stages = dict(Stage.choices) if field == "account.stage" else {}
        return str(stages.get(value, value))
    kind = known.kind if whose == "m" and (known := measures().get(name)) else "number"
    if kind == "percent":
        return formats.percent(value, 0 if float(100 * value).is_integer() else 1)
    if kind == "money":
        return formats.money(round(value))
    text = formats.number(
        value, 0 if float(value).is_integer() or abs(value) < 0.005 else 1 if abs(value) >= 10 else 2
    )
    text = text.rstrip("0").rstrip(".") if "." in text else text
    words = {"days": _("%(n)s d"), "hours": _("%(n)s h")}
    return words[kind] % {"n": text} if kind in words else text


def known_fields(unit: str) -> list[Group]:
    """(heading, [(field, name)]) of what a question about accounts, or about people, may speak of."""
    groups: list[Group] = [
        (_("Measures"), [(f"m.{name}", str(one.title)) for name, one in measures().items()]),
        (_("Account"), _named("account", OF_ACCOUNTS)),
    ]
    imported = _imported(Account, "account")
    if unit == "person":
        groups.append((_("Person"), _named("person", OF_PEOPLE)))
        imported += _imported(Person, "person")
    return [*groups, *([(_("Imported"), imported)] if imported else [])]


def _named(whose: str, names: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{whose}.{name}", field_name(f"{whose}.{name}")) for name in names]


def _imported(model: Any, whose: str) -> list[tuple[str, str]]:
    """The properties that imports brought, by the first records that have some."""
    found: dict[str, None] = {}
    for props in model.objects.exclude(props={}).order_by("pk").values_list("props", flat=True)[:LOOKED_AT]:
        found |= (
            dict.fromkeys(name for name in props if name.isidentifier()) if isinstance(props, dict) else {}
        )
    return [(f"{whose}.{name}", name) for name in found]
