"""Planning an experiment: the form with its rows, and the calculator beside it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import done, is_fragment, put_errors
from bihuan.capture.store import StoreError
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.experiments import actions
from bihuan.understand.experiments.forms import (
    EffortForm,
    MetricForms,
    PlanForm,
    VariantForms,
    WordsForm,
    metric_of,
    row_of,
)
from bihuan.understand.experiments.models import Experiment, Method, State
from bihuan.understand.experiments.pages.lists import page_of
from bihuan.understand.experiments.queries import Plan, effort_of
from bihuan.understand.explore.queries import event_names
from bihuan.understand.explore.said import in_words

FIRST_VARIANTS = [{"name": "control", "weight": 1}, {"name": "new", "weight": 1}]
MOST_ROWS = {"variants": 10, "metrics": 20}
STEP = re.compile(r"(add|drop|first|use)-([a-z]+)(?:-(\d{1,9}))?")


@dataclass(kw_only=True)
class Draft:
    """The forms of one page; `variants` and `metrics` are None when only the words may change."""

    experiment: Experiment | None
    plan: Any
    variants: Any = None
    metrics: Any = None
    effort: Any = None

    @property
    def valid(self) -> bool:
        """All of them, so that every error shows at once."""
        checked = [form.is_valid() for form in (self.plan, self.variants, self.metrics) if form is not None]
        return all(checked)

    @property
    def fields(self) -> dict[str, Any]:
        """What the action takes; only when valid."""
        found = dict(self.plan.cleaned_data)
        if self.variants is not None:
            found["variants"] = [
                {"name": row["name"], "weight": row["weight"]} for row in self.variants.cleaned_data
            ]
            found["metrics"] = [metric_of(row) for row in self.metrics.cleaned_data]
        return found


@allow("experiments.edit")
def new(request: HttpRequest) -> HttpResponse:
    """Plan one."""
    return _page(request, None)


@allow("experiments.edit")
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Plan it differently; of one that was started only the words."""
    return _page(request, get_object_or_404(Experiment, key=key))


def _page(request: HttpRequest, experiment: Experiment | None) -> HttpResponse:
    """Show, change the number of rows, check, save. It needs a whole page: asked for as a dialog it sends the browser there."""
    if is_fragment(request) and request.headers.get("HX-Target") == "dialog-body":
        return HttpResponse(status=204, headers={"HX-Redirect": request.get_full_path()})
    step = request.POST.get("do", "") if request.method == "POST" else ""
    draft = _asked(request, experiment, step)
    if request.method == "POST" and not step and draft.valid:
        try:
            row = _save(draft, by=actor_of(request))
        except ValidationError as error:
            put_errors(draft.plan, error)
        else:
            return done(request, _("Saved."), to=page_of(row))
    context = {
        "draft": draft, "experiment": experiment, "events": event_names(), "url": request.path,
        "title": _("Change experiment") if experiment else _("New experiment"),
        "errors": [form for form in (draft.plan, draft.variants, draft.metrics) if form is not None and _wrong(form)],
    }  # fmt: skip
    part = bool(step) and is_fragment(request)
    return render(request, "experiments/parts/form.html" if part else "experiments/form.html", context)


def _wrong(form: Any) -> bool:
    return form.is_bound and (
        bool(form.total_error_count()) if hasattr(form, "total_error_count") else bool(form.errors)
    )


def _asked(request: HttpRequest, experiment: Experiment | None, step: str) -> Draft:
    """The forms as they are stored, as they were typed, or as they were typed after a step."""
    if experiment is not None and experiment.state != State.DRAFT:
        data = request.POST if request.method == "POST" else None
        return Draft(experiment=experiment, plan=WordsForm(data, instance=_copy(experiment)))
    if request.method == "POST" and not step:
        return Draft(
            experiment=experiment, plan=PlanForm(request.POST, instance=_copy(experiment)),
            variants=VariantForms(request.POST, prefix="variants"), metrics=MetricForms(request.POST, prefix="metrics"),
            effort=EffortForm(request.POST),
        )  # fmt: skip
    if step:
        return _after(step, request.POST, experiment)
    variants = FIRST_VARIANTS if experiment is None else experiment.variants
    metrics = [] if experiment is None else [row_of(metric) for metric in experiment.metrics]
    return Draft(
        experiment=experiment, plan=PlanForm(instance=_copy(experiment)),
        variants=VariantForms(initial=variants, prefix="variants"), metrics=MetricForms(initial=metrics, prefix="metrics"),
        effort=EffortForm(),
    )  # fmt: skip


def _copy(experiment: Experiment | None) -> Experiment:
    """A model form writes into its instance; the stored one is compared with later."""
    return Experiment.objects.get(pk=experiment.pk) if experiment else Experiment()


def _after(step: str, data: Mapping[str, str], experiment: Experiment | None) -> Draft:
    """What was typed, unchecked, with a row more, a row less, another first row, or the number of units that was reckoned."""
    rows = {
        "variants": _typed(data, "variants", ("name", "weight")),
        "metrics": _typed(data, "metrics", tuple(MetricForms.form.base_fields)),
    }
    plan = {name: data.get(name, "") for name in PlanForm.base_fields}
    found = STEP.fullmatch(step)
    if found and found[2] in rows:
        change, of, place = rows[found[2]], found[2], int(found[3] or 0)
        if found[1] == "add" and len(change) < MOST_ROWS[of]:
            change.append({"weight": "1"} if of == "variants" else {})
        elif found[1] == "drop" and place < len(change):
            del change[place]
        elif found[1] == "first" and place < len(change):
            change.insert(0, change.pop(place))
    if found and found[1] == "use":
        plan["planned"] = found[3] or ""
    return Draft(
        experiment=experiment, plan=PlanForm(initial=plan, instance=_copy(experiment)),
        variants=VariantForms(initial=rows["variants"], prefix="variants"),
        metrics=MetricForms(initial=rows["metrics"], prefix="metrics"),
        effort=EffortForm(initial={name: data.get(name, "") for name in EffortForm.base_fields}),
    )  # fmt: skip


def _typed(data: Mapping[str, str], of: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a table of the form."""
    try:
        count = min(int(data.get(f"{of}-TOTAL_FORMS", "0")), MOST_ROWS[of])
    except ValueError:
        count = 0
    return [{name: data.get(f"{of}-{n}-{name}", "") for name in names} for n in range(count)]


def _save(draft: Draft, *, by: Actor) -> Experiment:
    fields, at = draft.fields, timezone.now()
    if draft.experiment is None:
        return actions.add_experiment(**fields, by=by, at=at)
    fields.pop("key", None)
    return actions.change_experiment(experiment=draft.experiment, **fields, by=by, at=at)


@allow("experiments.edit")
@require_POST
def effort(request: HttpRequest) -> HttpResponse:
    """How many units and days the form's plan takes, before it is saved."""
    context: dict[str, Any] = {"answer": None}
    plan = PlanForm(request.POST, instance=Experiment())
    variants, metrics = (
        forms(request.POST, prefix=prefix)
        for forms, prefix in ((VariantForms, "variants"), (MetricForms, "metrics"))
    )
    asked = EffortForm(request.POST)
    plan.is_valid()
    if not (variants.is_valid() and metrics.is_valid() and asked.is_valid()):
        return render(request, "experiments/parts/effort.html", context)
    try:
        made = _reckoned(
            plan.cleaned_data, variants.cleaned_data, metrics.cleaned_data[0], asked.cleaned_data
        )
        answer = effort_of(made, actor=actor_of(request), at=timezone.now())
    except ValidationError as error:
        return render(request, "experiments/parts/effort.html", {"trouble": " ".join(error.messages)})
    except PermissionDenied:
        return render(
            request,
            "experiments/parts/effort.html",
            {"trouble": _("You may not ask questions of the events.")},
        )
    except QuestionError as error:
        return render(request, "experiments/parts/effort.html", {"trouble": in_words(error.message)})
    except StoreError:
        return render(request, "experiments/parts/effort.html", {"trouble": _("Events cannot be read now")})
    names = [row["name"] for row in variants.cleaned_data]
    context = {
        "answer": answer, "plan": made, "each": list(zip(names, answer.needed.units, strict=True)),
        "longest": answer.arrivals[-1],
    }  # fmt: skip
    return render(request, "experiments/parts/effort.html", context)


def _reckoned(
    plan: Mapping[str, Any],
    variants: list[dict[str, Any]],
    first: Mapping[str, Any],
    asked: Mapping[str, Any],
) -> Plan:
    metric = metric_of(first)
    return Plan(
        unit=plan.get("unit") or "account", weights=tuple(row["weight"] for row in variants),
        effect=plan.get("matters") or 0.0, share=metric["kind"] in ("conversion", "retention"), base=asked["base"],
        spread=asked["spread"], metric=metric, arrival=asked["arrival"], by_person=metric.get("by") == "person",
        sequential=plan.get("method") == Method.SEQUENTIAL,
    )  # fmt: skip
