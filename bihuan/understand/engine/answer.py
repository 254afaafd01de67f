"""The answer to a question: what every page, export, command and API operation shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, kw_only=True)
class AnswerColumn:
    """A column: type is text, number, money, percent, date or time; unit may be empty."""

    name: str
    type: str
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Rows with their definition. `summary` holds the headline numbers by name; `left_out` counts why rows were.

    `kept`: what they were computed from has not changed since somebody asked the same.
    `behind` holds, row by row, what `list:` asks for to see who is behind a number, by the column of the number;
    `behind_summary` the same for the numbers of the summary, by their names, and `behind_left_out` for what was left out.
    `drawn_from` names, for a column or a name of the summary, the number whose list stands behind it too: a share behind which
    those stand that it is a share of. `nobody` says of a number, or of a reason, why nobody can be listed.
    `notes` warn of what the question may not mean, such as an event that never arrived.
    `also`, of such a list: (what it is, `list`) of the other lists that belong to the same number.
    """

    kind: str
    question: dict[str, Any]
    definition: tuple[str, ...]
    columns: tuple[AnswerColumn, ...]
    rows: tuple[tuple[Any, ...], ...]
    summary: dict[str, Any]
    left_out: dict[str, int] = field(default_factory=dict)
    sql: str = ""
    took_ms: float = 0.0
    as_of: str = ""
    kept: bool = False
    behind: tuple[Mapping[str, Mapping[str, Any]], ...] = ()
    behind_summary: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    behind_left_out: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    drawn_from: Mapping[str, str] = field(default_factory=dict)
    nobody: Mapping[str, str] = field(default_factory=dict)
    also: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    notes: tuple[str, ...] = ()

    def cell_of(self, place: int, column: str) -> Mapping[str, Any] | None:
        """What `list` says to see who is behind a number of a row; None where nobody is."""
        cells = self.behind[place] if place < len(self.behind) else {}
        return cells.get(column) or cells.get(self.drawn_from.get(column, column))

    def cell_of_summary(self, name: str) -> Mapping[str, Any] | None:
        """The same of a number of the summary."""
        cells = self.behind_summary
        return cells[name] if name in cells else cells.get(self.drawn_from.get(name, name))

    def document(self) -> dict[str, Any]:
        """The answer as JSON values; whole amounts of money become integers, others floats with two places."""
        return {
            "kind": self.kind,
            "question": plain(self.question),
            "definition": list(self.definition),
            "columns": [{"name": c.name, "type": c.type, "unit": c.unit} for c in self.columns],
            "rows": [[plain(value) for value in row] for row in self.rows],
            "summary": {name: plain(value) for name, value in self.summary.items()},
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
            "sql": self.sql,
            "took_ms": round(self.took_ms, 1),
            "as_of": self.as_of,
            "kept": self.kept,
        }


def plain(value: Any) -> Any:
    """A value that JSON knows."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


class QuestionError(ValueError):
    """A question that cannot be answered; `field` names the place, the message the remedy."""

    def __init__(self, field_name: str, message: str) -> None:
        super().__init__(f"{field_name}: {message}")
        self.field = field_name
        self.message = message
