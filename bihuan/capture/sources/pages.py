"""Pages of sources."""

from datetime import timedelta
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import (
    AgoColumn,
    BadgeColumn,
    Column,
    Empty,
    Filters,
    FormPage,
    ListPage,
    nav_entry,
)
from bihuan.base.ui.forms import put_errors
from bihuan.capture.sources.actions import (
    add_source,
    keep_events_for,
    rename_source,
    revoke_source,
    rotate_key,
)
from bihuan.capture.sources.forms import EditForm, SourceForm, SureForm
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import Silence, events_by_day, silent_sources
from bihuan.know.products.models import Product


class SourceFilters(Filters):
    """What the list can be narrowed by."""

    product = django_filters.ModelChoiceFilter(label=gettext_lazy("Product"), queryset=Product.objects.all())
    active = django_filters.BooleanFilter(label=gettext_lazy("Active"))


def page_of(source: Source) -> str:
    """The address of a source's page."""
    return reverse("sources:page", args=[source.pk])


class Sources(ListPage):
    """Where events come from."""

    name = "sources"
    title = gettext_lazy("Event sources")
    permission = "sources.view"
    columns = (
        Column("name", gettext_lazy("Name"), pinned=True, link=page_of),
        Column("code", gettext_lazy("Code")),
        Column("product", gettext_lazy("Product"), get="product.name", phone=True),
        BadgeColumn("kind", gettext_lazy("Kind"), choices=dict(Source.Kind.choices)),
        BadgeColumn("active", gettext_lazy("State"), phone=True, kinds={True: "ok", False: "off"},
                    choices={True: gettext_lazy("Active"), False: gettext_lazy("Revoked")}),
        AgoColumn("last_seen_at", gettext_lazy("Last event")),
        Column("key_hint", gettext_lazy("Key begins with"), hidden=True),
    )  # fmt: skip
    search = ("name", "code")
    filters = SourceFilters
    default_sort = "name"
    create_title, create_permission = gettext_lazy("New source"), "sources.edit"
    empty = Empty(
        title=gettext_lazy("No sources yet"), text=gettext_lazy("Add one for each program that sends events.")
    )

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """All of them: a source is no customer's."""
        return Source.objects.select_related("product")

    def row_url(self, record: Any) -> str:
        """The source's page."""
        return page_of(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """Where a new one is added."""
        return reverse("sources:new")


@allow("sources.view")
def silent(request: HttpRequest) -> HttpResponse:
    """The alarm of the workbench as a fragment: sources that used to send and are quiet now."""
    silences = [(one, pause(one)) for one in silent_sources(at=timezone.now())]
    context = {"silences": silences}
    return render(request, "sources/silent.html", context)


def pause(silence: Silence) -> str:
    """Its usual longest pause in words."""
    seconds = max(1, round(silence.usual_seconds))
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 7200:
        return ngettext("%(n)d minute", "%(n)d minutes", seconds // 60) % {"n": seconds // 60}
    return ngettext("%(n)d hour", "%(n)d hours", seconds // 3600) % {"n": seconds // 3600}


@allow("sources.view")
def source_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: its product, its state and how much it sent lately."""
    source = get_object_or_404(Source.objects.select_related("product"), pk=pk)
    days = events_by_day(source_id=pk, since=timezone.localdate() - timedelta(days=13))
    context = {
        "source": source,
        "days": days,
        "may_change": actor_of(request).may("sources.edit"),
        "may_edit": actor_of(request).may("sources.edit") and source.kind == Source.Kind.PRODUCT,
    }
    return render(request, "sources/page.html", context)


class KeyPage(FormPage):
    """A form whose answer is a new write key: shown on the spot, once, and kept nowhere."""

    permission = "sources.edit"

    def make_key(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[Source, str]:
        """One action; returns the source and its key."""
        raise NotImplementedError

    def answer(self, request: HttpRequest, route: dict[str, Any]) -> HttpResponse:
        """On a good post show the key; else the form."""
        if request.method != "POST":
            return super().answer(request, route)
        actor = actor_of(request)
        subject = self.subject(actor=actor, **route)
        build: Any = type(self).form
        form = build(request.POST, **self.options(subject=subject, actor=actor, request=request))
        if form.is_valid():
            try:
                source, key = self.make_key(form=form, subject=subject, by=actor, at=timezone.now())
            except ValidationError as error:
                put_errors(form, error)
            else:
                response = render(request, "sources/key.html", {"source": source, "key": key})
                response["Cache-Control"] = "no-store"
                return response
        title = self.title_for(subject)
        context = {
            "form": form,
            "page": self,
            "subject": subject,
            "title": title,
            "url": request.get_full_path(),
        }
        return render(request, self.template, context)


class NewSource(KeyPage):
    """Add a source."""

    name, title, form = "source", gettext_lazy("New source"), SourceForm

    def make_key(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[Source, str]:
        """Add it."""
        return add_source(**form.cleaned_data, by=by, at=at)


class RotateKey(KeyPage):
    """Replace a source's key."""

    name, title, form, submit = "source", gettext_lazy("New key"), SureForm, gettext_lazy("Make a new key")

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The source."""
        return get_object_or_404(Source, pk=route["pk"], kind=Source.Kind.PRODUCT)

    def make_key(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[Source, str]:
        """Replace it."""
        return subject, rotate_key(source=subject, by=by, at=at)


class RevokeSource(FormPage):
    """Stop a source."""

    name, title, form, submit = "source", gettext_lazy("Revoke source"), SureForm, gettext_lazy("Revoke")
    permission = "sources.edit"

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The source."""
        return get_object_or_404(Source, pk=route["pk"], kind=Source.Kind.PRODUCT)

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Refuse its key from now on."""
        revoke_source(source=subject, by=by, at=at)
        return _("The source is revoked; its events stay."), page_of(subject)


class EditSource(FormPage):
    """Give a source another name, and say how long its events are kept."""

    name, title, permission, form = "source", gettext_lazy("Edit source"), "sources.edit", EditForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The source."""
        return get_object_or_404(Source, pk=route["pk"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is."""
        return {"instance": Source.objects.get(pk=subject.pk)}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Keep it."""
        rename_source(source=subject, name=form.cleaned_data["name"], by=by, at=at)
        if (days := form.cleaned_data["keep_days"]) is not None:
            keep_events_for(source=subject, days=days, by=by, at=at)
        return _("Saved."), page_of(subject)


nav_entry("sources", title=gettext_lazy("Event sources"), url="sources:list", section="data",
          permission="sources.view", icon="antenna", order=10)  # fmt: skip
