"""A product's page: the stage of its life, why, the core metric there, and somebody's judgement instead."""

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage, Undo, done, undoable
from bihuan.capture.store import StoreError
from bihuan.know.products.models import Product
from bihuan.understand.metrics.actions import (
    end_stage_override,
    keep_stages,
    override_stage,
    restore_stage_override,
)
from bihuan.understand.metrics.forms import StageForm
from bihuan.understand.metrics.models import ProductStageName, StageOverride
from bihuan.understand.metrics.queries import (
    ProductStage,
    core_in_words,
    numbers_open_to,
    reason_of_stage,
    stages_on,
)

KINDS = {"introduction": "info", "growth": "ok", "maturity": "", "decline": "warn"}


def page_of(product: Product) -> str:
    """The address of a product."""
    return reverse("metrics:product", args=[product.pk])


def stage_rows(*, actor: Actor, day: date, products: Any = None) -> list[dict[str, Any]]:
    """What a page shows of each product's stage. The stage is one for all accounts; its numbers are only for those who see
    them all. Nothing while the events cannot be read."""
    try:
        found = stages_on(day=day, products=products)
    except StoreError:
        return []
    return [_row(one, numbers=numbers_open_to(actor)) for one in found]


def _row(one: ProductStage, *, numbers: bool) -> dict[str, Any]:
    return {
        "stage": one, "name": ProductStageName(one.stage).label if one.stage else _("not known"),
        "kind": KINDS.get(one.stage or "", ""), "reason": reason_of_stage(one) if numbers else "",
        "judgement": one.override.reason if one.override and numbers else "",
        "core": core_in_words(one), "numbers": numbers, "url": page_of(one.product),
        "computed": ProductStageName(one.computed.stage).label if one.computed.stage else _("not known"),
    }  # fmt: skip


@allow("products.view")
def product_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The product; of its stage what the reader may see."""
    actor, product = actor_of(request), get_object_or_404(Product, pk=pk)
    context: dict[str, Any] = {"product": product, "may_edit": actor.may("products.edit")}
    if actor.may("metrics.view"):
        rows = stage_rows(actor=actor, day=timezone.localdate() - timedelta(days=1), products=[product])
        context |= {
            "row": rows[0] if rows else None, "unread": not rows, "may_override": actor.may("stages.override"),
            "may_count": actor.may("metrics.edit"),
            "judged": numbers_open_to(actor), "overrides": StageOverride.objects.filter(product=product)[:20],
            "table": _table(rows[0]["stage"]) if rows and rows[0]["numbers"] else [],
        }  # fmt: skip
    return render(request, "metrics/product.html", context)


def _table(one: ProductStage) -> list[tuple[str, Any, Any]]:
    """(what, now, a quarter before)."""
    n = one.numbers
    return [
        (_("Active accounts"), n.active, n.active_before),
        (_("Active in the 28 days before"), n.last, n.last_before),
        (_("Of these lost"), n.lost, n.lost_before),
    ]


@allow("metrics.edit")
@require_POST
def count_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Count its numbers of yesterday again, and keep them."""
    product, day = get_object_or_404(Product, pk=pk), timezone.localdate() - timedelta(days=1)
    try:
        keep_stages(day=day, products=[product], by=actor_of(request), at=timezone.now())
    except StoreError:
        return done(request, _("Events cannot be read now"), to=page_of(product))
    return done(request, _("Counted again."), to=page_of(product))


class OverrideStage(FormPage):
    """Set the stage by judgement."""

    name, title, permission, form = "stage", gettext_lazy("Set the stage"), "stages.override", StageForm

    def subject(self, *, actor: Actor, **route: Any) -> Any:
        """The product."""
        return get_object_or_404(Product, pk=route["pk"])

    def save(self, *, form: Any, subject: Any, by: Actor, at: datetime) -> tuple[str, str]:
        """Let it count."""
        override_stage(product=subject, by=by, at=at, **form.cleaned_data)
        return _("Your judgement counts until somebody ends it; the computed stage stays visible."), page_of(
            subject
        )


@allow("stages.override")
@require_POST
def drop_stage(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the numbers count again."""
    product = get_object_or_404(Product, pk=pk)
    row = StageOverride.objects.filter(product=product, ended_at=None).first()
    end_stage_override(product=product, by=actor_of(request), at=timezone.now())
    undo = Undo(name="stages.restore", args={"pk": row.pk}) if row else None
    return done(request, _("The numbers count again."), to=page_of(product), undo=undo)


@undoable("stages.restore", permission="stages.override")
def restore(*, by: Actor, at: datetime, pk: int) -> str:
    """The override counts again."""
    row = restore_stage_override(override=get_object_or_404(StageOverride, pk=pk), by=by, at=at)
    return _("Another judgement counts already.") if row is None else _("The judgement counts again.")
