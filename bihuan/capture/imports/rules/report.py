"""What an import did, to the row: read = stored + unchanged + rejected + duplicates + repeats + skipped."""

from dataclasses import dataclass, field
from typing import Any

KEPT = 200  # rows named per list; the counts are always complete


@dataclass(frozen=True, kw_only=True)
class RowProblem:
    """A row, or one value of it, that was not stored, and why."""

    file: str
    line: int
    field: str
    value: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Duplicate:
    """A row whose unique value had come before; the first row is kept."""

    file: str
    line: int
    value: str
    first_line: int
    same: bool  # whether the whole row equals the first one


@dataclass(kw_only=True)
class Suspect:
    """Stored rows that look wrong: how many, and the first lines."""

    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, line: int) -> None:
        """One more."""
        self.count += 1
        if len(self.lines) < 20:
            self.lines.append(line)


@dataclass(kw_only=True)
class TableReport:
    """One table of the mapping."""

    id: str
    noun: str
    files: list[str]
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    duplicates: int = 0
    duplicates_same: int = 0
    repeats: int = 0
    skipped: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    duplicate_rows: list[Duplicate] = field(default_factory=list)
    suspicious: list[Suspect] = field(default_factory=list)
    mapped: dict[tuple[str, str, str], int] = field(default_factory=dict)
    unused_columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def stored(self) -> int:
        """Rows this import wrote."""
        return self.created + self.updated

    def refuse(self, problem: RowProblem, *, row: bool = True) -> None:
        """Count a refused row (or, with row=False, a value left out of a stored row)."""
        self.rejected += row
        reason = f"{problem.field}: {problem.reason}"
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.problems) < KEPT:
            self.problems.append(problem)

    def repeat(self, duplicate: Duplicate) -> None:
        """Count a duplicate."""
        self.duplicates += 1
        self.duplicates_same += duplicate.same
        if len(self.duplicate_rows) < KEPT:
            self.duplicate_rows.append(duplicate)

    def as_json(self) -> dict[str, Any]:
        """For --report and the page."""
        return {
            "table": self.id,
            "noun": self.noun,
            "files": self.files,
            "read": self.read,
            "stored": self.stored,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": {
                "count": self.rejected,
                "reasons": self.reasons,
                "rows": [vars(problem) for problem in self.problems],
            },
            "duplicates": {
                "count": self.duplicates,
                "same": self.duplicates_same,
                "different": self.duplicates - self.duplicates_same,
                "rows": [vars(duplicate) for duplicate in self.duplicate_rows],
            },
            "repeats": self.repeats,
            "skipped": self.skipped,
            "suspicious": [vars(suspect) for suspect in self.suspicious],
            "mapped": [
                {"field": name, "from": old, "to": new, "count": count}
                for (name, old, new), count in sorted(self.mapped.items(), key=lambda item: -item[1])
            ],
            "unused_columns": self.unused_columns,
            "notes": self.notes,
        }


@dataclass(kw_only=True)
class Report:
    """The data-quality report of one import."""

    mapping: str
    title: str
    check: bool
    tables: list[TableReport] = field(default_factory=list)
    took_ms: int = 0

    def of(self, table: str) -> TableReport:
        """The report of one table by its id."""
        return next(report for report in self.tables if report.id == table)

    @property
    def created(self) -> int:
        """Rows created in all tables."""
        return sum(table.created for table in self.tables)

    @property
    def updated(self) -> int:
        """Rows updated in all tables."""
        return sum(table.updated for table in self.tables)

    @property
    def rejected(self) -> int:
        """Rows rejected in all tables."""
        return sum(table.rejected for table in self.tables)

    @property
    def suspicious(self) -> int:
        """Suspicions in all tables (a row may count twice)."""
        return sum(suspect.count for table in self.tables for suspect in table.suspicious)

    def as_json(self) -> dict[str, Any]:
        """For --report and the page."""
        return {
            "mapping": self.mapping,
            "title": self.title,
            "check": self.check,
            "took_ms": self.took_ms,
            "totals": {
                "read": sum(table.read for table in self.tables),
                "created": self.created,
                "updated": self.updated,
                "unchanged": sum(table.unchanged for table in self.tables),
                "rejected": self.rejected,
                "duplicates": sum(table.duplicates for table in self.tables),
                "suspicious": self.suspicious,
            },
            "tables": [table.as_json() for table in self.tables],
        }

    def as_text(self) -> str:
        """For a terminal."""
        lines = [f"{self.title}{' (check only: nothing was written)' if self.check else ''}"]
        for table in self.tables:
            lines += _in_words(table)
        lines.append(f"Done in {self.took_ms / 1000:.1f} s.")
        return "\n".join(lines)


def _in_words(table: TableReport) -> list[str]:
    stored = (
        f"{table.created:,} events stored"
        if table.noun == "events"
        else f"{table.created:,} created, {table.updated:,} updated"
    )
    lines = [f"{table.id}: {table.read:,} rows read, {stored}, {table.unchanged:,} unchanged"]
    if table.rejected:
        lines.append(f"  {table.rejected:,} rows rejected")
    for reason, count in sorted(table.reasons.items(), key=lambda item: -item[1])[:10]:
        lines.append(f"    {count:,} × {reason}")
    for problem in table.problems[:5]:
        lines.append(
            f"    {problem.file}, line {problem.line}, {problem.field} = {problem.value!r}: {problem.reason}"
        )
    if table.duplicates:
        different = table.duplicates - table.duplicates_same
        lines.append(
            f"  {table.duplicates:,} duplicates left out, the first row of each was kept"
            f" ({different:,} differ from it, {table.duplicates_same:,} are the same)"
        )
    if table.repeats:
        lines.append(f"  {table.repeats:,} further rows with the same distinct value")
    if table.skipped:
        lines.append(f"  {table.skipped:,} rows skipped by rule")
    for suspect in table.suspicious:
        if suspect.count:
            lines.append(
                f"  suspicious: {suspect.count:,} × {suspect.reason} (first on line {suspect.lines[0]})"
            )
    for (name, old, new), count in sorted(table.mapped.items(), key=lambda item: -item[1])[:10]:
        lines.append(f"  mapped: {count:,} × {name} {old!r} → {new!r}")
    if table.unused_columns:
        lines.append(f"  columns not used: {', '.join(table.unused_columns)}")
    return lines + [f"  {note}" for note in table.notes]
