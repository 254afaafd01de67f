"""Tier rules as a decision table, and Pareto's shares: pure reading and counting.

The truth is a DMN file with one table: hit policy FIRST, inputs are CEL over `m.<measure>` and `account.<field>`, one output
`tier`. People write it as a plain table; both are the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from bihuan.base.decisions import DecisionError, Finding, Table, TableRefused, check_table, decide, read_table
from bihuan.base.rules import paths_in

SPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
TIERS = ("S", "A", "B", "C")
FIELDS = ("tier", "stage", "industry", "country", "city", "region", "size")
MOST_COLUMNS = 8
MOST_ROWS = 60


class RulesError(ValueError):
    """Rules that cannot be used; `problems` says what is wrong, each with its row."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One rule: a test for each column (`-` fits everything), the tier, and why."""

    cells: tuple[str, ...]
    tier: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Rules as a plain table; `columns` are expressions such as `m.mrr`."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def as_dmn(grid: Grid) -> str:
    """The grid as a DMN 1.3 file."""
    root = etree.fromstring(f'<definitions xmlns="{SPACE}" id="tiers" name="tiers" namespace="bihuan"/>')
    decision = etree.SubElement(root, f"{{{SPACE}}}decision", id="tier", name="tier")
    table = etree.SubElement(decision, f"{{{SPACE}}}decisionTable", id="table", hitPolicy="FIRST")
    for number, column in enumerate(grid.columns, 1):
        asked = etree.SubElement(table, f"{{{SPACE}}}input", id=f"input_{number}", label=column)
        _text(etree.SubElement(asked, f"{{{SPACE}}}inputExpression", id=f"expression_{number}"), column)
    etree.SubElement(table, f"{{{SPACE}}}output", id="output_1", name="tier", label="tier", typeRef="string")
    for number, row in enumerate(grid.rows, 1):
        rule = etree.SubElement(table, f"{{{SPACE}}}rule", id=f"rule_{number}")
        if row.note:
            etree.SubElement(rule, f"{{{SPACE}}}description").text = row.note
        for place, cell in enumerate(row.cells, 1):
            _text(etree.SubElement(rule, f"{{{SPACE}}}inputEntry", id=f"cell_{number}_{place}"), cell or "-")
        _text(etree.SubElement(rule, f"{{{SPACE}}}outputEntry", id=f"tier_{number}"), f'"{row.tier}"')
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _text(element: Any, text: str) -> None:
    etree.SubElement(element, f"{{{SPACE}}}text").text = text


def read_rules(xml: str, *, measures: Sequence[str]) -> Table:
    """The table of a DMN file, checked against the measures that there are; RulesError lists every problem."""
    try:
        table = read_table(xml)
    except (TableRefused, ValueError) as error:
        raise RulesError([str(error)]) from None
    problems = [said_of(one) for one in check_table(table)]
    if table.policy not in ("FIRST", "UNIQUE", "ANY"):
        problems.append("the table says more than one tier; use the hit policy FIRST, UNIQUE or ANY")
    if [one.name for one in table.outputs] != ["tier"]:
        problems.append("the table has one output, called tier")
    if len(table.inputs) > MOST_COLUMNS:
        problems.append(f"write at most {MOST_COLUMNS} columns, not {len(table.inputs)}")
    if len(table.rules) > MOST_ROWS:
        problems.append(f"write at most {MOST_ROWS} rows, not {len(table.rules)}")
    if not problems:
        problems = _wrong_names(table, measures) + _wrong_tiers(table)
    if problems:
        raise RulesError(problems)
    return table


def said_of(finding: Finding) -> str:
    """What is wrong in a table, with its row."""
    place = f"row {finding.row}: " if finding.row else ""
    return f"{place}{finding.why or finding.code} {finding.text}".strip()


def _wrong_names(table: Table, measures: Sequence[str]) -> list[str]:
    found = []
    for column in table.inputs:
        for path in sorted(paths_in(column.expression)):
            name = ".".join(path)
            if len(path) == 2 and path[0] == "m" and path[1] in measures:
                continue
            if len(path) == 2 and path[0] == "account" and path[1] in FIELDS:
                continue
            there = ", ".join(
                [*(f"m.{one}" for one in sorted(measures)), *(f"account.{one}" for one in FIELDS)]
            )
            found.append(f"column {column.expression!r}: unknown name {name!r}; there is: {there}")
    return found


def _wrong_tiers(table: Table) -> list[str]:
    return [
        f"row {number}: the tier is one of {', '.join(TIERS)}, not {text}"
        for number, rule in enumerate(table.rules, 1)
        for text in rule.outputs
        if text.strip().strip('"') not in TIERS
    ]


def grid_of(table: Table) -> Grid:
    """The table as people write it."""
    return Grid(
        columns=tuple(one.expression for one in table.inputs),
        rows=tuple(
            Row(cells=rule.inputs, tier=rule.outputs[0].strip().strip('"'), note=rule.note)
            for rule in table.rules
        ),
    )


def measures_of(table: Table) -> list[str]:
    """The measures that the table asks for."""
    found = {path[1] for column in table.inputs for path in paths_in(column.expression) if path[0] == "m"}
    return sorted(found)


def fields_of(table: Table) -> list[str]:
    """The fields of accounts that the table asks for."""
    found = {
        path[1] for column in table.inputs for path in paths_in(column.expression) if path[0] == "account"
    }
    return sorted(found)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The tier of an account by rule (empty when no rule fits), the row that decided (1 is the first, 0 none), and why there
    is none."""

    tier: str
    row: int
    problem: str = ""


def judge(table: Table, record: Mapping[str, Any]) -> Judged:
    """By the rules, for the values of one account."""
    try:
        decided = decide(table, record)
    except DecisionError as error:
        return Judged(tier="", row=0, problem=str(error))
    return Judged(tier=str(decided.outputs["tier"] or ""), row=decided.rows[0] if decided.rows else 0)


@dataclass(frozen=True, kw_only=True)
class Pareto:
    """Accounts with a value above 0, the highest first: `curve` is the cumulative share of the value after each of them;
    `top` accounts (the asked share of all, rounded up) bring `top_share`; `half` accounts bring half."""

    total: float
    accounts: int
    curve: tuple[float, ...]
    top: int
    top_share: float
    half: int


def pareto(values: Sequence[float], *, share: float = 0.2) -> Pareto:
    """Of values in any order; those of 0 and below bring nothing and are left out. Without any, everything is 0."""
    ordered = sorted((value for value in values if value > 0), reverse=True)
    total = float(sum(ordered))
    if not ordered or total <= 0:
        return Pareto(total=0.0, accounts=0, curve=(), top=0, top_share=0.0, half=0)
    curve, reached = [], 0.0
    for value in ordered:
        reached += value
        curve.append(min(1.0, reached / total))
    curve[-1] = 1.0
    top = -int(-len(ordered) * share // 1)
    half = next(number for number, part in enumerate(curve, 1) if part >= 0.5)
    return Pareto(
        total=total, accounts=len(ordered), curve=tuple(curve), top=top, top_share=curve[top - 1], half=half
    )


def minutes_a_week(*, accounts: int, touch_days: int, minutes: int) -> float:
    """What a policy asks of somebody: each account is touched every `touch_days` for so many minutes."""
    return accounts * minutes * 7 / touch_days
