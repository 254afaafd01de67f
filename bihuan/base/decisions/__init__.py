"""Decision tables: DMN 1.1–1.5 files read, checked and asked. Pure: no Django, no clock, no I/O."""

from bihuan.base.decisions.as_rule import rule_of
from bihuan.base.decisions.asking import Decided, DecisionError, decide
from bihuan.base.decisions.reading import TableRefused, check_table, read_table
from bihuan.base.decisions.table import Column, Finding, Rule, Table

__all__ = [
    "Column",
    "Decided",
    "DecisionError",
    "Finding",
    "Rule",
    "Table",
    "TableRefused",
    "check_table",
    "decide",
    "read_table",
    "rule_of",
]
