"""Instances: the list, one with its diagram, and starting one."""

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from bihuan.act.bpmn.diagram import HUMAN
from bihuan.act.processes.models import Process
from bihuan.act.processes.queries import compiled_of
from bihuan.act.processes.roles import role_title
from bihuan.act.work import actions
from bihuan.act.work.forms import StartForm
from bihuan.act.work.models import Instance, InstanceState
from bihuan.act.work.models.instances import LIVE
from bihuan.act.work.pages.marks import CLOCK_KINDS, CLOCKS, STATE_KINDS
from bihuan.act.work.queries import clock_of, diagram_of, marks_of
from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.access.said import actor_said
from bihuan.base.ui import (
    ActorColumn,
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    Filters,
    ListPage,
    nav_entry,
    put_errors,
)

INSTANCE_KINDS = {"running": "info", "paused": "quiet", "stuck": "bad", "ended": "ok", "cancelled": "quiet"}


def page_of(instance: Instance) -> str:
    """The address of an instance."""
    return reverse("work:instance", args=[instance.pk])


class InstanceFilters(Filters):
    """What the list can be narrowed by."""

    state = django_filters.MultipleChoiceFilter(label=gettext_lazy("State"), choices=InstanceState.choices)
    process = django_filters.ModelMultipleChoiceFilter(
        label=pgettext_lazy("standard", "Process"), queryset=Process.objects.filter(kind="process")
    )
    account = django_filters.NumberFilter(field_name="account_id", label=gettext_lazy("Account number"))
    started_at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Started"))


class Instances(ListPage):
    """What runs, and what has run."""

    name, title, permission = "instances", gettext_lazy("Process instances"), "work.see"
    columns = (
        Column("title", gettext_lazy("Title"), get="said_title", sort="title", pinned=True, link=page_of, phone=True),
        BadgeColumn("state", gettext_lazy("State"), choices=dict(InstanceState.choices), kinds=INSTANCE_KINDS, phone=True),
        Column("process", pgettext_lazy("standard", "Process"), sort="process__name"),
        Column("version", gettext_lazy("Version"), get="version.number", sort="version__number"),
        Column("account", gettext_lazy("Account"), get=lambda row: row.account or "", sort="account__name",
               link=lambda row: f"/accounts/{row.account_id}/" if row.account_id else ""),
        AgoColumn("started_at", gettext_lazy("Started")),
        ActorColumn("started_by_name", gettext_lazy("Started by")),
        AgoColumn("ended_at", gettext_lazy("Ended")),
    )  # fmt: skip
    search = ("title", "key", "account__name", "process__name", "process__name_zh")
    filters = InstanceFilters
    default_sort = "-started_at"
    empty = Empty(
        title=gettext_lazy("Nothing runs yet"),
        text=gettext_lazy("Start a process from the library: each step then lies on the bench of whoever does it."),
        action=gettext_lazy("Open the process library"), url="/processes/", icon="route",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those of the territory."""
        return Instance.objects.visible_to(actor).select_related("process", "version", "account")

    def row_url(self, record: Any) -> str:
        """The instance."""
        return page_of(record)


nav_entry("instances", title=gettext_lazy("Process instances"), url="work:instances", section="processes",
          permission="work.see", icon="player-play", order=14)  # fmt: skip


@allow("work.see")
def instance_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The diagram with where it stands, every step with its times, and what was said."""
    rows = Instance.objects.visible_to(actor_of(request)).select_related(
        "process", "version", "account", "started_by"
    )
    instance, now, actor = get_object_or_404(rows, pk=pk), timezone.now(), actor_of(request)
    items = []
    for item in instance.items.select_related("assignee").order_by("opened_at", "pk"):
        clock = clock_of(item, at=now)
        items.append({
            "item": item,
            "who": actor_said(item.done_by_name) or item.assignee or role_title(item.role),
            "clock": CLOCKS[clock.kind], "clock_kind": CLOCK_KINDS[clock.kind],
            "state_kind": STATE_KINDS.get(item.state, ""),
        })  # fmt: skip
    outcome = compiled_of(instance.version_id).node(instance.outcome) if instance.outcome else None
    context = {
        "instance": instance, "items": items, "state_kind": INSTANCE_KINDS[instance.state],
        "data": {"xml": instance.version.xml, "language": get_language() or "", "marks": marks_of(instance, at=now)},
        "is_live": instance.state in LIVE, "may_manage": actor.may("work.manage"), "may_deviate": actor.may("work.deviate"),
        "outcome": outcome.named(get_language() or "") if outcome else instance.outcome,
        "deviations": instance.deviations.all(), "comments": instance.comments.all(), "files": instance.files.all(),
        "has_other_version": instance.process.versions.exclude(state="draft").exclude(pk=instance.version_id).exists(),
    }  # fmt: skip
    return render(request, "work/instance.html", context)


@allow("work.start")
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is about, and what its start asks."""
    process = get_object_or_404(Process.objects.startable(), pk=pk)
    version = process.versions.get(state="published")
    fields = compiled_of(version.pk).diagram.start_fields
    actor, account = actor_of(request), request.GET.get("account")
    if request.method != "POST":
        form = StartForm(
            fields=fields, actor=actor, account=account if account and account.isdecimal() else None
        )
        return render(request, "work/start.html", {"process": process, "form": form})
    form = StartForm(request.POST, request.FILES, fields=fields, actor=actor)
    if form.is_valid():
        values = {one.name: form.cleaned_data.get(one.name) for one in fields}
        try:
            instance = actions.start_process(
                process=process, values=values, account=form.cleaned_data["account"], title=form.cleaned_data["title"],
                by=actor, at=timezone.now(),
            )  # fmt: skip
        except ValidationError as error:
            put_errors(form, error)
        else:
            mine = instance.items.filter(assignee=actor.user_id, state="claimed").first()
            may_see = actor.may("work.see")
            return redirect(
                reverse("work:item", args=[mine.pk])
                if mine
                else page_of(instance)
                if may_see
                else "work:bench"
            )
    return render(request, "work/start.html", {"process": process, "form": form}, status=422)


def steps_ahead(instance: Instance) -> list[tuple[str, str]]:
    """Steps that a person does and that were not reached yet."""
    reached = set(instance.items.exclude(state="withdrawn").values_list("element", flat=True))
    language = get_language() or ""
    return [
        (node.id, node.named(language)) for node in diagram_of(instance).inside()
        if node.kind in HUMAN and not node.many and node.id not in reached
    ]  # fmt: skip


def no_way() -> str:
    """What a page says when a thing is not there."""
    return _("There is nothing of that kind.")
