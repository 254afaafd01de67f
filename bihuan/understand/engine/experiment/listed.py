"""Who is in a variant of an experiment, and who of them did what a metric counts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bihuan.understand.engine.answer import Answer, AnswerColumn
from bihuan.understand.engine.experiment.question import DOUBLED, ExperimentQuestion, Metric, definition_of
from bihuan.understand.engine.left_out import shape_nameless
from bihuan.understand.engine.listing import LEFT_OUT, Cell, list_at_hand, told_left_out
from bihuan.understand.engine.scope import no_unit
from bihuan.understand.stats.sample_ratio import in_one_variant


def listed_of(
    question: ExperimentQuestion, cell: Cell, *, found: Mapping[str, pa.Table], zone: str
) -> Answer:
    """A row a unit of the variant with how often it was shown; of a metric those that did something, the most first.

    `value` is what the metric counts: 1 for a unit that did it, of a metric by person how many of its `people` did, a sum, or
    for a ratio the number above the line, with that below it in `per`."""
    if cell.get(LEFT_OUT) == no_unit(question.scope.unit):
        return shape_nameless("experiment", cell, found=found, definition=definition_of(question, zone=zone))
    named = pa.array([name for name, _weight in question.variants], pa.string())
    known = pc.is_in(found["exposed"]["variant"], value_set=named)
    if LEFT_OUT in cell:
        return _not_counted(question, cell, exposed=found["exposed"], known=known, zone=zone)
    exposed, doubled = in_one_variant(found["exposed"].filter(known))
    if "variant" in cell:
        exposed = exposed.filter(pc.equal(exposed["variant"], cell.get("variant")))
    if "again" in cell:
        exposed = exposed.filter(pc.greater(exposed["exposures"], 1))
    inside = exposed.to_pylist()
    metric = next((one for one in question.metrics if one.name == cell.get("metric")), None)
    by_person = question.scope.unit == "account"
    names = ("exposures", *(("people",) if by_person else ()))
    rows = [(row["unit"], *(row[name] for name in names)) for row in inside]
    if metric is not None:
        done = _done(metric, found[f"metric_{question.metrics.index(metric) + 1}"])
        rows = [(*row, *done[row[0]]) for row in rows if any(done.get(row[0], ()))]
        names = (*names, "value", *(("per",) if metric.kind == "ratio" else ()))
    rows.sort(key=lambda row: (*((-row[names.index("value") + 1],) if metric else ()), row[0]))
    listed = list_at_hand(
        kind="experiment", unit=question.scope.unit, cell=cell, rows=rows, sums=names[1:],
        columns=tuple(AnswerColumn(name=name, type="number") for name in names), definition=definition_of(question, zone=zone),
    )  # fmt: skip
    told = told_left_out(found)
    return replace(
        listed, left_out=told["left_out"] | ({DOUBLED: doubled} if doubled else {}) | listed.left_out,
        behind_left_out={**told["behind_left_out"], DOUBLED: {LEFT_OUT: DOUBLED}}, nobody={**listed.nobody, **told["nobody"]},
    )  # fmt: skip


def _not_counted(
    question: ExperimentQuestion, cell: Cell, *, exposed: pa.Table, known: pa.ChunkedArray, zone: str
) -> Answer:
    """Who was seen in two variants, a row for each of them; or in one that the question does not name."""
    rows = exposed.filter(pc.invert(pc.fill_null(known, False)))
    if cell.get(LEFT_OUT) == DOUBLED:
        rows = exposed.filter(known)
        alone, _doubled = in_one_variant(rows)
        rows = rows.filter(pc.invert(pc.is_in(rows["unit"], value_set=alone["unit"].combine_chunks())))
    told = sorted(
        ((row["unit"], row["variant"], row["exposures"]) for row in rows.to_pylist()),
        key=lambda row: (row[0], row[1] or ""),
    )
    listed = list_at_hand(
        kind="experiment", unit=question.scope.unit, cell=cell, rows=told, sums=("exposures",),
        columns=(AnswerColumn(name="variant", type="text"), AnswerColumn(name="exposures", type="number")),
        definition=definition_of(question, zone=zone),
    )  # fmt: skip
    return replace(listed, summary=listed.summary | {"units": len({row[0] for row in told})})


def _done(metric: Metric, rows: pa.Table) -> dict[Any, tuple[float, ...]]:
    """What each unit did since its exposure: what the metric counts, and of a ratio what stands below the line."""
    return {
        row["unit"]: (row["y"] or 0.0, *((row["x"] or 0.0,) if metric.kind == "ratio" else ()))
        for row in rows.to_pylist()
    }
