"""The condition of a way in words, by the titles that forms give their fields; what is not simple stays as it was written."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import Diagram, Field, Flow
from bihuan.base.ui import formats

MOST_PARTS = 6
_PART = re.compile(
    r'\s*(!?)\s*([A-Za-z_]\w*)\s*(?:(==|!=|>=|<=|>|<)\s*("[^"\\]*"|\'[^\'\\]*\'|-?\d+(?:\.\d+)?|true|false)\s*)?'
)
_SIGNS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤", ">": ">", "<": "<"}
_CONTRARY = {"true": "false", "false": "true"}


def fields_of(diagram: Diagram) -> dict[str, Field]:
    """Every field that a form of the process asks for, by its name; of two with one name the first."""
    nodes = (node.fields for node in diagram.nodes.values())
    return {field.name: field for fields in (*nodes, diagram.start_fields) for field in reversed(fields)}


def way_said(flow: Flow | None, *, fields: Mapping[str, Field], language: str) -> str:
    """What people call the way; without a name its condition in words. Empty for the way that is left."""
    if flow is None:
        return ""
    return flow.name.said(language) or condition_said(flow.condition, fields=fields, language=language)


def condition_said(text: str, *, fields: Mapping[str, Field], language: str) -> str:
    """`use == "good" && price > 10.0` as “How is it used: Well and Price offered > 10”."""
    parts = text.split("&&")
    if len(parts) > MOST_PARTS:
        return text
    said = [_part(part, fields=fields, language=language) for part in parts]
    return _joined(one for one in said if one is not None) if None not in said else text


def _joined(parts: Iterable[str]) -> str:
    first, *rest = parts
    for one in rest:
        first = _("%(first)s and %(second)s") % {"first": first, "second": one}
    return first


def _part(text: str, *, fields: Mapping[str, Field], language: str) -> str | None:
    """One comparison, or a yes or no; None when it is something else."""
    found = _PART.fullmatch(text)
    if found is None:
        return None
    no, name, sign, raw = found.groups()
    if sign is None:
        sign, raw = "==", "true"
    if no:
        if raw not in _CONTRARY or sign != "==":
            return None
        raw = _CONTRARY[raw]
    if name == "approved" and name not in fields and sign == "==" and raw in _CONTRARY:
        return _("it is approved") if raw == "true" else _("it is not approved")
    field = fields.get(name)
    title = name if field is None else field.title.said(language) or name
    value = _value(raw, field, language=language)
    if sign == "==":
        return _("%(title)s: %(value)s") % {"title": title, "value": value}
    return f"{title} {_SIGNS[sign]} {value}"


def _value(raw: str, field: Field | None, *, language: str) -> str:
    """A literal as the form says it."""
    if raw in _CONTRARY:
        return _("yes") if raw == "true" else _("no")
    if raw[0] in "\"'":
        key = raw[1:-1]
        choices = () if field is None else field.choices
        return next((one.title.said(language) for one in choices if one.value == key), key)
    number = float(raw)
    return formats.number(number, 0 if number.is_integer() else 2)
