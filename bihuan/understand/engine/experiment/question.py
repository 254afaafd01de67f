"""The experiment question, checked and complete, and what its numbers mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.fields import (
    DURATION,
    RULE,
    SELECTOR,
    SHARED,
    TEXT,
    Field,
    choice,
    known_fields,
    one_of,
)
from bihuan.understand.engine.left_out import takes_left_out
from bihuan.understand.engine.listing import Cell, Read, either, list_field, read_cell, true
from bihuan.understand.engine.scope import (
    Scope,
    Selector,
    no_unit,
    read_rule,
    read_scope,
    read_selector,
    read_span,
    scope_lines,
    span_text,
)
from bihuan.understand.stats.multiple import level_of_each

METHODS = ("fixed", "sequential", "bayesian")
KINDS = ("conversion", "mean", "ratio", "retention")
MOST_METRICS, MOST_VARIANTS = 20, 10
PLANNED = 10_000
DOUBLED, STRANGERS = "in two variants", "exposures with another variant"
_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
_SUM = re.compile(r"count|sum\(props\.[\w$]+\)")
_METRIC: Mapping[str, Any] = {
    "type": "object", "required": ["name"], "additionalProperties": False,
    "properties": {
        "name": TEXT, "kind": one_of(*KINDS), "event": TEXT, "events": {"type": "array", "items": TEXT}, "where": RULE,
        "measure": {"type": "string", "pattern": _SUM.pattern}, "per": SELECTOR, "within": DURATION, "after": DURATION,
        "guard": {"type": "boolean"}, "higher_is_better": {"type": "boolean"}, "by": one_of("unit", "person"),
    },
}  # fmt: skip
FIELDS = (
    Field(name="experiment", schema={"type": "string", "pattern": _KEY.pattern}, default="none",
          meaning="the key of an experiment that runs here; it then brings the fields below"),
    Field(name="exposure", default="none", schema={"type": "object", "required": ["event", "variant"],
          "additionalProperties": False, "properties": {"event": TEXT, "where": RULE, "variant": TEXT}},
          meaning="`{event, where, variant: props.group}`: the event that says which variant a unit saw; its first one counts"),
    Field(name="variants", schema={"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0},
          "minProperties": 2, "maxProperties": MOST_VARIANTS}, default="required",
          meaning="names with their planned weights; the first is the control: `{control: 1, new_form: 1}`"),
    Field(name="metrics", schema={"type": "array", "items": _METRIC, "minItems": 1, "maxItems": MOST_METRICS},
          default="required",
          meaning="the first is the primary one; `guard: true` makes a guard-rail. `kind`: `conversion` (did `event` `within` "
          "a span after the exposure), `mean` (`measure`: `count` or `sum(props.x)` per unit), `ratio` (`per`: the events "
          "below the line), `retention` (back `after` a span, `within` another)"),
    Field(name="method", schema=one_of(*METHODS), default="`fixed`",
          meaning="`fixed`: looked at once, at the end; `sequential`: at any time; `bayesian`: chance to be better"),
    Field(name="planned", schema={"type": "integer", "minimum": 20}, default=f"{PLANNED:,}",
          meaning="units the experiment is planned for: `sequential` intervals are narrowest there"),
    Field(name="cuped", schema=DURATION, default="none",
          meaning="`28d`: the same metric that long before the exposure takes noise away"),
    Field(name="level", schema={"type": "number", "minimum": 0.5, "maximum": 0.999}, default="0.95",
          meaning="confidence of intervals and verdict"),
    Field(name="matters", schema={"type": "number", "exclusiveMinimum": 0}, default="none",
          meaning="the smallest absolute effect on the primary metric that would change what you do"),
    list_field("variant", "metric", "again", "unit", meaning="`{variant: control}` who is in a variant, with "
               "`metric: subscribed` who did what that metric counts, and how much; `{}` all, `{again: true}` whom it was "
               "shown to more than once"),
    *SHARED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`within` and `after` are microseconds since the unit's exposure, None without bound. `per` only for a ratio. `by` person
    counts per person of the account when the account was assigned."""

    name: str
    kind: str
    selector: Selector
    measure: str
    per: Selector | None
    within: int | None
    after: int
    guard: bool
    higher_is_better: bool
    by: str

    @property
    def yes_or_no(self) -> bool:
        """Whether a unit either did it or not."""
        return self.kind in ("conversion", "retention")


@dataclass(frozen=True, kw_only=True)
class ExperimentQuestion:
    """`variant` is the property (props.<name>) of the exposure that holds it. Of `variants` the first is the control;
    `cuped` is in microseconds; `key` names an experiment that runs here."""

    scope: Scope
    key: str | None
    exposure: Selector
    variant: str
    variants: tuple[tuple[str, float], ...]
    metrics: tuple[Metric, ...]
    method: str
    planned: int
    cuped: int | None
    level: float
    matters: float | None
    listed: Cell | None = None

    @property
    def control(self) -> str:
        """The variant that the others are compared with."""
        return self.variants[0][0]

    @property
    def corrected(self) -> bool:
        """Whether several variants are compared with the control, so that chance is given for all of them together."""
        return len(self.variants) > 2


def read_experiment(raw: Mapping[str, Any], *, today: Any) -> ExperimentQuestion:
    """Check a document; QuestionError names the field, the value and the remedy. A document that only names `experiment` is
    completed by the room of experiments before it is read."""
    known_fields(raw, "experiment", FIELDS)
    scope = read_scope(raw, today=today)
    key, exposure = raw.get("experiment"), raw.get("exposure")
    if key is not None and (not isinstance(key, str) or not _KEY.fullmatch(key)):
        raise QuestionError("experiment", f"write the key of an experiment, not {key!r}")
    if scope.unit not in ("person", "account"):
        raise QuestionError("unit", "an experiment assigns persons or accounts")
    selector, variant = _exposure(exposure)
    metrics = read_metrics(raw.get("metrics"), unit=scope.unit)
    if metrics[0].guard:
        raise QuestionError(
            "metrics[1].guard", "the first metric is the primary one; put guard-rails after it"
        )
    variants = read_variants(raw.get("variants"))
    listed = raw["list"] if isinstance(raw.get("list"), Mapping) else {}
    named: dict[str, Read] = {
        "variant": either(*(name for name, _weight in variants)),
        "metric": either(*(one.name for one in metrics)),
    }
    return ExperimentQuestion(
        scope=scope, key=key, exposure=selector, variant=variant, variants=variants,
        listed=read_cell(raw.get("list"), takes=named | {"again": true}, needs=("variant",) if "metric" in listed else (),
                         left_out=takes_left_out(no_unit(scope.unit), DOUBLED, STRANGERS)),
        metrics=metrics, method=choice(raw, "method", METHODS), planned=_planned(raw.get("planned", PLANNED)),
        cuped=None if raw.get("cuped") is None else read_span(raw["cuped"], "cuped", default="28d"),
        level=_number(raw.get("level", 0.95), "level", least=0.5, most=0.999),
        matters=None if raw.get("matters") is None else _number(raw["matters"], "matters", least=1e-12, most=1e12),
    )  # fmt: skip


def read_variants(raw: Any) -> tuple[tuple[str, float], ...]:
    """Names with weights above 0, the control first."""
    if not isinstance(raw, Mapping) or not 2 <= len(raw) <= MOST_VARIANTS:
        raise QuestionError(
            "variants",
            f"write 2 to {MOST_VARIANTS} names with weights, the control first: {{control: 1, new: 1}}",
        )
    return tuple(
        (str(name), _number(weight, f"variants.{name}", least=1e-9, most=1e9)) for name, weight in raw.items()
    )


def read_metrics(raw: Any, *, unit: str) -> tuple[Metric, ...]:
    """Metrics with names of their own."""
    if not isinstance(raw, (list, tuple)) or not 1 <= len(raw) <= MOST_METRICS:
        raise QuestionError("metrics", f"write a list of 1 to {MOST_METRICS} metrics, the primary one first")
    metrics = tuple(_metric(one, f"metrics[{place}]", unit=unit) for place, one in enumerate(raw, start=1))
    if len({metric.name for metric in metrics}) < len(metrics):
        raise QuestionError("metrics", "two metrics have the same name")
    return metrics


def _exposure(raw: Any) -> tuple[Selector, str]:
    if raw is None:
        raise QuestionError(
            "exposure", "say which event shows the variant: {event: form_shown, variant: props.group}"
        )
    if not isinstance(raw, Mapping) or not re.fullmatch(r"props\.[\w$]+", str(raw.get("variant"))):
        raise QuestionError("exposure.variant", "write props.<name>: the property that holds the variant")
    selector = read_selector({name: value for name, value in raw.items() if name != "variant"}, "exposure")
    return selector, str(raw["variant"])


def _metric(raw: Any, field: str, *, unit: str) -> Metric:
    if not isinstance(raw, Mapping):
        raise QuestionError(field, f"write {{name, kind, event}}, not {raw!r}")
    for name in raw:
        if name not in _METRIC["properties"]:
            raise QuestionError(f"{field}.{name}", f"a metric has: {', '.join(_METRIC['properties'])}")
    title = raw.get("name")
    if not isinstance(title, str) or not 0 < len(title) <= 80:
        raise QuestionError(f"{field}.name", "give it a name of at most 80 characters")
    kind = raw.get("kind", KINDS[0])
    if kind not in KINDS:
        raise QuestionError(f"{field}.kind", f"{kind!r} is none of {', '.join(KINDS)}")
    measure = str(raw.get("measure", "count"))
    if not _SUM.fullmatch(measure):
        raise QuestionError(f"{field}.measure", f"write count or sum(props.<name>), not {measure!r}")
    if (kind == "ratio") != ("per" in raw):
        raise QuestionError(f"{field}.per", "a ratio names the events below the line, and only a ratio does")
    if kind == "retention" and "after" not in raw:
        raise QuestionError(f"{field}.after", "say after what span a unit must be back, such as 7d")
    by = raw.get("by", "unit")
    if by not in ("unit", "person") or (by == "person" and unit != "account"):
        raise QuestionError(f"{field}.by", "write unit, or person when accounts are assigned")
    guard, better = raw.get("guard", False), raw.get("higher_is_better", True)
    for name, value in (("guard", guard), ("higher_is_better", better)):
        if not isinstance(value, bool):
            raise QuestionError(f"{field}.{name}", f"write true or false, not {value!r}")
    within = None if raw.get("within") is None else read_span(raw["within"], f"{field}.within", default="7d")
    after = 0 if raw.get("after") is None else read_span(raw["after"], f"{field}.after", default="7d")
    if within is not None and within <= after:
        raise QuestionError(f"{field}.within", "it ends before it begins; make it longer than after")
    chosen = {name: raw[name] for name in ("event", "events") if name in raw}
    selector = Selector(where=read_rule(raw.get("where"), f"{field}.where"))
    if chosen or kind != "retention":
        selector = read_selector({**chosen, "where": raw.get("where")}, field)
    return Metric(
        name=title, kind=str(kind), selector=selector, measure=measure,
        per=read_selector(raw["per"], f"{field}.per") if "per" in raw else None, within=within, after=after, guard=guard,
        higher_is_better=better, by=str(by),
    )  # fmt: skip


def _planned(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int) or not 20 <= raw <= 10**9:
        raise QuestionError("planned", f"write a whole number of units from 20 on, not {raw!r}")
    return raw


def _number(raw: Any, field: str, *, least: float, most: float) -> float:
    if isinstance(raw, bool) or not isinstance(raw, (int, float)) or not least <= raw <= most:
        raise QuestionError(field, f"write a number from {least:g} to {most:g}, not {raw!r}")
    return float(raw)


def definition_of(question: ExperimentQuestion, *, zone: str) -> tuple[str, ...]:
    """What the numbers mean."""
    share = f"{100 * question.level:g} %"
    method = {
        "fixed": f"fixed horizon: {share} intervals hold for one look, at the planned end; no peeking",
        "sequential": f"sequential: {share} intervals hold at all times at once (confidence sequence, planned for "
        f"{question.planned:,} units)",
        "bayesian": f"Bayesian: chance to be better with flat priors, {share} credible intervals",
    }[question.method]
    unit = question.scope.unit
    lines = [
        f"assigned by {unit}; variances between {unit}s (delta method), so people of one account need not be independent",
        f"a unit counts from its first exposure on; one seen in two variants is left out; control: {question.control}",
        method,
        "sample ratio: χ² against the planned weights, flagged at p < 0.01",
    ]
    if question.corrected:
        lines += _together(question)
    if question.cuped:
        lines.append(
            f"adjusted by the same metric in the {span_text(question.cuped)} before the exposure (CUPED)"
        )
    return (*lines, *(_said(metric) for metric in question.metrics), *scope_lines(question.scope, zone=zone))


def _together(question: ExperimentQuestion) -> list[str]:
    """What is done about several variants."""
    count, share = len(question.variants) - 1, f"{100 * question.level:g} %"
    each = f"{100 * level_of_each(level=question.level, comparisons=count):.4g} %"
    done = f"p after Holm, intervals of {each} each, so that they hold together at {share}"
    if question.method == "bayesian":
        done = f"a chance decides from {each} on, with intervals of that level, so that they hold together at {share}"
    lines = [
        f"{count} variants against the control: {done}",
        "metrics are not corrected for each other: the primary one decides",
    ]
    if any(metric.guard for metric in question.metrics):
        lines.append("guard-rails are not corrected: a missed harm costs more than a false alarm")
    return lines


def _said(metric: Metric) -> str:
    what = {
        "conversion": f"share that did {metric.selector.title}",
        "mean": f"{metric.measure} of {metric.selector.title}",
        "ratio": f"{metric.measure} of {metric.selector.title} per {metric.per.title if metric.per else ''}",
        "retention": f"share that was back with {metric.selector.title}",
    }[metric.kind]
    each = "" if metric.kind == "ratio" else " per person" if metric.by == "person" else " per unit"
    span = f", from {span_text(metric.after)}" if metric.after else ""
    span += f" within {span_text(metric.within)} of the exposure" if metric.within else " after the exposure"
    role = "guard-rail" if metric.guard else "metric"
    good = "" if metric.higher_is_better else ", lower is better"
    return f"{role} {metric.name}: {what}{each if not metric.yes_or_no or metric.by == 'person' else ''}{span}{good}"
