"""The first rows of a file as they would be read, and what is wrong with them: a check of a few rows that keeps nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.capture.imports.actions.files import Batch, FileRefused, find, read
from bihuan.capture.imports.actions.mappings import check_mapping, columns_kept, fields_of
from bihuan.capture.imports.actions.rows import Index, Ready, TableWork
from bihuan.capture.imports.actions.run import door
from bihuan.capture.imports.rules import (
    MappingRefused,
    RowProblem,
    TableReport,
    TableRules,
    Zone,
    parse_mapping,
)

ROWS = 20


@dataclass(kw_only=True)
class PreviewRow:
    """One row of the file: its values by field, as text, and what is wrong with it."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


@dataclass(kw_only=True)
class TablePreview:
    """One table: `read` rows, of which `refused` would not be stored."""

    noun: str
    fields: list[str]
    rows: list[PreviewRow]
    read: int
    refused: int


@dataclass(kw_only=True)
class Preview:
    """All tables, or the complaints for which the mapping cannot be used."""

    tables: list[TablePreview] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def preview_mapping(
    *, document: Mapping[str, Any], folder: Path, by: Actor, at: datetime, rows: int = ROWS
) -> Preview:
    """The first `rows` rows of each table, stored in a transaction that is taken back."""
    try:
        mapping = parse_mapping(document, origin=str(document.get("name")))
        check_mapping(mapping=mapping, folder=folder, by=by)
        with transaction.atomic():
            found = Preview()
            indexes: dict[tuple[str, str], Index] = {}
            for table in mapping.tables:
                zone = Zone(table.zone or mapping.zone or settings.TIME_ZONE)
                keep = columns_kept(table, mapping.tables)
                found.tables.append(
                    _table(
                        table, folder=folder, rows=rows, zone=zone, indexes=indexes, keep=keep, by=by, at=at
                    )
                )
            transaction.set_rollback(True)
    except MappingRefused as refused:
        return Preview(complaints=refused.problems)
    except FileRefused as refused:
        return Preview(complaints=[str(refused)])
    return found


def _table(
    table: TableRules,
    *,
    folder: Path,
    rows: int,
    zone: Zone,
    indexes: dict[tuple[str, str], Index],
    keep: Mapping[str, set[str]],
    by: Actor,
    at: datetime,
) -> TablePreview:
    counts = TableReport(id=table.id, noun=table.noun, files=list(table.files))
    work = TableWork(
        rules=table, fields=fields_of(table.noun), zone=zone, indexes=indexes, keep=keep, report=counts
    )
    store = door(table, counts, zone=zone, check=True, by=by, at=at, compare=False)
    path = find(table=table, folder=folder)[0]
    batch = next(read(path, table, size=rows), None)
    ready = work.rows(batch) if batch else Ready(file=path.name)
    if ready.rows:
        store(ready)
    indexes |= {(table.id, key): index for key, index in work.kept.items()}
    names = [rule.name for rule in table.fields]
    return TablePreview(
        noun=table.noun,
        fields=names,
        rows=_rows(ready, counts.problems, table=table, batch=batch),
        read=counts.read,
        refused=counts.rejected,
    )


def _rows(
    ready: Ready, problems: Sequence[RowProblem], *, table: TableRules, batch: Batch | None
) -> list[PreviewRow]:
    """Good and refused rows in the order of the file; of a refused one what stands in the cells."""
    found = {
        line: PreviewRow(line=line, values={name: _text(value) for name, value in row.items()})
        for line, row in zip(ready.lines, ready.rows, strict=True)
    }
    for problem in problems:
        if problem.line not in found:
            cells = _cells(problem.line, table=table, batch=batch)
            found[problem.line] = PreviewRow(line=problem.line, values=cells)
        found[problem.line].problems.append(problem)
    return [found[line] for line in sorted(found)]


def _cells(line: int, *, table: TableRules, batch: Batch | None) -> dict[str, str]:
    """The cells of a line by the fields that they would fill."""
    if batch is None or line not in batch.lines:
        return {}
    n = batch.lines.index(line)
    return {
        rule.name: _text(batch.columns[rule.column][n])
        for rule in table.fields
        if rule.column in batch.columns and rule.column is not None
    }


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_text(one)}" for name, one in value.items())
    if isinstance(value, datetime):
        try:
            local = value.astimezone(Zone(settings.TIME_ZONE))
        except (OverflowError, ValueError):  # at the edge of the calendar
            return value.isoformat()
        return f"{local:%Y-%m-%d %H:%M:%S}" if local.second else f"{local:%Y-%m-%d %H:%M}"
    if value is None:
        return ""
    if isinstance(value, (float, Decimal)) and math.isfinite(value):
        return f"{value:.0f}" if value == int(value) else f"{value:.2f}"
    return str(value)
