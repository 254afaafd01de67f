"""Pages of annotations: the list, one as a form, removing."""

from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    BadgeColumn,
    Column,
    DateColumn,
    Empty,
    Filters,
    FormPage,
    ListPage,
    Undo,
    done,
    nav_entry,
    undoable,
)
from bihuan.base.ui.forms import Saved
from bihuan.know.products.models import Product
from bihuan.understand.annotations import actions
from bihuan.understand.annotations.forms import AnnotationForm
from bihuan.understand.annotations.models import Annotation


class AnnotationFilters(Filters):
    """What the list can be narrowed by."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"), choices=Annotation.Kind.choices)
    product = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Product"), queryset=Product.objects.all(), empty_label=gettext_lazy("Any")
    )


class Annotations(ListPage):
    """All of them, the latest first."""

    name, title, permission = "annotations", gettext_lazy("Annotations"), "annotations.view"
    columns = (
        Column("title", gettext_lazy("Title"), pinned=True),
        BadgeColumn("kind", gettext_lazy("Kind"), choices=dict(Annotation.Kind.choices), kinds={"incident": "warn"},
                    phone=True),
        DateColumn("first_on", gettext_lazy("Day"), phone=True),
        DateColumn("last_on", gettext_lazy("Until")),
        Column("product", gettext_lazy("Product"), sort="product__name"),
        Column("author", gettext_lazy("Written by"), sort="author__name"),
    )  # fmt: skip
    search = ("title",)
    filters = AnnotationFilters
    default_sort = "-first_on"
    export_permission = "annotations.view"
    create_title, create_permission = gettext_lazy("New annotation"), "annotations.edit"
    empty = Empty(
        title=gettext_lazy("No annotations yet"),
        text=gettext_lazy("Write down releases, campaigns and incidents; every chart over time tells them."),
        icon="flag",
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """Those that were not removed."""
        return Annotation.objects.kept().select_related("product", "author")

    def row_url(self, record: Any) -> str:
        """The form."""
        return reverse("annotations:edit", args=[record.pk])

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The form for a new one."""
        return reverse("annotations:new")


def _back(to: str) -> str:
    """The page one came from; the list for an address that is not ours."""
    ours = to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return to if ours else reverse("annotations:list")


def _page_below(request: HttpRequest) -> str:
    """The page that a dialog stands on."""
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    return f"{here.path}?{here.query}" if here.query else here.path


class NewAnnotation(FormPage):
    """Write down what happened; `?on=` proposes the day, `?to=` is the page to go back to."""

    name, title, permission, form = (
        "annotation",
        gettext_lazy("New annotation"),
        "annotations.edit",
        AnnotationForm,
    )

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Today, unless the page it is added from says another day."""
        try:
            day = date.fromisoformat(request.GET.get("on", ""))
        except ValueError:
            day = timezone.localdate()
        return {"initial": {"first_on": day, "to": request.GET.get("to") or _page_below(request)}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Add it; can be undone."""
        row = actions.add_annotation(**form.said, by=by, at=at)
        undo = Undo(name="annotations.take_away", args={"pk": row.pk})
        return _("Annotation added."), _back(form.cleaned_data["to"]), undo


class EditAnnotation(FormPage):
    """Say it differently, or remove it."""

    name, title, permission, form = (
        "annotation",
        gettext_lazy("Change annotation"),
        "annotations.edit",
        AnnotationForm,
    )
    template = "annotations/form.html"

    def subject(self, *, actor: Actor, **route: Any) -> Annotation:
        """One that was not removed."""
        return get_object_or_404(Annotation.objects.kept(), pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        stored = Annotation.objects.get(pk=subject.pk)
        return {"instance": stored, "initial": {"to": request.GET.get("to", "")}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> Saved:
        """Change what differs; can be undone."""
        before = {"kind": subject.kind, "title": subject.title, "first_on": subject.first_on.isoformat(),
                  "last_on": subject.last_on and subject.last_on.isoformat(), "product": subject.product_id}  # fmt: skip
        actions.change_annotation(annotation=subject, by=by, at=at, **form.said)
        undo = Undo(name="annotations.change", args={"pk": subject.pk, **before})
        return _("Saved."), _back(form.cleaned_data["to"]), undo


@allow("annotations.edit")
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it off the charts; can be undone."""
    row = get_object_or_404(Annotation.objects.kept(), pk=pk)
    actions.remove_annotation(annotation=row, by=actor_of(request), at=timezone.now())
    undo = Undo(name="annotations.restore", args={"pk": pk})
    text = _("“%(title)s” was removed.") % {"title": row.title}
    return done(request, text, to=_back(request.POST.get("to", "")), undo=undo)


@undoable("annotations.restore", permission="annotations.edit")
def restore(*, by: Actor, at: datetime, pk: int) -> str:
    """Bring it back."""
    actions.restore_annotation(annotation=get_object_or_404(Annotation, pk=pk), by=by, at=at)
    return _("It is back.")


@undoable("annotations.take_away", permission="annotations.edit")
def take_away(*, by: Actor, at: datetime, pk: int) -> str:
    """Undo its adding."""
    actions.remove_annotation(annotation=get_object_or_404(Annotation, pk=pk), by=by, at=at)
    return _("The annotation was taken away.")


@undoable("annotations.change", permission="annotations.edit")
def change_back(
    *, by: Actor, at: datetime, pk: int, first_on: str, last_on: str | None, product: int | None, **words: str
) -> str:
    """Let it say what it said before."""
    actions.change_annotation(
        annotation=get_object_or_404(Annotation, pk=pk), by=by, at=at, first_on=date.fromisoformat(first_on),
        last_on=date.fromisoformat(last_on) if last_on else None,
        product=Product.objects.filter(pk=product).first() if product else None, **words,
    )  # fmt: skip
    return _("The annotation is as before.")


nav_entry("annotations", title=gettext_lazy("Annotations"), url="annotations:list", section="insight",
          permission="annotations.view", icon="flag", order=9)  # fmt: skip
