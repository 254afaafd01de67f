"""Pages of the health room: the model with a live preview, its versions, overrides."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.measures import measures
from bihuan.base.ui import FormPage, done, nav_entry
from bihuan.foresee.health.actions import end_override, override_health, save_model
from bihuan.foresee.health.actions.models import checked, ensure_model
from bihuan.foresee.health.forms import ModelForm, OverrideForm
from bihuan.foresee.health.models import BandName, HealthModel, HealthScore
from bihuan.foresee.health.queries import COLOURS, SHAPES, last_day
from bihuan.foresee.health.rules import Model, score
from bihuan.know.accounts.models import Account
from bihuan.know.accounts.queries import visible_account
from bihuan.understand.metrics.queries import Values, values_as_of
from bihuan.understand.segments.queries import rule_in_words

MOVERS = 12


@lru_cache(maxsize=2)
def _values_of(day: Any, hour: int, newest: int) -> Values:
    """Every measure of every account; kept for the hour or until an account is added, so that a preview
    answers at once."""
    return values_as_of(day=day, names=list(measures()))


def floors_said(floors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each floor in words: when it holds, at most which health, and why."""
    return [
        {
            "rule": floor["when"], "words": rule_in_words(floor["when"]), "cap": floor["cap"],
            "reason": _(floor["reason"]) if floor.get("reason") else "",
        }
        for floor in floors
    ]  # fmt: skip


@allow("health.view")
def model_page(request: HttpRequest) -> HttpResponse:
    """The model in force as a form, and what its measures mean."""
    row = ensure_model(at=timezone.now())
    return render(request, "health/model.html", _context(request, row, ModelForm(document=row.document)))


def _context(request: HttpRequest, row: HealthModel, form: ModelForm) -> dict[str, Any]:
    actor = actor_of(request)
    return {
        "row": row, "form": form, "may_edit": actor.may("health.edit"), "versions": HealthModel.objects.all()[:20],
        "bands": bands_now(actor), "floors": floors_said(row.document.get("floors", [])),
    }  # fmt: skip


@allow("health.edit")
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What the model in the form would say of real accounts, beside what is said now."""
    row = ensure_model(at=timezone.now())
    form = ModelForm(request.POST, document=row.document)
    try:
        if not form.is_valid():
            return render(request, "health/preview.html", {"errors": _errors(form)})
        model = checked(form.document())
    except ValidationError as error:
        return render(request, "health/preview.html", {"errors": error.messages})
    context = preview_of(model, actor=actor_of(request)) | {"floors": floors_said(form.document()["floors"])}
    return render(request, "health/preview.html", context)


def preview_of(model: Model, *, actor: Actor) -> dict[str, Any]:
    """Bands now and then, and the accounts of the territory that would move most."""
    now = timezone.now()
    values = _values_of(timezone.localdate(now), timezone.localtime(now).hour, newest_account())
    scores = score(model=model, values=values.by_measure)
    visible = set(Account.objects.visible_to(actor).values_list("pk", flat=True))
    today = {
        pk: (old, band) for pk, old, band in computed_now(actor).values_list("account_id", "score", "band")
    }
    bands, moves = dict.fromkeys(SHAPES, 0), []
    for index, (account_id, band) in enumerate(
        zip(values.account_ids.tolist(), scores.band_names(model), strict=True)
    ):
        if account_id not in visible:
            continue
        bands[band] += 1
        old, old_band = today.get(account_id, (None, ""))
        value = scores.score[index]
        if old is not None and not np.isnan(value):
            moves.append((abs(value - old), account_id, old, float(value), old_band, band))
    moves.sort(reverse=True)
    names = dict(Account.objects.filter(pk__in=[m[1] for m in moves[:MOVERS]]).values_list("pk", "name"))
    return {
        "bands": [(BandName(name).label, COLOURS[name], SHAPES[name], bands[name]) for name in SHAPES],
        "moves": [
            (pk, names[pk], old, new) for gap, pk, old, new, _old, _new in moves[:MOVERS] if gap >= 0.5
        ],
        "changed": sum(1 for m in moves if m[4] != m[5]),
        "total": sum(bands.values()),
    }


def newest_account() -> int:
    """The highest id of an account, 0 when there is none."""
    found: int | None = Account.objects.aggregate(newest=Max("pk"))["newest"]
    return found or 0


def bands_now(actor: Actor) -> list[tuple[str, str, str, int]]:
    """(label, colour, shape, number of accounts of the territory) of each band, as computed."""
    found = computed_now(actor).values_list("band").annotate(number=Count("pk"))
    numbers = dict(found)
    return [(str(BandName(name).label), COLOURS[name], SHAPES[name], numbers.get(name, 0)) for name in SHAPES]


def computed_now(actor: Actor) -> QuerySet[Any]:
    """The computed scores of the last scored day, within the territory."""
    scores: QuerySet[Any] = HealthScore.objects.visible_to(actor).filter(day=last_day())
    return scores


@allow("health.edit")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Put the form in force as a new version; what was typed comes back when it cannot be."""
    now = timezone.now()
    row = ensure_model(at=now)
    form = ModelForm(request.POST, document=row.document)
    if form.is_valid():
        try:
            new = save_model(
                document=form.document(), note=form.cleaned_data["note"], by=actor_of(request), at=now
            )
        except ValidationError as error:
            for message in error.messages:
                form.add_error(None, message)
        else:
            text = _("Version %(n)d is in force; all customers are scored anew in the background.") % {
                "n": new.version
            }
            return done(request, text, to=reverse("health:model"))
    return render(request, "health/model.html", _context(request, row, form), status=422)


@allow("health.edit")
@require_POST
def restore(request: HttpRequest, version: int) -> HttpResponse:
    """Put an earlier version's document in force again, as a new version."""
    row = get_object_or_404(HealthModel, version=version)
    note = _("Version %(n)d restored") % {"n": version}
    save_model(document=row.document, note=note, by=actor_of(request), at=timezone.now())
    return redirect("health:model")


def _errors(form: ModelForm) -> list[str]:
    """Every error with the name of its field."""
    return [
        f"{form.fields[name].label}: {' '.join(map(str, texts))}"
        if name in form.fields
        else " ".join(map(str, texts))
        for name, texts in form.errors.items()
    ]


class Override(FormPage):
    """A judgement in place of the score."""

    name = "health-override"
    title = gettext_lazy("Override the health")
    permission = "health.override"
    form = OverrideForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The account, within the territory."""
        return visible_account(pk=route["account"], actor=actor)

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Thirty days, unless said otherwise."""
        return {"initial": {"expires_on": timezone.localdate() + timedelta(days=30)}}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Let it count."""
        override_health(account=subject, today=timezone.localdate(at), by=by, at=at, **form.cleaned_data)
        return _("Your judgement counts until then; the computed score stays visible."), reverse(
            "site:account", args=[subject.pk]
        )


@allow("health.override")
@require_POST
def drop_override(request: HttpRequest, account: int) -> HttpResponse:
    """Let the computed score count again."""
    actor = actor_of(request)
    found = visible_account(pk=account, actor=actor)
    end_override(account=found, by=actor, at=timezone.now())
    return done(request, _("The computed score counts again."), to=reverse("site:account", args=[found.pk]))


nav_entry("health", title=gettext_lazy("Health model"), url="health:model", section="foresight",
          permission="health.view", icon="heartbeat")  # fmt: skip
