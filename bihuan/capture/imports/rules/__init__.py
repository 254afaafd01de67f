"""What a mapping may say, how a cell becomes a value, what an import reports. No Django, no files."""

from bihuan.capture.imports.rules.convert import Zone, convert
from bihuan.capture.imports.rules.mapping import (
    ColumnType,
    FieldRule,
    Lookup,
    MappingRefused,
    MappingRules,
    Suspicion,
    TableRules,
    parse_mapping,
)
from bihuan.capture.imports.rules.report import Report, RowProblem, TableReport

__all__ = [
    "ColumnType",
    "FieldRule",
    "Lookup",
    "MappingRefused",
    "MappingRules",
    "Report",
    "RowProblem",
    "Suspicion",
    "TableReport",
    "TableRules",
    "Zone",
    "convert",
    "parse_mapping",
]
