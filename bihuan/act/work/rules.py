"""Forms filled in: from what was typed to values, field by field; approvals, and turns of a step. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from bihuan.act.bpmn import Field
from bihuan.act.bpmn.running import Token

MOST_TEXT = {"text": 500, "long": 20_000}
#: Whole numbers beyond this are not told apart by everybody who reads them.
MOST_NUMBER = Decimal(2**53)


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with a field: "required", "number", "date", "choice", "least", "most", "long", "yesno", and the bound."""

    field: str
    code: str
    bound: str = ""


def read_values(fields: Sequence[Field], raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wrong]]:
    """(the values of the fields that were given, what is wrong). A field that nobody asked for is left out.

    Numbers and money become numbers, yes and no true and false, days ISO text; several choices a list; files stay as given,
    and people and customers are text, both for `actions.picking` to look up. An empty answer is left out, so that a rule sees
    that it is not known.
    """
    values: dict[str, Any] = {}
    wrong: list[Wrong] = []
    for field in fields:
        given = raw.get(field.name)
        if given is None or given == "" or given == []:
            if field.required:
                wrong.append(Wrong(field=field.name, code="required"))
            continue
        found = _read(field, given)
        if isinstance(found, Wrong):
            wrong.append(found)
        else:
            values[field.name] = found
    return values, wrong


def _read(field: Field, given: Any) -> Any:
    readers = {
        "number": _number,
        "money": _number,
        "date": _date,
        "yesno": _yesno,
        "choice": _choice,
        "choices": _choices,
        "file": _as_given,
    }
    reader = readers.get(field.kind, _text)
    return reader(field, given)


def _as_given(field: Field, given: Any) -> Any:
    """A file is looked at by whoever keeps it."""
    return given


def _number(field: Field, given: Any) -> Any:
    try:
        number = Decimal(str(given).strip().replace(",", "").replace("¥", "").replace(",", ""))
    except InvalidOperation:
        return Wrong(field=field.name, code="number")
    if not number.is_finite() or abs(number) > MOST_NUMBER:
        return Wrong(field=field.name, code="number")
    for code, bound, outside in (("least", field.least, -1), ("most", field.most, 1)):
        if bound and number.compare(Decimal(bound)) == outside:
            return Wrong(field=field.name, code=code, bound=bound)
    if field.kind == "money":
        number = round(number, 2)
    return int(number) if number == number.to_integral_value() and field.kind == "number" else float(number)


def _date(field: Field, given: Any) -> Any:
    try:
        day = date.fromisoformat(str(given).strip()[:10])
    except ValueError:
        return Wrong(field=field.name, code="date")
    if field.least and day < date.fromisoformat(field.least):
        return Wrong(field=field.name, code="least", bound=field.least)
    if field.most and day > date.fromisoformat(field.most):
        return Wrong(field=field.name, code="most", bound=field.most)
    return day.isoformat()


def _yesno(field: Field, given: Any) -> Any:
    known = {"true": True, "on": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    found = known.get(str(given).strip().lower())
    return Wrong(field=field.name, code="yesno") if found is None else found


def _choice(field: Field, given: Any) -> Any:
    known = {choice.value for choice in field.choices}
    return given if given in known else Wrong(field=field.name, code="choice")


def _choices(field: Field, given: Any) -> Any:
    known = {choice.value for choice in field.choices}
    listed = list(given) if isinstance(given, (list, tuple)) else [given]
    return listed if set(map(str, listed)) <= known else Wrong(field=field.name, code="choice")


def _text(field: Field, given: Any) -> Any:
    text = str(given).strip()
    most = MOST_TEXT.get(field.kind, 500)
    return Wrong(field=field.name, code="long", bound=str(most)) if len(text) > most else text


def approval_of(votes: Sequence[bool | None], *, rule: str) -> bool | None:
    """What approvers have decided, in the order they are asked: True, False, or None while it is open.

    "any": one yes is enough, a no from everybody refuses; "all": one no refuses; a number n: n yes are enough, and it is
    refused as soon as n cannot be reached any more.
    """
    yes, no, whole = votes.count(True), votes.count(False), len(votes)
    need = {"any": 1, "all": whole}.get(rule) or int(rule) if rule != "all" else whole
    if yes >= need:
        return True
    return False if whole - no < need else None


def turn_of(votes: Sequence[bool | None], *, in_order: bool) -> list[int]:
    """The places of those whose turn it is to vote."""
    open_ones = [place for place, approved in enumerate(votes) if approved is None]
    return open_ones[:1] if in_order else open_ones


def turn_named(token: Token) -> str:
    """What tells the turns of a step apart that is done many times: the value or the name of the one that it is for, else which
    it is, counted from one; "" for a step that is done once."""
    one = token.item.get("name") if isinstance(token.item, Mapping) else token.item
    if isinstance(one, str | int | float) and str(one).strip():
        return str(one).strip()
    return str(int(token.index) + 1) if token.index.isdecimal() else token.index
