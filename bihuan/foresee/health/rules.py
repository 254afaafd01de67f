"""Health as pure computation (SEMANTICS 13–17): values and a model in, scores that explain themselves out.

A model is a document. Each measure has a weight and a curve, a list of [value, points] pairs read by linear
interpolation and flat outside, so points run from 0 to 100. The score is the mean of the points weighted by
the measures that have a value. Below the minimum coverage the health is unknown: not 0, and not green.
Floors cap the score. Bands are half-open: the lower bound belongs to the band.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

import numpy as np

from bihuan.base.rules import RuleError, holds, parsed

Floats = np.ndarray[Any, np.dtype[np.float64]]
UNKNOWN = "unknown"
MOST_ENTRIES = 100


class ModelError(ValueError):
    """A model document that cannot be used; `problems` maps a place in it to what is wrong there."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{place}: {problem}" for place, problem in problems.items()))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Part:
    """One measure of a model."""

    measure: str
    weight: float
    higher_is_better: bool
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, kw_only=True)
class Floor:
    """When the CEL rule `when` over `m.<measure>` holds, health is at most `cap`."""

    when: str
    cap: float
    reason: str


@dataclass(frozen=True, kw_only=True)
class Band:
    """From this score on, up to the next band's bound."""

    name: str
    lower: float


@dataclass(frozen=True, kw_only=True)
class Model:
    """A checked model document."""

    parts: tuple[Part, ...]
    floors: tuple[Floor, ...]
    bands: tuple[Band, ...]
    minimum_coverage: float

    @property
    def measures(self) -> list[str]:
        """Every measure that parts or floors need."""
        in_floors = [name for floor in self.floors for name in measures_in(floor.when)]
        return list(dict.fromkeys([part.measure for part in self.parts] + in_floors))


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores of many accounts, aligned arrays. `score` is NaN where unknown, `raw` is before floors; `points`
    is one column a part, NaN without a value; `coverage` is the share of the weight that had one (0–100)."""

    score: Floats
    raw: Floats
    coverage: Floats
    points: Floats
    cap_of: tuple[int, ...]

    def band_names(self, model: Model) -> list[str]:
        """The band of each account."""
        return [band_of(score, model) for score in self.score]


def read_model(document: Mapping[str, Any], *, known: Mapping[str, bool]) -> Model:
    """Check a document against the known measures (name → higher is better); ModelError lists every problem."""
    problems: dict[str, str] = {}
    parts = tuple(
        part
        for index, raw in enumerate(_list(document, "measures", problems))
        if (part := _part(raw, f"measures[{index}]", known, problems)) is not None
    )
    names = [part.measure for part in parts]
    for name in {name for name in names if names.count(name) > 1}:
        problems[f"measures.{name}"] = "the measure stands twice"
    if not parts and not problems:
        problems["measures"] = "give at least one measure"
    if parts and not sum(part.weight for part in parts) > 0:
        problems["measures"] = "at least one weight must be above 0"
    floors = tuple(
        floor
        for index, raw in enumerate(_list(document, "floors", problems, optional=True))
        if (floor := _floor(raw, f"floors[{index}]", known, problems)) is not None
    )
    bands = _bands(document, problems)
    coverage = _number(document.get("minimum_coverage", 50), "minimum_coverage", problems, low=0, high=100)
    if problems:
        raise ModelError(problems)
    return Model(parts=parts, floors=floors, bands=bands, minimum_coverage=coverage)


def _list(
    document: Mapping[str, Any], key: str, problems: dict[str, str], *, optional: bool = False
) -> list[Any]:
    value = document.get(key, [] if optional else None)
    if isinstance(value, list) and len(value) > MOST_ENTRIES:
        problems[key] = f"write at most {MOST_ENTRIES} entries, not {len(value)}"
        return []
    if isinstance(value, list) and all(isinstance(item, Mapping) for item in value):
        return value
    problems[key] = "write a list of entries"
    return []


def _part(
    raw: Mapping[str, Any], place: str, known: Mapping[str, bool], problems: dict[str, str]
) -> Part | None:
    name = str(raw.get("measure", ""))
    if name not in known:
        problems[place] = f"no measure is called {name!r}; there is: {', '.join(sorted(known))}"
        return None
    weight = _number(raw.get("weight"), f"{place}.weight", problems, low=0, high=1000)
    better = raw.get("higher_is_better", known[name])
    curve = _curve(raw.get("curve"), f"{place}.curve", problems)
    if not isinstance(better, bool):
        problems[f"{place}.higher_is_better"] = "write true or false"
        return None
    points = [point for _value, point in curve]
    if curve and points != sorted(points, reverse=not better):
        problems[f"{place}.curve"] = (
            f"points must {'rise' if better else 'fall'} with the value, for this measure is "
            f"{'better when higher' if better else 'worse when higher'}"
        )
    return Part(measure=name, weight=weight, higher_is_better=better, curve=curve)


def _curve(raw: Any, place: str, problems: dict[str, str]) -> tuple[tuple[float, float], ...]:
    try:
        curve = tuple((float(value), float(points)) for value, points in raw)
    except (TypeError, ValueError):
        problems[place] = "write at least two pairs [value, points]"
        return ()
    values = [value for value, _points in curve]
    if (
        len(curve) < 2
        or values != sorted(set(values))
        or not all(isfinite(v) for pair in curve for v in pair)
    ):
        problems[place] = "write at least two pairs [value, points] with rising values"
    elif any(not 0 <= points <= 100 for _value, points in curve):
        problems[place] = "points lie between 0 and 100"
    else:
        return curve
    return ()


def _floor(
    raw: Mapping[str, Any], place: str, known: Mapping[str, bool], problems: dict[str, str]
) -> Floor | None:
    when = str(raw.get("when", ""))
    try:
        unknown = [name for name in measures_in(when) if name not in known]
        holds(when, {"m": dict.fromkeys(known, 1.0)})
    except RuleError as error:
        problems[f"{place}.when"] = str(error)
        return None
    if unknown:
        problems[f"{place}.when"] = f"no measure is called {unknown[0]!r}"
        return None
    cap = _number(raw.get("cap"), f"{place}.cap", problems, low=0, high=100)
    return Floor(when=when, cap=cap, reason=str(raw.get("reason", "") or when))


def _bands(document: Mapping[str, Any], problems: dict[str, str]) -> tuple[Band, ...]:
    raw = _list(document, "bands", problems)
    bands = tuple(
        Band(
            name=str(item.get("name", "")),
            lower=_number(item.get("from"), f"bands[{i}].from", problems, low=0, high=100),
        )
        for i, item in enumerate(raw)
    )
    if "bands" in problems:
        return ()
    bounds = [band.lower for band in bands]
    if not bands or bounds[0] != 0 or bounds != sorted(set(bounds)):
        problems["bands"] = "the first band starts at 0 and bounds rise"
    if {band.name for band in bands} - {"red", "amber", "green"}:
        problems["bands"] = "bands are called red, amber and green"
    return bands


def _number(value: Any, place: str, problems: dict[str, str], *, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        problems[place] = f"write a number between {low:g} and {high:g}, not {value!r}"
        return low
    return float(value)


def measures_in(rule: str) -> list[str]:
    """The measures a floor speaks of: days_silent for `m.days_silent > 30.0`."""
    tree = parsed(rule)
    return [
        str(node.children[1])
        for node in tree.find_data("member_dot")
        if any(str(leaf.children[0]) == "m" for leaf in node.find_data("ident"))
    ]


def score(*, model: Model, values: Mapping[str, Floats]) -> Scores:
    """Score all accounts at once; `values` holds an array per measure of `model.measures`, NaN for no value."""
    weights = np.array([part.weight for part in model.parts])
    points = np.column_stack([points_of(part, values[part.measure]) for part in model.parts])
    has = ~np.isnan(points)
    weighed = has @ weights
    coverage = 100 * weighed / weights.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = np.where(weighed > 0, np.nan_to_num(points) @ weights / weighed, np.nan)
    raw = np.where(coverage + 1e-9 < model.minimum_coverage, np.nan, raw)
    capped, cap_of = _with_floors(model, values, raw)
    return Scores(score=capped, raw=raw, coverage=coverage, points=points, cap_of=cap_of)


def points_of(part: Part, values: Floats) -> Floats:
    """0–100 by the part's curve; NaN stays NaN."""
    xs, ys = zip(*part.curve, strict=True)
    points: Floats = np.interp(values, xs, ys)
    points[np.isnan(values)] = np.nan
    return points


def _with_floors(model: Model, values: Mapping[str, Floats], raw: Floats) -> tuple[Floats, tuple[int, ...]]:
    """Caps applied, and for each account the index of the floor that caps it, or −1."""
    capped = raw.copy()
    cap_of = np.full(len(raw), -1)
    for number, floor in enumerate(model.floors):
        names = measures_in(floor.when)
        columns = [values[name] for name in names]
        for index in np.flatnonzero(~np.isnan(raw) & ~(capped <= floor.cap)):
            record = {
                n: None if isnan(v[index]) else float(v[index]) for n, v in zip(names, columns, strict=True)
            }
            if holds(floor.when, {"m": record}):
                capped[index] = floor.cap
                cap_of[index] = number
    return capped, tuple(int(number) for number in cap_of)


def band_of(value: float | None, model: Model) -> str:
    """The band of a score; unknown for none."""
    if value is None or isnan(value):
        return UNKNOWN
    name = model.bands[0].name
    for band in model.bands:
        if value >= band.lower:
            name = band.name
    return name


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of an explanation: a measure's value, its points, what it costs the score and how it moved."""

    measure: str
    value: float | None
    points: float | None
    weight: float
    lost: float
    moved: float | None


def explain(
    *, model: Model, row: Mapping[str, list[float | None]], before: Mapping[str, list[float | None]] | None
) -> list[Line]:
    """Lines of one account, the costliest first. `row` and `before` map a measure to [value, points].

    `lost` is how many points of health the measure takes from 100 (its weight among those with a value times what
    its points lack); `moved` is the change of its contribution since `before`, in points of health.
    """
    total = sum(part.weight for part in model.parts if row.get(part.measure, [None, None])[1] is not None)
    lines = []
    for part in model.parts:
        value, points = row.get(part.measure, [None, None])
        share = part.weight / total if total and points is not None else 0.0
        earlier = (before or {}).get(part.measure, [None, None])[1]
        moved = None if points is None or earlier is None else share * (points - earlier)
        lost = 0.0 if points is None else share * (100 - points)
        lines.append(
            Line(measure=part.measure, value=value, points=points, weight=part.weight, lost=lost, moved=moved)
        )
    return sorted(lines, key=lambda line: (line.points is None, -line.lost))
