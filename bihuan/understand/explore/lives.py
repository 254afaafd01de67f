"""From when to when: the start and the end of each unit, as a survival question names them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from bihuan.capture.store import INTERNAL_SOURCE, get_store
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.survival import Moment, SurvivalQuestion
from bihuan.understand.metrics.queries import record_table

Days = Mapping[Any, Any]


def with_lives(rows: pa.Table, *, question: SurvivalQuestion) -> pa.Table:
    """The rows with `started` and `ended` as texts of days, null where there is none."""
    assert question.start is not None, "the question has durations"
    assert question.end is not None
    units = rows["unit"].to_pylist()
    fields = {m.name: dict(zip(units, rows[m.name].to_pylist(), strict=True))
              for m in (question.start, question.end) if m.kind == "field"}  # fmt: skip
    starts = _starts(question.start, question=question, fields=fields)
    end_of = _ends(question.end, question=question, fields=fields)
    started = [starts.get(unit) for unit in units]
    ended = [end_of(unit, start) for unit, start in zip(units, started, strict=True)]
    for name, values in (("started", started), ("ended", ended)):
        rows = rows.append_column(
            name, pa.array([None if v in (None, "") else str(v)[:10] for v in values], pa.string())
        )
    return rows


def _starts(moment: Moment, *, question: SurvivalQuestion, fields: Mapping[str, Days]) -> Days:
    if moment.kind == "field":
        return fields[moment.name]
    if moment.kind == "contract":
        return {
            unit: min(start for start, _end in spans) for unit, spans in _contracts(question, "start").items()
        }
    name = moment.name if moment.kind == "event" else None
    return {unit: min(days) for unit, days in _days(question, name=name).items()}


def _ends(
    moment: Moment, *, question: SurvivalQuestion, fields: Mapping[str, Days]
) -> Callable[[Any, Any], Any]:
    """What gives a unit's end when its start is known."""
    if moment.kind == "field":
        return lambda unit, start: fields[moment.name].get(unit)
    if moment.kind == "contract":
        contracts = _contracts(question, "end")

        def over(unit: Any, start: Any) -> date | None:
            spans = contracts.get(unit, ())
            ends = [end for _start, end in spans if end is not None]
            return max(ends) if ends and len(ends) == len(spans) else None

        return over
    days = _days(question, name=moment.name if moment.kind == "event" else None)
    if moment.kind == "event":
        return lambda unit, start: next(
            (d for d in sorted(days.get(unit, ())) if start and str(d) >= str(start)[:10]), None
        )

    def silent(unit: Any, start: Any) -> date | None:
        last = max(days.get(unit, ()), default=None)
        return last if last is not None and (question.as_of - last).days >= moment.days else None

    return silent


def _contracts(question: SurvivalQuestion, field: str) -> dict[int, list[tuple[date, date | None]]]:
    """(start, end) of each account's contracts that had begun by the day asked."""
    if question.unit != "account":
        raise QuestionError(
            field, "a person has no contract; write {event: name} or a field such as person.joined_on"
        )
    found: dict[int, list[tuple[date, date | None]]] = {}
    for row in record_table("contracts_contract", ("account_id", "starts_on", "ends_on")).to_pylist():
        if row["starts_on"] <= question.as_of:
            found.setdefault(row["account_id"], []).append((row["starts_on"], row["ends_on"]))
    return found


def _days(question: SurvivalQuestion, *, name: str | None) -> dict[int, list[date]]:
    """The days on which a unit had the event, or any product event, until the day asked."""
    column = f"{question.unit}_id"
    which = "name = $name" if name is not None else f"source_id <> {INTERNAL_SOURCE}"
    sql = f"SELECT DISTINCT {column} AS unit, day FROM events WHERE {column} IS NOT NULL AND day <= $last AND {which}"
    values: dict[str, Any] = {"last": question.as_of} | ({"name": name} if name is not None else {})
    found: dict[int, list[date]] = {}
    for row in get_store().execute(sql, values).to_pylist():
        day = row["day"].date() if isinstance(row["day"], datetime) else row["day"]
        found.setdefault(row["unit"], []).append(day)
    return found
