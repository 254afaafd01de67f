"""Templates: written, changed, removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.reach.events import TemplateRemoved, TemplateSaved
from bihuan.act.reach.models import Kind, Template
from bihuan.act.reach.rules.links import is_web_link
from bihuan.act.reach.rules.placeholders import NAMES, unknown_in
from bihuan.base.access import Actor
from bihuan.base.bus import publish

FIELDS = (
    "name",
    "kinds",
    "subject_zh",
    "body_zh",
    "subject_en",
    "body_en",
    "link",
    "link_zh",
    "link_en",
    "shows",
)
TEXTS = ("subject_zh", "body_zh", "subject_en", "body_en")
MOST = 500


@transaction.atomic
def save_template(
    *, values: Mapping[str, Any], by: Actor, at: datetime, template: Template | None = None
) -> Template:
    """A new template, or another text for an old one (what is queued keeps the text that it has). ValidationError names the
    field, and a placeholder that nobody knows."""
    if template is None:
        if Template.objects.filter(removed_at=None).count() >= MOST:
            raise ValidationError({"name": _("There are %(n)s templates already.") % {"n": MOST}})
        row, before = Template(made_by_name=by.name, made_at=at), {}
    else:
        row = _held(template)
        before = {name: getattr(row, name) for name in FIELDS}
    for name, value in values.items():
        if name not in FIELDS:
            raise ValueError(f"a template has no field {name!r}")
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    row.kinds = sorted(set(row.kinds))
    row.changed_at = at
    _check(row)
    after = {name: getattr(row, name) for name in FIELDS}
    changed = [name for name in FIELDS if before.get(name) != after[name]]
    if template is not None and not changed:
        return row
    row.save()
    fact = TemplateSaved(
        template_id=row.pk, before={name: before[name] for name in changed if name in before},
        after={name: after[name] for name in changed},
    )  # fmt: skip
    publish(fact, by=by, at=at)
    return row


@transaction.atomic
def remove_template(*, template: Template, by: Actor, at: datetime) -> Template:
    """It is offered no more; what it wrote stays in the log."""
    row = _held(template)
    row.removed_at = at
    row.save(update_fields=["removed_at"])
    publish(TemplateRemoved(template_id=row.pk), by=by, at=at)
    return row


def _held(template: Template) -> Template:
    row: Template = Template.objects.select_for_update().get(pk=template.pk)
    if row.removed_at is not None:
        raise ValidationError({"name": _("This template was removed.")})
    return row


def _check(row: Template) -> None:
    row.full_clean(exclude=["kinds", "made_by_name"])
    if not row.kinds or set(row.kinds) - set(Kind.values):
        raise ValidationError({"kinds": _("Choose at least one channel it is for.")})
    if bool(row.subject_en) != bool(row.body_en):
        field = "body_en" if row.subject_en else "subject_en"
        raise ValidationError({field: _("English needs both a subject and a text.")})
    for name in TEXTS:
        unknown = unknown_in([getattr(row, name)])
        if unknown:
            text = _(
                "Nobody knows the placeholder “%(name)s”. There are: %(all)s, and data.… for what a play gives."
            )
            raise ValidationError({name: text % {"name": unknown[0], "all": ", ".join(NAMES)}})
    if row.link and not is_web_link(row.link):
        raise ValidationError(
            {"link": _("A link begins with https:// (or http://) and a name, without spaces.")}
        )
    if (row.link_zh or row.link_en) and not row.link:
        raise ValidationError({"link": _("Say where the words of the link lead.")})
