"""The condition of a way in words, by the titles that forms give their fields; what has no words stays as it was written."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import Diagram, Field, Flow
from bihuan.base.wording import Known, Named, in_words


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
    """`use == "good" && price > 10.0` as “How is it used: Well, and price offered is more than 10”."""

    def known(path: tuple[str, ...]) -> Known | None:
        (name, *more) = path
        if more:
            return None
        if name == "approved" and name not in fields:
            return Named(title=name, present=_("it is approved"), absent=_("it is not approved"))
        field = fields.get(name)
        if field is None:
            return Named(title=name, asked=True)
        choices = {one.value: one.title.said(language) for one in field.choices}
        return Named(title=field.title.said(language) or name, choices=choices, asked=True)

    return in_words(text, names=known) or text
