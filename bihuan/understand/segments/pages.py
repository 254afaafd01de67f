"""Pages of segments."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, Reach, actor_of, allow
from bihuan.base.measures import measures
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    Hit,
    ListPage,
    NumberColumn,
    done,
    nav_entry,
    palette_source,
)
from bihuan.base.ui.charts import Chart, TimeAxis, over_time
from bihuan.know.accounts.models import Membership, Person
from bihuan.understand.annotations.queries import annotated
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.segment import read_definition
from bihuan.understand.segments import actions
from bihuan.understand.segments.forms import FreezeForm, ListForm, SegmentForm
from bihuan.understand.segments.models import Mode, Segment, Unit
from bihuan.understand.segments.queries import (
    answer_segment,
    definition_of,
    rule_in_words,
    segments_of,
    within,
)

SHOWN = 20
WEEKS = 12
REST = "rest"


def page_of(segment: Segment) -> str:
    """The address of a segment."""
    return reverse("segments:page", args=[segment.pk])


def members_at(segment: Segment) -> str:
    """The list of all its members, with columns, filters and export."""
    name = "site:accounts" if segment.unit == Unit.ACCOUNT else "segments:people"
    return f"{reverse(name)}?segment={segment.pk}"


class SegmentFilters(Filters):
    """What the list can be narrowed by."""

    unit = django_filters.ChoiceFilter(label=gettext_lazy("Unit"), choices=Unit.choices)
    mode = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Mode.choices)


class Segments(ListPage):
    """Every segment."""

    name, title, permission = "segments", gettext_lazy("Segments"), "segments.view"
    export_permission = "segments.export"
    columns = (
        Column("title", gettext_lazy("Segment"), pinned=True, link=page_of),
        Column("key", gettext_lazy("Key"), phone=True),
        BadgeColumn("unit", gettext_lazy("Unit"), choices=dict(Unit.choices)),
        BadgeColumn("mode", gettext_lazy("Kind"), choices=dict(Mode.choices), kinds={"live": "ok"}),
        NumberColumn("size", gettext_lazy("Size"), sort=None, phone=True,
                     help=gettext_lazy("Over all territories, when it was last counted")),
        DateColumn("counted_on", gettext_lazy("Counted on")),
        Column("owner", gettext_lazy("Owner")),
        Column("rule", gettext_lazy("Rule"), hidden=True),
    )  # fmt: skip
    search = ("title", "key", "description")
    filters = SegmentFilters
    default_sort = "title"
    create_title, create_permission = gettext_lazy("New segment"), "segments.edit"
    empty = Empty(
        title=gettext_lazy("No segments yet"),
        text=gettext_lazy("Describe customers or people by a rule, or keep a list; every question can be asked of it."),
        icon="users-group",
    )  # fmt: skip

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them: a description is no customer's."""
        return Segment.objects.select_related("owner")

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """Who does not see every customer is not told how many there are."""
        for record in records:
            record.size = record.size if actor.reach == Reach.ALL else None
        return records

    def row_url(self, record: Any) -> str:
        """The segment's page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """Where one is described."""
        return reverse("segments:new")


class PeopleFilters(Filters):
    """Whose people."""

    segment = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Segment"), queryset=segments_of("person"), method="in_segment", empty_label=gettext_lazy("Any")
    )  # fmt: skip

    def in_segment(self, rows: QuerySet[Any], name: str, value: Segment) -> QuerySet[Any]:
        """Its members today."""
        return within(rows, segment=value, actor=actor_of(self.request), on=timezone.localdate())


class SegmentPeople(ListPage):
    """People of the territory by segment."""

    name, title, permission = "segment_people", gettext_lazy("People of a segment"), "people.view"
    export_permission = "people.export"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, get=str, sort="name",
               link=lambda p: reverse("accounts:person", args=[p.pk])),
        Column("account", gettext_lazy("Account"), sort=None, phone=True,
               get=lambda p: "、".join(m.account.name for m in p.memberships.all())),
        Column("title", gettext_lazy("Title")),
        Column("key", gettext_lazy("Key"), hidden=True),
    )  # fmt: skip
    search = ("name", "title")
    filters = PeopleFilters
    default_sort = "name"

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """People of visible accounts."""
        mine = Membership.objects.visible_to(actor).valid_on(timezone.localdate()).select_related("account")  # type: ignore[attr-defined]
        return (
            Person.objects.visible_to(actor)
            .themselves()
            .prefetch_related(Prefetch("memberships", queryset=mine))
        )


@allow("segments.view")
def segment_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What a segment is, how many it had, and its first members with what the rule reads of them."""
    actor = actor_of(request)
    segment = get_object_or_404(Segment.objects.select_related("owner"), pk=pk)
    behaviour = definition_of(segment).behaviour if segment.mode == Mode.LIVE else ()
    context: dict[str, Any] = {
        "segment": segment, "may_edit": actor.may("segments.edit"), "members_at": members_at(segment),
        "behaviour": behaviour, "words": rule_in_words(segment.rule, behaviour=behaviour) if segment.rule else "",
    }  # fmt: skip
    try:
        context |= {"answer": _asked(segment, actor=actor, top=SHOWN), "chart": _chart(segment, actor=actor)}
    except QuestionError as error:
        context["error"] = str(error)
    return render(request, "segments/page.html", context)


def _asked(segment: Segment, *, actor: Actor, **more: Any) -> Any:
    return answer_segment(
        question={"kind": "segment", "segment": f"@{segment.key}"} | more, actor=actor, at=timezone.now()
    )


def _chart(segment: Segment, *, actor: Actor) -> Chart | None:
    """Sizes that were kept; for who does not see everything, the last weeks of their own territory."""
    if segment.mode == Mode.STATIC:
        return None
    if actor.reach == Reach.ALL:
        since = timezone.localdate() - timedelta(days=365)
        sizes = list(segment.sizes.filter(day__gte=since).values_list("day", "size"))
    else:
        sizes = list(_asked(segment, actor=actor, every="week", period={"last": f"{7 * WEEKS}d"}).rows)
    days = [day for day, _size in sizes]
    chart = over_time(
        title=_("Size over time"), first=_("Day"), labels=[day.isoformat() for day in days], axis=TimeAxis.of(days),
        series=[(_("Members"), [size for _day, size in sizes])],
    )  # fmt: skip
    return annotated(chart, actor=actor)


@allow("segments.view")
def compare_page(request: HttpRequest, pk: int) -> HttpResponse:
    """A segment against another, or against everybody else, measure by measure."""
    segment = get_object_or_404(Segment, pk=pk)
    others = segments_of(segment.unit).exclude(pk=pk)
    against = request.GET.get("against", REST)
    context: dict[str, Any] = {"segment": segment, "others": others, "against": against}
    try:
        other = REST if against == REST else f"@{against}"
        answer = _asked(segment, actor=actor_of(request), compare=other)
        names = {name: measure.title for name, measure in measures().items()}
        names |= {"events": _("Events in 28 days"), "active_days": _("Active days in 28 days")}
        context |= {"answer": answer, "rows": [_line(row, answer, names) for row in answer.rows]}
    except QuestionError as error:
        context["error"] = str(error)
    return render(request, "segments/compare.html", context)


SIZES = {"negligible": gettext_lazy("negligible"), "small": gettext_lazy("small"), "medium": gettext_lazy("medium"),
         "large": gettext_lazy("large"), "": ""}  # fmt: skip


def _line(row: tuple[Any, ...], answer: Any, names: dict[str, Any]) -> dict[str, Any]:
    """A measure's row by name, its effect in one number with interval."""
    found = {column.name: value for column, value in zip(answer.columns, row, strict=True)}
    kind = "delta" if found["delta"] is not None else "shares"
    effect = [found[f"{kind}{end}"] for end in ("", "_low", "_high")]
    return found | {
        "title": names.get(found["measure"], found["measure"]),
        "word": SIZES[found["size"]],
        "effect": effect,
    }


class NewSegment(FormPage):
    """Describe a segment."""

    name, title, permission, form = "segment", gettext_lazy("New segment"), "segments.edit", SegmentForm
    template = "segments/form.html"

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Add it."""
        row = actions.add_segment(**form.cleaned_data, by=by, at=at)
        return _("Segment added."), page_of(row)


class EditSegment(FormPage):
    """Change a segment: of a list only its words."""

    name, title, permission = "segment", gettext_lazy("Change segment"), "segments.edit"
    template = "segments/form.html"

    @staticmethod
    def form(*args: Any, **options: Any) -> Any:
        """The form of its kind."""
        kind: Any = ListForm if options["instance"].mode == Mode.STATIC else SegmentForm
        return kind(*args, **options)

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The segment."""
        return get_object_or_404(Segment, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"instance": Segment.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Change what differs."""
        fields = {name: value for name, value in form.cleaned_data.items() if name in actions.CHANGEABLE}
        return _("Saved."), page_of(actions.change_segment(segment=subject, by=by, at=at, **fields))


class FreezeSegment(FormPage):
    """Write down who is in today."""

    name, title, permission, form = (
        "freeze",
        gettext_lazy("Write down as a list"),
        "segments.edit",
        FreezeForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The segment."""
        return get_object_or_404(Segment, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Named by the day, unless said otherwise."""
        day = timezone.localdate()
        return {
            "initial": {"key": f"{subject.key[:48]}-{day:%Y%m%d}", "title": f"{subject.title[:100]} {day}"}
        }

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep the list."""
        row = actions.freeze_segment(segment=subject, **form.cleaned_data, by=by, at=at)
        return _("%(n)d members are written down.") % {"n": row.size}, page_of(row)


@allow("segments.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """How many the form describes, and the first of them, before it is saved."""
    form = SegmentForm(request.POST)
    form.is_valid()
    data = form.cleaned_data
    if not data.get("rule") or "behaviour" not in data:
        problems: list[Any] = list(form.errors.get("behaviour", []))
        return render(request, "segments/preview.html", {"error": " ".join(map(str, problems))})
    document = {"unit": data.get("unit"), "rule": data["rule"], "behaviour": data["behaviour"] or None}
    try:
        read = read_definition(document)
        question = {"kind": "segment", "segment": data["rule"], "top": 8} | {
            name: document[name] for name in ("unit", "behaviour") if document[name]
        }
        answer = answer_segment(question=question, actor=actor_of(request), at=timezone.now())
    except QuestionError as error:
        return render(request, "segments/preview.html", {"error": str(error)})
    context = {
        "answer": answer, "unit": data.get("unit"), "words": rule_in_words(read.rule, behaviour=read.behaviour),
    }  # fmt: skip
    return render(request, "segments/preview.html", context)


@allow("segments.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Drop a segment."""
    segment = get_object_or_404(Segment, pk=pk)
    actions.remove_segment(segment=segment, by=actor_of(request), at=timezone.now())
    return done(request, _("Segment removed."), to=reverse("segments:list"))


nav_entry("segments", title=gettext_lazy("Segments"), url="segments:list", section="insight", permission="segments.view",
          icon="users-group", order=40)  # fmt: skip


@palette_source(
    "segments", title=gettext_lazy("Segments"), permission="segments.view", icon="users-group", order=60
)
def find_segments(*, actor: Actor, q: str, limit: int) -> list[Hit]:
    """By title or key."""
    rows = Segment.objects.filter(title__icontains=q) | Segment.objects.filter(key__icontains=q)
    return [Hit(title=row.title, url=page_of(row), note=f"@{row.key}") for row in rows[:limit]]
