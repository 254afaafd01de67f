"""An answer for a terminal: what it means, the headline numbers, what was left out, the rows. No brackets of a program."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bihuan.understand.engine.answer import AnswerColumn

MOST_LINES = 200
EACH = 14


def as_table(answer: Mapping[str, Any]) -> str:
    """Columns in line; the headline numbers first, and each part of the summary that is a table itself as one."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bihuan.understand.engine.answer import AnswerColumn

    console = Console(file=io.StringIO(), width=None if sys.stdout.isatty() else 120)
    console.width = max(
        console.width, EACH * len(answer["columns"])
    )  # a line that is wrapped tells more than a letter a column
    console.print("\n".join(answer["definition"]), markup=False, highlight=False)
    columns = [
        AnswerColumn(name=one["name"], type=one["type"], unit=one.get("unit", ""))
        for one in answer["columns"]
    ]
    for part in _summary(answer["summary"], kind=answer.get("kind", ""), columns=columns):
        console.print(part)
    if answer["left_out"]:
        console.print(_named("left out", answer["left_out"]))
    table = Table(*[column["name"] for column in answer["columns"]])
    for row in answer["rows"]:
        table.add_row(*[Text(with_unit(value, column)) for value, column in zip(row, columns, strict=True)])
    console.print(table)
    text = console.file
    assert isinstance(text, io.StringIO)
    return "\n".join(line.rstrip() for line in text.getvalue().rstrip().splitlines())


def with_unit(value: Any, column: AnswerColumn) -> str:
    """A cell as the page writes it: per cent, amounts with their currency, durations with their unit."""
    from django.utils.translation import override

    from bihuan.understand.explore.written import written

    if not _is_number(value) or (column.type not in ("percent", "money") and not column.unit):
        return in_a_line(value)
    with override("en"):
        return written(value, type=column.type, unit=column.unit, column=column.name)


def _summary(
    summary: Mapping[str, Any], *, kind: str, columns: Sequence[AnswerColumn]
) -> Iterator[RenderableType]:
    """The plain numbers together, then what holds several, each under its name."""
    from django.utils.translation import override

    from bihuan.understand.explore.headlines import said_with_unit

    with override("en"):
        plain = {
            name: said_with_unit(name, value, kind=kind, columns=columns) if _is_number(value) else value
            for name, value in summary.items()
            if not _holds_more(value)
        }
    if plain:
        yield _named("", plain)
    for name, value in summary.items():
        if _holds_more(value):
            yield _part(name, value)


def _part(name: str, value: Any) -> RenderableType:
    from rich.text import Text

    if _is_tree(value):
        lines = [*_branches(value)]
        more = [f"  … {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        return Text("\n".join([name, *lines[:MOST_LINES], *more]))
    if isinstance(value, Mapping):
        if value and all(isinstance(one, Mapping) for one in value.values()):
            return _rows(name, [{name: key, **one} for key, one in value.items()])
        return _named(name, value)
    if all(isinstance(one, Mapping) for one in value):
        return _rows(name, value)
    return _named(name, {str(place): one for place, one in enumerate(value, start=1)})


def _named(title: str, values: Mapping[str, Any]) -> RenderableType:
    """Names and values below each other."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    grid = Table(show_header=False, box=None, pad_edge=False)
    for name, value in values.items():
        grid.add_row(_literal(name), _literal(value))
    return Group(Text(title), grid) if title else grid


def _rows(title: str, rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """What has the same parts several times."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    names = list(dict.fromkeys(chain.from_iterable(rows)))
    table = Table(*names)
    for row in rows:
        table.add_row(*[_literal(row.get(name)) for name in names])
    return Group(Text(title), table)


def _is_tree(value: Any) -> bool:
    return isinstance(value, Mapping) and any(isinstance(value.get(way), Mapping) for way in ("yes", "no"))


def _branches(node: Mapping[str, Any], said: str = "all", depth: int = 1) -> Iterator[str]:
    """A line a node: the condition that leads there, how many, and the share."""
    told = f"{in_a_line(node.get('units'))} units, rate {in_a_line(node.get('rate'))}"
    yield f"{'  ' * depth}{said}: {told}"
    for way in ("yes", "no"):
        if isinstance(node.get(way), Mapping):
            condition = node.get("condition", "")
            yield from _branches(node[way], condition if way == "yes" else f"not {condition}", depth + 1)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == value


def _holds_more(value: Any) -> bool:
    """Whether it takes more than a line: a mapping, or a list that has some in it."""
    if isinstance(value, Mapping):
        return bool(value)
    return isinstance(value, (list, tuple)) and any(isinstance(one, (Mapping, list, tuple)) for one in value)


def _literal(value: Any) -> RenderableType:
    from rich.text import Text

    return Text(in_a_line(value))  # what stands in brackets is a value, not a style


def in_a_line(value: Any) -> str:
    """A value as a reader has it: four places at most, "yes" and "no", lists with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.{2 if abs(value) >= 1000 else 4}f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {in_a_line(one)}" for name, one in value.items())
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(one, (Mapping, list, tuple)) for one in value)
        texts = [
            " ".join(map(in_a_line, one)) if isinstance(one, (list, tuple)) else in_a_line(one)
            for one in value
        ]
        return ("; " if nested else ", ").join(texts)
    return "" if value is None else str(value)
