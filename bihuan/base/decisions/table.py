"""A decision table as it was written."""

from dataclasses import dataclass

#: Which of the rules that fit decide. UNIQUE: the only one; FIRST: the first; ANY: all say the same; RULE ORDER and COLLECT:
#: all of them as a list, or their sum, least, most or number.
POLICIES = ("UNIQUE", "FIRST", "ANY", "COLLECT", "RULE ORDER")
SUMMED = ("SUM", "MIN", "MAX", "COUNT")


@dataclass(frozen=True, kw_only=True)
class Column:
    """An input (`expression` is CEL over the values) or an output (`name` is where its value goes)."""

    name: str
    label: str = ""
    expression: str = ""
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: a cell for each input, a cell for each output, and why."""

    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    """`policy` is one of POLICIES, `summed` one of SUMMED or "" (only with COLLECT)."""

    id: str
    name: str
    policy: str
    summed: str
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong in a table: `code`, the row (1 is the first, 0 the whole table), and the details."""

    code: str
    row: int = 0
    text: str = ""
    why: str = ""
