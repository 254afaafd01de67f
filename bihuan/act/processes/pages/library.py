"""The list of processes, and how one comes into it."""

from datetime import datetime
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.act.bpmn import DiagramRefused, read_diagram
from bihuan.act.bpmn.taking_in import taken_in
from bihuan.act.processes import actions
from bihuan.act.processes.blank import blank
from bihuan.act.processes.forms import EditProcess, ImportForm, NewProcess
from bihuan.act.processes.models import Area, Kind, Process, State, Version
from bihuan.base.access import Actor
from bihuan.base.decisions import TableRefused, read_table
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    Filters,
    FormPage,
    Hit,
    ListPage,
    NumberColumn,
    nav_entry,
    palette_source,
)

SITUATIONS = {
    "published": gettext_lazy("Published"), "draft": gettext_lazy("Only a draft"), "away": gettext_lazy("Put away"),
}  # fmt: skip
SITUATION_KINDS = {"published": "ok", "draft": "info", "away": "quiet"}


def page_of(process: Process) -> str:
    """The address of a process."""
    return reverse("processes:page", args=[process.pk])


def situation(process: Any) -> str:
    """Published, only drawn, or put away."""
    if process.retired_at is not None:
        return "away"
    return "published" if process.current else "draft"


def draft_waits(process: Any) -> str:
    """Whether a change is drawn that is not published yet."""
    return _("Draft waits") if process.drawn and process.current else ""


class ProcessFilters(Filters):
    """What the list can be narrowed by."""

    kind = django_filters.MultipleChoiceFilter(label=gettext_lazy("Kind"), choices=Kind.choices)
    area = django_filters.MultipleChoiceFilter(label=gettext_lazy("Department"), choices=Area.choices)
    retired = django_filters.BooleanFilter(
        field_name="retired_at", lookup_expr="isnull", exclude=True, label=gettext_lazy("Put away")
    )


class Processes(ListPage):
    """How things are done here."""

    name, title, permission = "processes", gettext_lazy("Process library"), "processes.view"
    columns = (
        Column("name", gettext_lazy("Name"), get=str, pinned=True, link=page_of),
        BadgeColumn("situation", gettext_lazy("State"), get=situation, choices=SITUATIONS, kinds=SITUATION_KINDS, phone=True,
                    sort=None),
        Column("kind", gettext_lazy("Kind"), choices=dict(Kind.choices)),
        Column("area", gettext_lazy("Department"), choices=dict(Area.choices)),
        NumberColumn("current", gettext_lazy("Version")),
        Column("drawn", pgettext_lazy("version", "Draft"), get=draft_waits, sort=None),
        AgoColumn("published", gettext_lazy("Published")),
        Column("key", gettext_lazy("Key"), hidden=True),
    )  # fmt: skip
    search = ("name", "name_zh", "key", "about", "about_zh")
    filters = ProcessFilters
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New process"), "processes.draw"
    empty = Empty(
        title=gettext_lazy("No processes yet"),
        text=gettext_lazy("A process is a diagram of how a thing is done here. The platform runs it: it gives each step to "
                          "whoever does it, with a clock beside it."),
        action=gettext_lazy("Draw the first one"), url="/processes/new/", icon="route",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them, with their published version and whether a draft waits."""
        mine = Version.objects.filter(process=OuterRef("pk"))
        published = mine.filter(state=State.PUBLISHED)
        return Process.objects.annotate(
            current=Subquery(published.values("number")[:1]),
            published=Subquery(published.values("published_at")[:1]),
            drawn=Exists(mine.filter(state=State.DRAFT)),
        )

    def row_url(self, record: Any) -> str:
        """The process."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """A new one."""
        return reverse("processes:new")


nav_entry("processes", title=gettext_lazy("Process library"), url="processes:list", section="processes",
          permission="processes.view", icon="route", order=30)  # fmt: skip


@palette_source("processes", title=gettext_lazy("Processes"), permission="processes.view", icon="route")
def find_processes(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """By name, in either language."""
    rows = Process.objects.live()
    found = (rows.filter(name__icontains=q) | rows.filter(name_zh__icontains=q))[:limit]
    return [Hit(title=str(row), url=page_of(row)) for row in found]


class NewProcessPage(FormPage):
    """Begin one."""

    name, title, permission, form = "process", gettext_lazy("New process"), "processes.draw", NewProcess
    submit = gettext_lazy("Begin")

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """With an empty diagram, and on to the studio or to the list."""
        found = dict(form.cleaned_data)
        listed = found.pop("begin") == "list" and found["kind"] == Kind.PROCESS
        xml = blank(kind=found["kind"], key=found["key"], name=found["name"])
        row = actions.create_process(xml=xml, by=by, at=at, **found)
        if listed:
            text = _("Write the first step; the list is a draft until you publish it.")
            return text, reverse("processes:as_list", args=[row.pk])
        text = _("Draw it now; it is kept as a draft until you publish it.")
        return text, reverse("processes:studio", args=[row.pk])


class EditProcessPage(FormPage):
    """Name, purpose, department, owner."""

    name, title, permission, form = "process", gettext_lazy("Edit the process"), "processes.draw", EditProcess

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The process."""
        return Process.objects.get(pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """As it is."""
        return {"instance": Process.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Keep what changed."""
        found = dict(form.cleaned_data)
        owner = found.pop("owner")
        changes = found | {"owner_id": None if owner is None else owner.pk}
        actions.edit_process(process=subject, changes=changes, by=by, at=at)
        return _("Saved."), page_of(subject)


class ImportProcess(FormPage):
    """From a file of another modeler, as a new process or as the draft of one that is here."""

    name, title, permission, form = (
        "process",
        gettext_lazy("Import a BPMN or DMN file"),
        "processes.draw",
        ImportForm,
    )
    submit = gettext_lazy("Import")

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """By the id in the file."""
        xml = form.cleaned_data["file"].read()
        row = take_in(xml, area=form.cleaned_data["area"], by=by, at=at)
        return _("Imported as a draft. Look at what cannot run, then publish it."), page_of(row)


def take_in(xml: bytes, *, area: str, by: Actor, at: datetime) -> Process:
    """A file becomes the draft of the process whose key is its id, or a new process. ValidationError ("file")."""
    kind, key, name, zh = _about(xml)
    if not key:
        raise ValidationError({"file": _("The process in the file has no id.")})
    text = taken_in(xml) if kind == Kind.PROCESS else _text(xml)
    here = Process.objects.filter(key=key).first()
    if here is None:
        return actions.create_process(
            key=key, kind=kind, name=(name or key)[:120], name_zh=zh[:120], area=area, xml=text, by=by, at=at
        )
    if here.kind != kind:
        raise ValidationError({"file": _("“%(key)s” is here already, as something else.") % {"key": key}})
    actions.save_draft(process=here, xml=text, by=by, at=at)
    return here


def _text(xml: bytes) -> str:
    try:
        return xml.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValidationError({"file": _("The file is not UTF-8.")}) from None


def _about(xml: bytes) -> tuple[str, str, str, str]:
    """(kind, id, name, Chinese name) of the file."""
    try:
        diagram = read_diagram(xml)
        return Kind.PROCESS, diagram.id, diagram.name.text, diagram.name.zh
    except DiagramRefused as error:
        if error.code != "not_bpmn":
            raise ValidationError(
                {"file": _("This file cannot be read: %(why)s.") % {"why": error}}
            ) from None
    try:
        table = read_table(xml)
    except TableRefused as error:
        raise ValidationError({"file": _("This file cannot be read: %(why)s.") % {"why": error}}) from None
    return Kind.DECISION, table.id, table.name, ""
