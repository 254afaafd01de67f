"""Answers of forms checked, and what keeps a step from being left, in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.act.bpmn import Field
from bihuan.act.bpmn.running import RunStopped
from bihuan.act.work.rules import Wrong, read_values

if TYPE_CHECKING:
    from bihuan.act.work.actions.moving import Move


def filled(fields: Sequence[Field], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a form; ValidationError by field."""
    values, wrong = read_values(fields, raw)
    if wrong:
        named = {field.name: field.title.said(get_language() or "") or field.name for field in fields}
        raise ValidationError({one.field: said(one, named[one.field]) for one in wrong})
    return values


def said(wrong: Wrong, title: str) -> str:
    """What is wrong with an answer."""
    texts = {
        "required": _("“%(field)s” is needed."),
        "number": _("“%(field)s” is a number, such as 1200.50."),
        "date": _("“%(field)s” is a day, such as 2026-10-01."),
        "choice": _("“%(field)s” is one of the choices."),
        "least": _("“%(field)s” is at least %(bound)s."),
        "most": _("“%(field)s” is at most %(bound)s."),
        "long": _("“%(field)s” has at most %(bound)s characters."),
        "yesno": _("“%(field)s” is yes or no."),
    }
    return texts[wrong.code] % {"field": title, "bound": wrong.bound}


def stopped(error: RunStopped, *, move: "Move") -> ValidationError:
    """Why the process cannot go on from here; nothing has been changed."""
    texts = {
        "expression": _("A rule at “%(step)s” cannot be evaluated: %(why)s"),
        "no_way": _("No way out of “%(step)s” fits, and there is no default. Nothing was changed."),
        "decision": _("The decision at “%(step)s” has no single answer: %(why)s"),
        "timer": _("The timer at “%(step)s” has no time: %(why)s"),
        "gone": _("This step does not wait any more; somebody or something ended it."),
        "deadlock": _("Nothing goes on after “%(step)s”: branches wait for each other."),
        "endless": _("The process turns in a circle at “%(step)s”."),
    }
    node = move.compiled.node(error.element) if error.element else None
    step = node.named(get_language() or "") if node is not None else error.element
    return ValidationError({"process": texts[error.code] % {"step": step, "why": str(error)}})
