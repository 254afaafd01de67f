"""Batches of cells → rows of a noun: duplicates, look-ups, conversions, rules; what is left out is told."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bihuan.base.importing import Field
from bihuan.base.rules import RuleError, evaluate, holds
from bihuan.capture.imports.actions.files import Batch
from bihuan.capture.imports.rules import FieldRule, RowProblem, TableReport, TableRules, Zone, convert
from bihuan.capture.imports.rules.convert import for_rules
from bihuan.capture.imports.rules.report import Duplicate, Suspect

CACHED = 200_000  # converted values kept per field
OMIT = object()  # leave the field alone
MISSING = object()
Index = dict[Any, Mapping[str, Any]]


def columns_named(text: str, name: str) -> set[str]:
    """The columns an expression reads of `name`: row.size and row["Company size"], with \\n for a heading of two lines."""
    dotted = re.findall(rf"\b{name}\.([A-Za-z_]\w*)", text)
    quoted = re.findall(rf"""\b{name}\[("[^"]+"|'[^']+')\]""", text)
    return {*dotted, *map(_unescaped, quoted)}


def _unescaped(literal: str) -> str:
    try:
        return str(ast.literal_eval(literal)) if "\\" in literal else literal[1:-1]
    except (SyntaxError, ValueError):
        return literal[1:-1]


@dataclass(kw_only=True)
class Ready:
    """Rows that may be stored, each with its line."""

    file: str
    lines: list[int] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)


class TableWork:
    """Turns the batches of one table into rows and keeps what later tables look up."""

    def __init__(
        self,
        *,
        rules: TableRules,
        fields: Sequence[Field],
        zone: Zone,
        indexes: Mapping[tuple[str, str], Index],
        keep: Mapping[str, set[str]],
        report: TableReport,
    ) -> None:
        """`indexes`: earlier tables by (table, key column); `keep`: key column → columns to keep."""
        self._rules, self._zone, self._indexes, self._report = rules, zone, indexes, report
        self._kinds = {one.name: one for one in fields}
        self._caches: dict[str, dict[Any, Any]] = {rule.name: {} for rule in rules.fields}
        self._first: dict[Any, tuple[str, int, int]] = {}
        self._seen: set[Any] = set()
        self._suspects = [Suspect(reason=one.reason) for one in rules.suspicious]
        self._misses = {
            one.name: Suspect(reason=f"no row of {one.table} whose {one.key} is this row's {one.by}")
            for one in rules.lookups
        }
        report.suspicious += self._suspects
        self._keep = keep
        self.kept: dict[str, Index] = {key: {} for key in keep}
        expressions = [text for _, text in rules.expressions()]
        self._lines: Sequence[int] = ()
        self._read_by_rules = set().union(*(columns_named(text, "row") for text in expressions))

    def rows(self, batch: Batch) -> Ready:
        """The rows of the batch to be stored."""
        report, self._lines = self._report, batch.lines
        report.read += len(batch.lines) + len(batch.broken)
        for line, reason in batch.broken:
            report.refuse(RowProblem(file=batch.file, line=line, field="row", value="", reason=reason))
        columns = {name: self._emptied(cells) for name, cells in batch.columns.items()}
        ready = Ready(file=batch.file)
        chosen = [n for n in range(len(batch.lines)) if not self._skipped(batch, columns, n)]
        fresh = [n for n in chosen if self._distinct(columns, n)]
        for n in fresh:
            self._suspect(batch, columns, n)
        wholes = _hashes(columns) if self._rules.unique else []
        first = [n for n in fresh if self._unique(batch, columns, wholes, n)]
        self._index(columns, first)
        values = {rule.name: self._values(rule, batch, columns, first) for rule in self._rules.fields}
        for position, n in enumerate(first):
            row: dict[str, Any] = {}
            refused = False
            for name, column in values.items():
                value = column[position]
                if isinstance(value, RowProblem):
                    report.refuse(value, row=not refused)
                    refused = True
                elif value is not OMIT:
                    row[name] = value
            if not refused:
                ready.lines.append(batch.lines[n])
                ready.rows.append(row)
        return ready

    def _emptied(self, cells: list[Any]) -> list[Any]:
        empty = self._rules.empty
        return [
            None if isinstance(cell, str) and (cell in empty or not cell or cell.isspace()) else cell
            for cell in cells
        ]

    def _skipped(self, batch: Batch, columns: Mapping[str, list[Any]], n: int) -> bool:
        if self._rules.skip is None:
            return False
        try:
            skipped = holds(self._rules.skip, self._record(columns, n))
        except ValueError as error:
            self._note("the rule of `skip`", batch.lines[n], error)
            return False
        self._report.skipped += skipped
        return skipped

    def _distinct(self, columns: Mapping[str, list[Any]], n: int) -> bool:
        if not self._rules.distinct:
            return True
        value = tuple(_hashable(columns[name][n]) for name in self._rules.distinct)
        if not any(cell is not None for cell in value):
            self._report.skipped += 1
            return False
        if value in self._seen:
            self._report.repeats += 1
            return False
        self._seen.add(value)
        return True

    def _unique(self, batch: Batch, columns: Mapping[str, list[Any]], wholes: Sequence[int], n: int) -> bool:
        if not self._rules.unique:
            return True
        value = tuple(_hashable(columns[name][n]) for name in self._rules.unique)
        if None in value:
            return True
        known = self._first.setdefault(value, (batch.file, batch.lines[n], wholes[n]))
        if known[:2] == (batch.file, batch.lines[n]):
            return True
        self._report.repeat(
            Duplicate(
                file=batch.file,
                line=batch.lines[n],
                value=", ".join(map(str, value)),
                first_line=known[1],
                same=known[2] == wholes[n],
            )
        )
        return False

    def _found(
        self, columns: Mapping[str, list[Any]], n: int
    ) -> Iterator[tuple[str, Mapping[str, Any] | None]]:
        for lookup in self._rules.lookups:
            index = self._indexes[lookup.table, lookup.key]
            yield lookup.name, index.get(_hashable(columns[lookup.by][n]))

    def _record(self, columns: Mapping[str, list[Any]], n: int) -> dict[str, Any]:
        """What an expression sees: this row's columns, its line (nine digits: it sorts as the file does) and look-ups."""
        row = {name: self._seen_by_rules(columns, name, n) for name in self._read_by_rules if name in columns}
        record: dict[str, Any] = {"row": row, "line": f"{self._lines[n]:09}"}
        for name, found in self._found(columns, n):
            record[name] = found or {}
        return record

    def _seen_by_rules(self, columns: Mapping[str, list[Any]], name: str, n: int) -> Any:
        of = self._rules.types.get(name)
        kind, formats = (of.kind, of.formats) if of else (None, ())
        return for_rules(value=columns[name][n], kind=kind, formats=formats, zone=self._zone)

    def _suspect(self, batch: Batch, columns: Mapping[str, list[Any]], n: int) -> None:
        for name, found in self._found(columns, n):
            if found is None:
                if not self._misses[name].count:
                    self._report.suspicious.append(self._misses[name])
                self._misses[name].add(batch.lines[n])
        if not self._rules.suspicious:
            return
        try:
            record = self._record(columns, n)
        except ValueError:
            return  # a cell that is not of its type: the field it fills is refused with the reason
        for suspicion, suspect in zip(self._rules.suspicious, self._suspects, strict=True):
            try:
                if holds(suspicion.when, record):
                    suspect.add(batch.lines[n])
            except RuleError as error:
                self._note(f"the rule ({suspicion.reason})", batch.lines[n], error)

    def _note(self, rule: str, line: int, error: ValueError) -> None:
        """Tell once for each rule that it could not be applied."""
        if not any(note.startswith(f"{rule} failed") for note in self._report.notes):
            self._report.notes.append(f"{rule} failed, first on line {line}: {error}")

    def _index(self, columns: Mapping[str, list[Any]], chosen: Sequence[int]) -> None:
        for key, wanted in self._keep.items():
            index = self.kept[key]
            present = [name for name in wanted if name in columns]
            for n in chosen:
                row = {}
                for name in present:
                    try:
                        row[name] = self._seen_by_rules(columns, name, n)
                    except ValueError:
                        row[name] = None
                index.setdefault(_hashable(columns[key][n]), row)

    def _values(
        self, rule: FieldRule, batch: Batch, columns: Mapping[str, list[Any]], chosen: Sequence[int]
    ) -> list[Any]:
        """The rule's value for each chosen row, or the RowProblem that rejects it."""
        plain = rule.column is not None and rule.column in columns and rule.plus is None
        cells = columns[rule.column] if plain and rule.column else []
        cache = self._caches[rule.name] if plain and rule.column not in self._rules.types else None
        found: list[Any] = []
        for n in chosen:
            cell = cells[n] if plain else None
            if cache is not None and (cell is None or type(cell) is str):
                value = cache.get(cell, MISSING)
                if value is MISSING:
                    value = self._value(rule, columns, n)
                    if len(cache) < CACHED:
                        cache[cell] = value
            else:
                value = self._value(rule, columns, n)
            if rule.map is not None and rule.column is not None:
                self._mapped(rule, self._read(rule.column, columns, n))
            if isinstance(value, ValueError):
                cell = columns[rule.column][n] if rule.column and rule.column in columns else None
                value = RowProblem(
                    file=batch.file,
                    line=batch.lines[n],
                    field=rule.name,
                    value="" if cell is None else str(cell)[:200],
                    reason=str(value),
                )
            found.append(value)
        return found

    def _value(self, rule: FieldRule, columns: Mapping[str, list[Any]], n: int) -> Any:
        """The value for one row, or the ValueError that says why there is none."""
        spec = self._kinds[rule.name]
        zone = Zone(rule.zone) if rule.zone else self._zone
        try:
            value = _finished(rule, spec, self._cell(rule, columns, n), zone)
            if rule.plus is not None:
                value = _later(rule, value, columns[rule.plus[1]][n])
            return _required(spec, value)
        except ValueError as error:
            return error

    def _cell(self, rule: FieldRule, columns: Mapping[str, list[Any]], n: int) -> Any:
        """What the rule reads of this row, before conversion."""
        if rule.cel is not None:
            return evaluate(rule.cel, self._record(columns, n))
        if rule.columns is not None:
            content = {name: self._read(column, columns, n) for name, column in rule.columns.items()}
            return {name: value for name, value in content.items() if value is not None}
        return rule.const if rule.column is None else self._read(rule.column, columns, n)

    def _read(self, column: str, columns: Mapping[str, list[Any]], n: int) -> Any:
        if column in columns:
            cell = columns[column][n]
            of = self._rules.types.get(column)
            return convert(value=cell, kind=of.kind, formats=of.formats, zone=self._zone) if of else cell
        name, _, inner = column.partition(".")
        for lookup, row in self._found(columns, n):
            if lookup == name:
                return (row or {}).get(inner)
        return None

    def _mapped(self, rule: FieldRule, cell: Any) -> None:
        assert rule.map is not None
        if cell is None or str(cell) not in rule.map:
            return
        old, new = str(cell), str(rule.map[str(cell)])
        if old != new:
            key = (rule.name, old, new)
            self._report.mapped[key] = self._report.mapped.get(key, 0) + 1


def _finished(rule: FieldRule, spec: Field, cell: Any, zone: Zone) -> Any:
    """Mapped, defaulted, converted and checked against the choices."""
    if rule.map is not None and cell is not None:
        cell = rule.map.get(str(cell), cell)
    if cell is None or cell == "":
        cell = rule.default
    value = convert(value=cell, kind=spec.kind, formats=rule.formats, zone=zone)
    if value is None:
        return _nothing(spec)
    if spec.choices is not None and value not in spec.choices:
        raise ValueError(f"not one of {', '.join(spec.choices)}; give the field a `map`")
    return value


def _nothing(spec: Field) -> Any:
    """An empty cell: clears texts, dates and whole numbers, and leaves the others as they are."""
    if spec.required:
        return None
    if spec.kind == "text":
        return OMIT if spec.choices else ""
    return None if spec.kind in ("date", "datetime", "int") else OMIT


def _required(spec: Field, value: Any) -> Any:
    if spec.required and (value is None or value == ""):
        raise ValueError("a value is required; fill the cell or give the field a `default`")
    return value


def _later(rule: FieldRule, value: Any, cell: Any) -> Any:
    """The moment or day plus a number of units; nothing when the number is missing."""
    assert rule.plus is not None
    if cell is None or not isinstance(value, (date, datetime)):
        return None
    try:
        return value + timedelta(**{rule.plus[0]: float(cell)})
    except (ValueError, OverflowError):
        raise ValueError(f"{cell!r} in column {rule.plus[1]!r} is not a number of {rule.plus[0]}") from None


def _hashes(columns: Mapping[str, list[Any]]) -> list[int]:
    """A number for each row that is equal for equal rows."""
    rows = zip(*columns.values(), strict=True)
    try:
        return list(map(hash, rows))
    except TypeError:  # a cell with an object or list in it
        return [hash(tuple(map(_hashable, row))) for row in zip(*columns.values(), strict=True)]


def _hashable(cell: Any) -> Any:
    return repr(cell) if isinstance(cell, (dict, list)) else cell
