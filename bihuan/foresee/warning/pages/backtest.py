"""What the warning would have been worth on past days, and what the model is made of."""

from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.jobs import enqueue
from bihuan.base.ui import FormPage, done, nav_entry, refusals_at
from bihuan.foresee.warning import actions
from bihuan.foresee.warning.forms import SettingsForm
from bihuan.foresee.warning.models import RiskModel, Standing
from bihuan.foresee.warning.queries import notes_in_words, settings_now, verdict_in_words
from bihuan.foresee.warning.queries.drawn import charts_of
from bihuan.foresee.warning.queries.words import (
    candidate_title,
    definition_of,
    feature_title,
    left_out_in_words,
)

SHOWN = 24
STANDING_KINDS = {"champion": "ok", "challenger": "info"}
VERDICT_KINDS = {"usable": "ok"}


def _shown(version: int | None) -> RiskModel | None:
    """The one asked for; else the one in force, else the newest."""
    if version is not None:
        return get_object_or_404(RiskModel, number=version)
    return (
        RiskModel.objects.filter(standing=Standing.CHAMPION).first()
        or RiskModel.objects.order_by("-number").first()
    )


@allow("warning.view")
def backtest_page(request: HttpRequest, version: int | None = None) -> HttpResponse:
    """The verdict in words, every candidate, and the charts."""
    row = _shown(version)
    told: dict[str, Any] = row.backtest if row is not None else {}
    context = {
        "row": row, "said": verdict_in_words(row), "told": told, "may_manage": actor_of(request).may("warning.manage"),
        "definition": definition_of(row) if row and told else [], "charts": charts_of(told) if told else [],
        "candidates": [(candidate_title(name), one, name == told["chosen"]) for name, one in told["candidates"].items()]
        if told else [],
        "first": date.fromisoformat(told["from"]) if told else None, "last": date.fromisoformat(told["to"]) if told else None,
    }  # fmt: skip
    return render(request, "warning/backtest.html", context)


@allow("warning.view")
def models_page(request: HttpRequest, version: int | None = None) -> HttpResponse:
    """The card of a model, and every model with where it stands and why."""
    row = _shown(version)
    context: dict[str, Any] = {
        "row": row, "said": verdict_in_words(row), "may_manage": actor_of(request).may("warning.manage"),
        "settings": settings_now(),
        "others": [
            (one, notes_in_words(one.note), STANDING_KINDS.get(one.standing, ""), VERDICT_KINDS.get(one.verdict, "warn"))
            for one in RiskModel.objects.defer("document", "backtest")[:SHOWN]
        ],
    }  # fmt: skip
    if row is not None:
        horizon = row.horizon
        weights = [
            (feature_title(name, horizon=horizon), value) for name, value in row.card.get("weights", [])
        ]
        snapshots = [date.fromisoformat(day) for day in row.card.get("snapshots", [])]
        context |= {
            "weights": weights[:15], "heaviest": max([value for _name, value in weights], default=1) or 1,
            "features": [feature_title(name, horizon=horizon) for name in row.card.get("features", [])],
            "left_out": [(feature_title(name, horizon=horizon), left_out_in_words(why))
                         for name, why in row.card.get("left_out", {}).items()],
            "snapshots": snapshots, "kind": candidate_title(row.kind) if row.kind else "–", "note": notes_in_words(row.note),
        }  # fmt: skip
    return render(request, "warning/models.html", context)


@allow("warning.manage")
@require_POST
def train(request: HttpRequest) -> HttpResponse:
    """Train in the background."""
    enqueue("warning.train", by=actor_of(request), at=timezone.now(), unique_key="warning.train.now")
    return done(
        request,
        _("A training is queued; its backtest stands here when it is done."),
        to=reverse("warning:models"),
    )


@allow("warning.manage")
@require_POST
def put_in_force(request: HttpRequest, version: int) -> HttpResponse:
    """Use this one from now on, be it newer or older."""
    row = get_object_or_404(RiskModel, number=version)
    with refusals_at(reverse("warning:models")):
        actions.put_in_force(model=row, by=actor_of(request), at=timezone.now())
    text = _("Model %(n)d is in force; risks are computed anew in the background.") % {"n": row.number}
    return done(request, text, to=reverse("warning:models"))


@allow("warning.manage")
@require_POST
def keep(request: HttpRequest, version: int) -> HttpResponse:
    """Keep the one in force, and decline this one."""
    row = get_object_or_404(RiskModel, number=version)
    with refusals_at(reverse("warning:models")):
        actions.keep_champion(model=row, by=actor_of(request), at=timezone.now())
    return done(request, _("The model in force stays."), to=reverse("warning:models"))


class EditSettings(FormPage):
    """What is warned of, and how many customers can be helped."""

    name, title, permission, form = (
        "warning-settings",
        gettext_lazy("Settings of the early warning"),
        "warning.manage",
        SettingsForm,
    )

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The one row."""
        return settings_now()

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """Start from what counts now."""
        return {"instance": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Let it count."""
        actions.change_settings(by=by, at=at, **form.cleaned_data)
        return _("Saved; a training is queued."), reverse("warning:models")


nav_entry("warning_backtest", title=gettext_lazy("Backtest"), url="warning:backtest", section="foresight",
          permission="warning.view", icon="target", order=6)  # fmt: skip
nav_entry("warning_models", title=gettext_lazy("Models of the warning"), url="warning:models", section="foresight",
          permission="warning.view", icon="shield", order=7)  # fmt: skip
