"""The mapping file: which file fills which noun, field by field. Frozen rules, or every complaint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bihuan.capture.imports.rules.convert import KINDS

TOP = {"name", "title", "about", "zone", "tables"}
TABLE = {
    "noun", "id", "file", "files", "sheet", "delimiter", "encoding", "zone", "empty", "types", "lookup",
    "unique", "distinct", "fields", "suspicious", "source", "product", "skip",
}  # fmt: skip
FIELD = {"column", "columns", "const", "cel", "map", "default", "format", "zone", "plus"}
UNITS = ("days", "hours", "minutes", "seconds")
ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".xlsx", ".parquet", ".jsonl", ".jsonl.gz")


class MappingRefused(ValueError):
    """The mapping cannot be used; `problems` holds every complaint, each naming its place and a remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, kw_only=True)
class FieldRule:
    """Where the value of one field comes from: exactly one of column, columns, const, cel."""

    name: str
    column: str | None = None
    columns: Mapping[str, str] | None = None  # JSON name → column
    const: Any = None
    cel: str | None = None
    map: Mapping[str, Any] | None = None
    default: Any = None
    formats: tuple[str, ...] = ()
    zone: str | None = None
    plus: tuple[str, str] | None = None  # unit, column

    def reads(self) -> list[str]:
        """The columns this field names outside expressions."""
        found = [self.column] if self.column else list((self.columns or {}).values())
        return [*found, self.plus[1]] if self.plus else found


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A row of an earlier table, found by a column of this one."""

    name: str
    table: str
    by: str
    key: str


@dataclass(frozen=True, kw_only=True)
class ColumnType:
    """How expressions and `columns` see the cells of a column."""

    kind: str
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Suspicion:
    """Rows for which `when` (CEL) holds are stored, and reported with the reason."""

    reason: str
    when: str


@dataclass(frozen=True, kw_only=True)
class TableRules:
    """One table of the mapping."""

    id: str
    noun: str
    files: tuple[str, ...]
    fields: tuple[FieldRule, ...]
    sheet: str | None = None
    delimiter: str = ","
    encoding: str = "utf-8-sig"
    zone: str | None = None
    empty: frozenset[str] = frozenset()
    types: Mapping[str, ColumnType] = field(default_factory=dict)
    lookups: tuple[Lookup, ...] = ()
    unique: tuple[str, ...] = ()
    distinct: tuple[str, ...] = ()
    suspicious: tuple[Suspicion, ...] = ()
    skip: str | None = None  # CEL: rows left out on purpose, counted
    source: str | None = None
    product: str | None = None

    def expressions(self) -> list[tuple[str, str]]:
        """Every CEL expression with the place it stands at."""
        found = [(f"field {rule.name}", rule.cel) for rule in self.fields if rule.cel]
        found += [(f"suspicious ({rule.reason})", rule.when) for rule in self.suspicious]
        return [*found, ("skip", self.skip)] if self.skip else found


@dataclass(frozen=True, kw_only=True)
class MappingRules:
    """A whole mapping file."""

    name: str
    title: str
    tables: tuple[TableRules, ...]
    zone: str | None = None


def parse_mapping(document: Any, *, origin: str) -> MappingRules:
    """The rules in `document` (parsed YAML); MappingRefused lists everything that is wrong at once."""
    problems = _Problems(origin)
    if not isinstance(document, Mapping):
        raise MappingRefused([f"{origin}: a mapping file is a YAML document with `name` and `tables`"])
    problems.unknown(document, TOP, place="")
    tables: list[TableRules] = []
    raw = document.get("tables")
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        problems.add("", "`tables` must be a list of at least one table")
        raw = []
    for number, entry in enumerate(raw, start=1):
        if not isinstance(entry, Mapping):
            problems.add(f"table {number}", "must have `noun`, `file` and `fields`")
            continue
        tables.append(_table(entry, number=number, earlier=tables, problems=problems))
    name = document.get("name")
    if not isinstance(name, str) or not name.strip():
        problems.add("", "`name` is missing: a short word for this mapping")
    problems.zone("", document.get("zone"))
    if problems.found:
        raise MappingRefused(problems.found)
    return MappingRules(
        name=str(name).strip(),
        title=str(document.get("title") or name),
        tables=tuple(tables),
        zone=document.get("zone"),
    )


class _Problems:
    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.found: list[str] = []

    def add(self, place: str, complaint: str) -> None:
        self.found.append(f"{self.origin}{', ' if place else ''}{place}: {complaint}")

    def unknown(self, given: Mapping[Any, Any], known: set[str], *, place: str) -> None:
        for key in given:
            if key not in known:
                self.add(place, f"unknown entry {key!r}; there is: {', '.join(sorted(known))}")

    def zone(self, place: str, name: Any) -> None:
        if name is None:
            return
        try:
            ZoneInfo(str(name))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.add(place, f"unknown time zone {name!r}; use a name such as Asia/Shanghai or UTC")


def _table(
    entry: Mapping[str, Any], *, number: int, earlier: Sequence[TableRules], problems: _Problems
) -> TableRules:
    noun = str(entry.get("noun") or "")
    name = str(entry.get("id") or noun)
    place = f"table {number} ({name or '?'})"
    problems.unknown(entry, TABLE, place=place)
    if not noun:
        problems.add(place, "`noun` is missing: what the rows are, such as accounts or events")
    if any(table.id == name for table in earlier):
        problems.add(place, f"a second table is called {name!r}; give one of them an `id`")
    files = _texts(entry.get("files") or entry.get("file"))
    if not files:
        problems.add(place, "`file` is missing")
    for file in files:
        if not file.lower().endswith(ENDINGS):
            problems.add(place, f"cannot read {file!r}; a file ends in {', '.join(ENDINGS)}")
    problems.zone(place, entry.get("zone"))
    fields = entry.get("fields")
    if not isinstance(fields, Mapping) or not fields:
        problems.add(place, "`fields` is missing: field name → column")
        fields = {}
    return TableRules(
        id=name,
        noun=noun,
        files=tuple(files),
        fields=tuple(
            _field(str(key), value, place=f"{place}, field {key}", problems=problems)
            for key, value in fields.items()
        ),
        sheet=entry.get("sheet"),
        delimiter=str(entry.get("delimiter") or ("\t" if files and ".tsv" in files[0].lower() else ",")),
        encoding=str(entry.get("encoding") or "utf-8-sig"),
        zone=entry.get("zone"),
        empty=frozenset(_texts(entry.get("empty"))),
        types=_types(entry.get("types"), place=place, problems=problems),
        lookups=tuple(_lookups(entry.get("lookup"), place=place, earlier=earlier, problems=problems)),
        unique=tuple(_texts(entry.get("unique"))),
        distinct=tuple(_texts(entry.get("distinct"))),
        suspicious=tuple(_suspicions(entry.get("suspicious"), place=place, problems=problems)),
        skip=entry.get("skip"),
        source=entry.get("source"),
        product=entry.get("product"),
    )


def _field(name: str, value: Any, *, place: str, problems: _Problems) -> FieldRule:
    if isinstance(value, str):
        return FieldRule(name=name, column=value)
    if not isinstance(value, Mapping):
        problems.add(place, "write a column name, or one of {column: …}, {columns: …}, {const: …}, {cel: …}")
        return FieldRule(name=name)
    problems.unknown(value, FIELD, place=place)
    ways = [way for way in ("column", "columns", "const", "cel") if way in value]
    if len(ways) != 1:
        problems.add(place, "needs exactly one of column, columns, const, cel")
    columns = value.get("columns")
    if isinstance(columns, Sequence) and not isinstance(columns, str):
        columns = {str(column): str(column) for column in columns}
    elif columns is not None and not isinstance(columns, Mapping):
        problems.add(place, "`columns` is a list of columns, or JSON name → column")
        columns = {}
    mapped = value.get("map")
    if mapped is not None and not isinstance(mapped, Mapping):
        problems.add(place, "`map` is a table of value → value")
        mapped = None
    plus = value.get("plus")
    if plus is not None and not (isinstance(plus, Mapping) and len(plus) == 1 and next(iter(plus)) in UNITS):
        problems.add(place, f"`plus` is one of {', '.join(UNITS)} with the column that holds the number")
        plus = None
    problems.zone(place, value.get("zone"))
    return FieldRule(
        name=name,
        column=value.get("column"),
        columns=columns,
        const=value.get("const"),
        cel=value.get("cel"),
        map={word: target for key, target in mapped.items() for word in _spellings(key)} if mapped else None,
        default=value.get("default"),
        formats=tuple(_texts(value.get("format"))),
        zone=value.get("zone"),
        plus=next(((str(unit), str(column)) for unit, column in plus.items()), None) if plus else None,
    )


def _spellings(key: Any) -> tuple[str, ...]:
    """A key of `map` as it may stand in a cell: YAML reads true, True and TRUE as one value."""
    text = str(key)
    return (text, text.lower(), text.upper()) if isinstance(key, bool) else (text,)


def _types(given: Any, *, place: str, problems: _Problems) -> dict[str, ColumnType]:
    found = {}
    for column, value in given.items() if isinstance(given, Mapping) else ():
        spec = value if isinstance(value, Mapping) else {"kind": value}
        problems.unknown(spec, {"kind", "format"}, place=f"{place}, types")
        if spec.get("kind") not in KINDS:
            problems.add(place, f"`types` gives column {column!r} a kind, one of {', '.join(KINDS)}")
            continue
        found[str(column)] = ColumnType(kind=str(spec["kind"]), formats=tuple(_texts(spec.get("format"))))
    if given is not None and not isinstance(given, Mapping):
        problems.add(place, "`types` is a table of column → kind")
    return found


def _lookups(given: Any, *, place: str, earlier: Sequence[TableRules], problems: _Problems) -> list[Lookup]:
    if given is None:
        return []
    if not isinstance(given, Mapping):
        problems.add(place, "`lookup` names rows of an earlier table: {subscription: {table: …, by: …}}")
        return []
    found = []
    for name, spec in given.items():
        here = f"{place}, lookup {name}"
        if not isinstance(spec, Mapping) or not spec.get("table") or not spec.get("by"):
            problems.add(here, "needs `table` (an earlier one) and `by` (a column of this table)")
            continue
        problems.unknown(spec, {"table", "by", "key"}, place=here)
        if not any(table.id == spec["table"] for table in earlier):
            known = ", ".join(table.id for table in earlier) or "none"
            problems.add(here, f"no earlier table is called {spec['table']!r}; earlier tables: {known}")
        if name in ("row", "line") or not str(name).isidentifier():
            problems.add(here, "choose another name: one word, and not `row`")
        found.append(
            Lookup(
                name=str(name),
                table=str(spec["table"]),
                by=str(spec["by"]),
                key=str(spec.get("key") or spec["by"]),
            )
        )
    return found


def _suspicions(given: Any, *, place: str, problems: _Problems) -> list[Suspicion]:
    found = []
    for entry in given or []:
        if not isinstance(entry, Mapping) or set(entry) != {"reason", "when"}:
            problems.add(place, "each entry of `suspicious` has `reason` (words) and `when` (CEL)")
            continue
        found.append(Suspicion(reason=str(entry["reason"]), when=str(entry["when"])))
    return found


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return (
        [str(one) for one in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else [str(value)]
    )
