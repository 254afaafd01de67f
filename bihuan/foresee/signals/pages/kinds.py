"""Kinds of signals: all of them with what people did with theirs, one, its form with a preview, and the look now."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.access.titles import permission_title
from bihuan.base.ui import FormPage, done, nav_entry, refusals_at
from bihuan.base.ui.charts import TimeAxis, over_time
from bihuan.foresee.signals import actions
from bihuan.foresee.signals.forms import KindForm, SettingsForm
from bihuan.foresee.signals.models import About, KindOfSignal, Severity, Signal
from bihuan.foresee.signals.queries import (
    SEVERITY_KINDS,
    SUBJECTS,
    Precision,
    Preview,
    in_words,
    kind_in_words,
    precision_of,
    previewed,
    sentence_in_words,
    titles,
    told,
    wanted_in_words,
)
from bihuan.foresee.signals.rules import KindError, read_kind
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region

PERIODS = (28, 90, 365)
SHOWN = 20
MODELS: dict[str, Any] = {"account": Account, "person": Person, "product": Product, "region": Region}


def page_of(kind: KindOfSignal) -> str:
    """The address of a kind."""
    return reverse("signals:kind", args=[kind.key])


def period_of(request: HttpRequest) -> int:
    """The days that were chosen, 90 unless said otherwise."""
    return next((days for days in PERIODS if request.GET.get("days") == str(days)), 90)


def line_of(kind: KindOfSignal, *, title: str, precision: Precision | None) -> dict[str, Any]:
    """A kind as lists show it."""
    return {
        "kind": kind, "title": title, "severity_kind": SEVERITY_KINDS[Severity(kind.severity)],
        "precision": precision or Precision(kind=kind.key), "raised_by_room": not kind.rule,
    }  # fmt: skip


@allow("signals.view")
def kinds_page(request: HttpRequest) -> HttpResponse:
    """Every kind, and of how much use its signals were."""
    now, actor = timezone.now(), actor_of(request)
    actions.ensure_kinds(at=now)
    days = period_of(request)
    found = precision_of(actor=actor, since=now - timedelta(days=days), until=now)
    named = titles()
    rows = [
        line_of(kind, title=named[kind.key], precision=found.get(kind.key))
        for kind in KindOfSignal.objects.select_related("staff")
        if not kind.needs or actor.may(kind.needs)
    ]
    context = {"rows": rows, "days": days, "periods": PERIODS, "may_manage": actor.may("signals.manage")}
    return render(request, "signals/kinds.html", context)


def _kind(request: HttpRequest, key: str) -> KindOfSignal:
    """404 when the reader may not see its signals."""
    actions.ensure_kinds(at=timezone.now())
    kind: KindOfSignal = get_object_or_404(KindOfSignal.objects.select_related("staff"), key=key)
    actor = actor_of(request)
    if kind.needs and not actor.may(kind.needs):
        return get_object_or_404(KindOfSignal.objects.none(), key=key)
    return kind


@allow("signals.view")
def kind_page(request: HttpRequest, key: str) -> HttpResponse:
    """What is looked for, of how much use it was, and its newest signals."""
    now, actor, kind = timezone.now(), actor_of(request), _kind(request, key)
    days = period_of(request)
    found = precision_of(actor=actor, since=now - timedelta(days=days), until=now, kinds=[kind.key])
    newest = Signal.objects.visible_to(actor).filter(kind=kind.key).select_related(*SUBJECTS)[:SHOWN]
    context = line_of(kind, title=titles()[kind.key], precision=found.get(kind.key)) | {
        "sentence": sentence_in_words(kind), "words": kind_in_words(kind),
        "needs": permission_title(kind.needs) if kind.needs else "", "newest": told(newest), "days": days,
        "periods": PERIODS, "may_manage": actor.may("signals.manage"), "removable": kind.rule and not kind.shipped,
        "list_url": f"{reverse('signals:list')}?kind={kind.key}",
    }  # fmt: skip
    return render(request, "signals/kind.html", context)


class NewKind(FormPage):
    """Describe what to look for."""

    name, title, permission, form = (
        "signal-kind",
        gettext_lazy("New kind of signal"),
        "signals.manage",
        KindForm,
    )
    template = "signals/kind_form.html"

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Permissions are offered that the actor has."""
        return {"actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Add it."""
        kind = actions.add_kind(**form.cleaned_data, by=by, at=at)
        return _("It is looked for from now on."), page_of(kind)


class EditKind(FormPage):
    """Change a kind; of one that a room raises only its settings."""

    name, title, permission = "signal-kind", gettext_lazy("Change kind of signal"), "signals.manage"
    template = "signals/kind_form.html"

    @staticmethod
    def form(*args: Any, **options: Any) -> Any:
        """The form of its sort."""
        kind: Any = KindForm if options["instance"].rule else SettingsForm
        return kind(*args, **options)

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The kind; 404 when the actor may not see its signals."""
        actions.ensure_kinds(at=timezone.now())
        kind = get_object_or_404(KindOfSignal, key=route["key"])
        rows = (
            KindOfSignal.objects.all()
            if not kind.needs or actor.may(kind.needs)
            else KindOfSignal.objects.none()
        )
        return get_object_or_404(rows, key=route["key"])

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what is stored."""
        return {"instance": KindOfSignal.objects.get(pk=subject.pk), "actor": actor}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Change what differs."""
        fields = {name: value for name, value in form.cleaned_data.items() if name in actions.CHANGEABLE}
        return _("Saved."), page_of(actions.change_kind(kind=subject, by=by, at=at, **fields))


@allow("signals.manage")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Whom the form would find today, and how many in each of the last weeks, before it is saved."""
    form = KindForm(request.POST, actor=actor_of(request))
    form.is_valid()
    data = form.cleaned_data
    if not data.get("rule") or "behaviour" not in data:
        problems: list[Any] = list(form.errors.get("behaviour", []))
        return render(request, "signals/preview.html", {"error": " ".join(map(str, problems))})
    try:
        wanted = read_kind(
            about=data.get("about") or "", rule=data["rule"], sentence=data.get("sentence") or "", behaviour=data["behaviour"],
            against=data.get("against") or 28,
        )  # fmt: skip
        found = previewed(wanted, day=timezone.localdate(), actor=actor_of(request))
    except KindError as error:
        label = form.fields[error.field].label if error.field in form.fields else error.field
        return render(request, "signals/preview.html", {"error": f"{label}: {error}"})
    return render(
        request,
        "signals/preview.html",
        preview_of(found, about=wanted.about, sentence=data.get("sentence") or "")
        | {"words": wanted_in_words(wanted)},
    )


def preview_of(found: Preview, *, about: str, sentence: str) -> dict[str, Any]:
    """The first of today in words, and the weeks as a chart."""
    first = found.today[:SHOWN]
    names = (
        {row.pk: str(row) for row in MODELS[about].objects.in_bulk([one.unit for one in first]).values()}
        if about in MODELS
        else {}
    )
    kind = KindOfSignal(sentence=sentence)
    days = [day for day, _held, _new in found.weeks]
    chart = over_time(
        title=_("Found in the last weeks"), first=_("Week until"), labels=[day.isoformat() for day in days],
        axis=TimeAxis.of(days), series=[
            (_("New"), [new for _day, _held, new in found.weeks]), (_("All"), [held for _day, held, _new in found.weeks]),
        ],
    )  # fmt: skip
    news = [new for _day, _held, new in found.weeks]
    return {
        "number": len(found.today), "rows": [(names.get(one.unit, one.unit), in_words(kind, one.numbers)) for one in first],
        "chart": chart, "a_week": sum(news) / len(news) if news else 0, "about": About(about).label,
    }  # fmt: skip


@allow("signals.manage")
@require_POST
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """On becomes off, off becomes on."""
    kind = _kind(request, key)
    row = actions.change_kind(kind=kind, on=not kind.on, by=actor_of(request), at=timezone.now())
    return done(request, _("Switched on.") if row.on else _("Switched off."), to=page_of(row))


@allow("signals.manage")
@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Its signals stay."""
    kind = _kind(request, key)
    with refusals_at(page_of(kind)):
        actions.remove_kind(kind=kind, by=actor_of(request), at=timezone.now())
    return done(request, _("Kind of signal removed."), to=reverse("signals:kinds"))


@allow("signals.manage")
@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look for every kind now."""
    now = timezone.now()
    looked = actions.look_for_signals(day=timezone.localdate(now), by=actor_of(request), at=now)
    text = ngettext("%(n)d signal raised", "%(n)d signals raised", looked.raised) % {"n": looked.raised}
    text = _("%(raised)s, %(again)d open ones seen again.") % {"raised": text, "again": looked.repeated}
    if looked.failed:
        text += " " + _("Not computed: %(kinds)s.") % {"kinds": ", ".join(sorted(looked.failed))}
    return done(request, text, to=reverse("signals:list"), kind="error" if looked.failed else "success")


nav_entry("signal_kinds", title=gettext_lazy("Kinds of signals"), url="signals:kinds", section="foresight",
          permission="signals.view", icon="bell", order=12)  # fmt: skip
