"""From members to answers: the list, the sizes, the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.listing import HIDDEN, LEFT_OUT, VALUES, Cell, list_at_hand
from bihuan.understand.engine.scope import NONE, biggest
from bihuan.understand.engine.segment.question import UNKNOWN
from bihuan.understand.stats.groups import Contrast, Effect, contrast_of

NOT_SHOWN = "members, not shown"
_SIZES: Mapping[str, Mapping[str, Any]] = {"size": {"of": "size"}, "of": {"of": "everybody"}}
#: What people are compared in: product events and days with one, in 28 days.
MEASURED = ("events", "active_days")


@dataclass(frozen=True, kw_only=True)
class Group:
    """One side of a comparison: what it is called, and its units."""

    name: str
    units: npt.NDArray[np.int64]


def shape_members(
    *, unit: str, rows: Sequence[Sequence[Any]], fields: Sequence[str], size: int, everybody: int, unknown: int,
    definition: tuple[str, ...], as_of: date,
) -> Answer:  # fmt: skip
    """A row a member: id, key, name, then a column for each field that the rule speaks of."""
    return Answer(
        kind="segment", question={}, definition=definition,
        columns=(
            AnswerColumn(name=f"{unit}_id", type="number"), AnswerColumn(name=f"{unit}_key", type="text"),
            AnswerColumn(name=unit, type="text"), *(AnswerColumn(name=name, type=_type(name)) for name in fields),
        ),
        rows=tuple(tuple(row) for row in rows),
        summary={"size": size, "of": everybody, "share": size / everybody if everybody else None, "unit": unit},
        left_out={name: n for name, n in ((UNKNOWN, unknown), (NOT_SHOWN, size - len(rows))) if n},
        behind_left_out={UNKNOWN: {LEFT_OUT: UNKNOWN}, NOT_SHOWN: {"of": "size"}}, behind_summary=_SIZES,
        drawn_from={"share": "size"},
        as_of=as_of.isoformat(),
    )  # fmt: skip


def _type(name: str) -> str:
    return "number" if name.startswith(("m.", "behaviour.")) else "text"


def shape_list_of_segment(
    *, unit: str, ids: Sequence[int], cell: Cell, definition: tuple[str, ...], as_of: date
) -> Answer:  # fmt: skip
    """A row a unit behind one number, in the order given."""
    listed = list_at_hand(
        kind="segment", unit=unit, cell=cell, rows=[(one,) for one in ids], definition=definition
    )
    return replace(listed, as_of=as_of.isoformat())


def shape_sizes(*, sizes: Sequence[tuple[date, int]], everybody: int, definition: tuple[str, ...]) -> Answer:
    """A row a day: the size at its end."""
    first, last = (sizes[0][1], sizes[-1][1]) if sizes else (0, 0)
    return Answer(
        kind="segment", question={},
        definition=(*definition, "properties as they are today; measures, chain and behaviour as of each day"),
        columns=(AnswerColumn(name="day", type="date"), AnswerColumn(name="size", type="number")),
        rows=tuple(sizes), summary={"size": last, "of": everybody, "first": first, "change": last - first},
        behind=tuple({"size": {"of": "size", "bucket": day}} for day, _size in sizes), drawn_from={"change": "size"},
        behind_summary={**_SIZES, **{name: {"of": "size", "bucket": sizes[place][0]}
                                     for name, place in (("first", 0), ("size", -1)) if sizes}},
        as_of=sizes[-1][0].isoformat() if sizes else "",
    )  # fmt: skip


def shape_groups(
    *,
    by: str,
    inside: Mapping[str, int],
    everybody: Mapping[str, int],
    definition: tuple[str, ...],
    as_of: date,
) -> Answer:
    """A row a value, the biggest first: members, units with that value, and the share of these."""
    kept = biggest({name: float(n) for name, n in everybody.items()})
    size, of = sum(inside.values()), sum(everybody.values())
    hidden = len(everybody) - len(kept)
    return Answer(
        kind="segment", question={}, definition=definition,
        columns=(AnswerColumn(name=by, type="text"), AnswerColumn(name="size", type="number"),
                 AnswerColumn(name="of", type="number"), AnswerColumn(name="share", type="percent")),
        rows=tuple((name, inside.get(str(name), 0), everybody[str(name)], inside.get(str(name), 0) / everybody[str(name)])
                   for name in kept),
        summary={"size": size, "of": of, "share": size / of if of else None},
        left_out={HIDDEN: hidden} if hidden else {}, as_of=as_of.isoformat(), nobody={HIDDEN: VALUES}, behind_summary=_SIZES,
        behind=tuple({"size": {"of": "size", **series}, "of": {"of": "everybody", **series}}
                     for series in ({"series": None if name == NONE else name} for name in kept)),
        drawn_from={"share": "size"},
    )  # fmt: skip


def shape_compare(
    *, a: Group, b: Group, values: Mapping[str, Mapping[int, float]], definition: tuple[str, ...], as_of: date
) -> Answer:
    """A row a measure, the furthest apart first: b against a. `values`: by measure and unit; who has none is missing."""
    found = [(name, contrast_of(_column(by, a.units), _column(by, b.units))) for name, by in values.items()]
    found.sort(key=lambda pair: (-_distance(pair[1]), pair[0]))
    both = int(np.intersect1d(a.units, b.units).size)
    said = (
        f"{b.name} against {a.name}; units of both count in both",
        "d: difference of means in pooled deviations; delta: P(b > a) − P(b < a); of yes and no the difference of shares",
        "it describes who they are, it does not say why",
    )
    return Answer(
        kind="segment", question={}, definition=(*definition, *said), columns=COMPARED,
        rows=tuple(_row(name, contrast) for name, contrast in found),
        behind=tuple({f"n_{side}": {"of": side, "measure": name} for side in "ab"} for name, _contrast in found),
        behind_summary={"size_a": {"of": "a"}, "size_b": {"of": "b"}, "in_both": {"of": "both"}},
        drawn_from={column.name: "n_b" if column.name.endswith("_b") else "n_a" for column in COMPARED[3:-1]},
        summary={"a": a.name, "b": b.name, "size_a": len(a.units), "size_b": len(b.units), "in_both": both,
                 "apart": [name for name, contrast in found if _size(contrast) in ("medium", "large")]},
        as_of=as_of.isoformat(),
    )  # fmt: skip


COMPARED = (
    AnswerColumn(name="measure", type="text"),
    *(AnswerColumn(name=name, type="number")
      for name in ("n_a", "n_b", "mean_a", "mean_b", "median_a", "median_b", "d", "d_low", "d_high", "delta",
                   "delta_low", "delta_high", "shares", "shares_low", "shares_high", "p")),
    AnswerColumn(name="size", type="text"),
)  # fmt: skip


def _column(values: Mapping[int, float], units: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    return np.array([values.get(unit, np.nan) for unit in units.tolist()], dtype=np.float64)


def _row(name: str, contrast: Contrast) -> tuple[Any, ...]:
    effects: list[Any] = []
    for effect in (contrast.d, contrast.delta, contrast.shares):
        effects += [None] * 3 if effect is None else [effect.value, effect.low, effect.high]
    numbers = (*contrast.n, *contrast.means, *contrast.medians, *effects, contrast.p_value)
    return (name, *(None if one is None or one != one else one for one in numbers), _size(contrast))


def _main(contrast: Contrast) -> Effect | None:
    """The effect that the word is about: delta says the same whatever the scale."""
    return contrast.delta or contrast.shares


def _size(contrast: Contrast) -> str:
    effect = _main(contrast)
    return effect.size if effect is not None else ""


def _distance(contrast: Contrast) -> float:
    effect = _main(contrast)
    return -1.0 if effect is None or effect.value != effect.value else abs(effect.value)
