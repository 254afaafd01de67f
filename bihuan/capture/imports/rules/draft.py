"""A draft of a mapping for one file: what becomes of each column, what fills the fields that no column fills, and the mapping
document that says so. `guess.py` makes one from the first rows; a person changes it; `document` is what the importer reads."""

import dataclasses
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

PROPERTY = "props."  # the target of a column that is kept as a property
NUMBER = "number"  # the format of a property that is a number without grouping

#: A field that names rows of another noun → that noun; rows that are missing there may be added from the same file.
REFERENCES = {
    "person_key": "people",
    "region_code": "regions",
    "product_code": "products",
    "team_code": "teams",
}
KEYS = {"people": "key", "regions": "code", "products": "code", "teams": "code"}
#: A person's file also says where they work: fields of the table that follows it.
PLACE = ("account_key", "starts_on", "ends_on")


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """A field that can be filled: its kind is text, int, decimal, date, datetime, bool or json."""

    name: str
    kind: str = "text"
    required: bool = False
    choices: tuple[str, ...] | None = None


Nouns = Mapping[str, Sequence[FieldSpec]]  # what may be imported → its fields


@dataclass(frozen=True, kw_only=True)
class Why:
    """A reason: `code` is one of those that `forms` has words for, `about` what the words name."""

    code: str
    about: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ColumnDraft:
    """What becomes of one column: `field` is a field of the noun, PROPERTY, or empty when it is not imported.

    `format` is as in the mapping (for a property: empty for text, NUMBER, or how numbers are grouped). An amount is of
    `months` months, and `times` as large as it stands in the cell. `values` turns cells into choices or keys.
    """

    column: str
    field: str = ""
    format: str = ""
    months: int = 1
    times: int = 1
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A field that no column fills alone: with `const` for all rows, with a column that fills another field too, with several
    columns joined, or with `const` where a column (then `columns` names it) is not empty."""

    field: str
    const: str | None = None
    columns: tuple[str, ...] = ()
    why: tuple[Why, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The draft for one file. `also`: fields whose rows are added to their noun when they are missing there."""

    name: str
    noun: str
    file: str
    columns: tuple[ColumnDraft, ...]
    filled: tuple[Filled, ...] = ()
    also: tuple[str, ...] = ()
    unique: bool = True
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""
    source: str = ""
    product: str = ""

    def of(self, field: str) -> ColumnDraft | None:
        """The column that fills this field."""
        return next((one for one in self.columns if one.field == field), None)

    def filler(self, field: str) -> Filled | None:
        """What else fills it."""
        return next((one for one in self.filled if one.field == field and (one.const or one.columns)), None)

    def fills(self, field: str) -> bool:
        """Whether the field has a value."""
        return self.of(field) is not None or self.filler(field) is not None

    def as_json(self) -> dict[str, Any]:
        """For a row of the database; `draft_from` reads it."""
        return asdict(self)


def draft_from(stored: Mapping[str, Any]) -> Draft:
    """The draft that `as_json` gave."""
    return Draft(
        **{
            **stored,
            "columns": tuple(
                ColumnDraft(**{**one, "why": _reasons(one["why"])}) for one in stored["columns"]
            ),
            "filled": tuple(
                Filled(**{**one, "columns": tuple(one["columns"]), "why": _reasons(one["why"])})
                for one in stored["filled"]
            ),
            "also": tuple(stored["also"]),
        }
    )


def _reasons(stored: Sequence[Mapping[str, Any]]) -> tuple[Why, ...]:
    return tuple(Why(**one) for one in stored)


def fields_for(noun: str, nouns: Nouns) -> dict[str, FieldSpec]:
    """The fields that columns of such a file may fill, by name; a person's file may say where they work too."""
    found = {one.name: one for one in nouns[noun] if one.kind != "json"}
    if noun == "people" and "memberships" in nouns:
        of_place = {one.name: one for one in nouns["memberships"]}
        found |= {name: replace(of_place[name], required=False) for name in PLACE}
    return found


def takes_properties(noun: str, nouns: Nouns) -> bool:
    """Whether what has no field may be kept as a property."""
    return any(one.name == "props" for one in nouns[noun])


def may_add(draft: Draft, nouns: Nouns) -> list[str]:
    """The fields from which rows of another noun can be added, in the order of the file."""
    return [
        one.field
        for one in draft.columns
        if one.field in REFERENCES and REFERENCES[one.field] in nouns and REFERENCES[one.field] != draft.noun
    ]


def missing(draft: Draft, nouns: Nouns) -> list[str]:
    """Required fields that nothing fills; `source` for events without one."""
    wanted = [name for name, one in fields_for(draft.noun, nouns).items() if one.required]
    if draft.noun == "people" and any(draft.of(name) for name in PLACE):
        wanted += PLACE[:2]
    found = [name for name in wanted if not draft.fills(name)]
    return [*found, "source"] if draft.noun == "events" and not draft.source else found


def document(draft: Draft, nouns: Nouns) -> dict[str, Any]:
    """The mapping document of a draft, as `docs/how-to/import.md` describes it. Fields that are missing are left out, and
    the importer says so."""
    tables = [
        _added(draft, field, nouns)
        for field in draft.also
        if draft.of(field) is not None and field in may_add(draft, nouns)
    ]
    tables.append(_table(draft, nouns))
    if draft.noun == "people" and draft.fills("account_key"):
        tables.append(_places(draft, nouns))
    return {"name": draft.name, "tables": tables}


def _reading(draft: Draft) -> dict[str, Any]:
    given = {"sheet": draft.sheet, "delimiter": draft.delimiter, "encoding": draft.encoding}
    return {"file": draft.file, **{name: value for name, value in given.items() if value}}


def _table(draft: Draft, nouns: Nouns) -> dict[str, Any]:
    table: dict[str, Any] = {"noun": draft.noun, **_reading(draft)}
    if draft.noun == "events":
        table |= {"source": draft.source, **({"product": draft.product} if draft.product else {})}
    own = {one.name for one in nouns[draft.noun]}
    fields = {name: rule for name, rule in _rules(draft, nouns).items() if name in own}
    kept = [one for one in draft.columns if one.field == PROPERTY]
    if kept and takes_properties(draft.noun, nouns):
        fields["props"] = {"columns": [one.column for one in kept]}
    unique = _key_column(draft)
    if unique and draft.unique:
        table["unique"] = unique
    table["fields"] = fields
    types = _types(draft)
    return {**table, "types": types} if types else table


def _key_column(draft: Draft) -> str:
    """The one column that tells the rows apart, or nothing."""
    for name in ("key", "code"):
        column, filler = draft.of(name), draft.filler(name)
        if column is not None:
            return column.column
        if filler is not None and len(filler.columns) == 1:
            return filler.columns[0]
    return ""


def _rules(draft: Draft, nouns: Nouns) -> dict[str, Any]:
    """Field → where its value comes from, in the noun's order."""
    found: dict[str, Any] = {}
    for name, spec in fields_for(draft.noun, nouns).items():
        column, filler = draft.of(name), draft.filler(name)
        if column is not None:
            found[name] = _from_column(column, spec)
        elif filler is not None:
            found[name] = _from_filler(filler)
    return found


def _from_column(one: ColumnDraft, spec: FieldSpec) -> Any:
    if spec.kind == "decimal" and (one.months != 1 or one.times != 1) and spelled(one.column):
        amount = spelled(one.column)
        amount += f" * {float(one.times)}" if one.times != 1 else ""
        return {"cel": amount + (f" / {float(one.months)}" if one.months != 1 else "")}
    rule: dict[str, Any] = {"column": one.column}
    if one.format and spec.kind != "text":
        rule["format"] = one.format
    values = {cell: choice for cell, choice in one.values.items() if choice and cell != choice}
    if values:
        rule["map"] = values
    return rule if len(rule) > 1 else one.column


def _from_filler(one: Filled) -> Any:
    if not one.columns:
        return {"const": one.const}
    if one.const:
        return {"cel": f'{spelled(one.columns[0])} != "" ? "{one.const}" : ""'}
    if len(one.columns) == 1:
        return one.columns[0]
    return {"cel": ' + "|" + '.join(f"string({spelled(column)})" for column in one.columns)}


def _types(draft: Draft) -> dict[str, Any]:
    """Columns that expressions and properties see as numbers."""
    found: dict[str, Any] = {}
    for one in draft.columns:
        scaled = one.field not in ("", PROPERTY) and (one.months != 1 or one.times != 1)
        if scaled or (one.field == PROPERTY and one.format):
            grouped = one.format if one.format != NUMBER else ""
            found[one.column] = {"kind": "decimal", "format": grouped} if grouped else "decimal"
    return found


def _added(draft: Draft, field: str, nouns: Nouns) -> dict[str, Any]:
    """The table that adds the rows which `field` names: one for each value that is not stored under a key of its own."""
    one, noun = draft.of(field), REFERENCES[field]
    assert one is not None
    key = KEYS[noun]
    fields: dict[str, Any] = {key: one.column}
    if any(spec.name == "name" and spec.required for spec in nouns[noun]):
        fields["name"] = one.column
    table: dict[str, Any] = {"noun": noun, **_reading(draft), "distinct": one.column, "fields": fields}
    stored = ", ".join(
        f'"{cell}"' for cell in one.values if not re.search(r'["\\]', cell) and cell.isprintable()
    )
    if stored and spelled(one.column):
        table["skip"] = f"{spelled(one.column)} in [{stored}]"
    return table


def _places(draft: Draft, nouns: Nouns) -> dict[str, Any]:
    """Where each person of the file works."""
    rules = _rules(draft, nouns)
    fields = {"person_key": rules["key"]} if "key" in rules else {}
    fields |= {name: rules[name] for name in (*PLACE, "title") if name in rules}
    return {"noun": "memberships", **_reading(draft), "fields": fields}


def spelled(column: str) -> str:
    """A column in an expression, or nothing for a name that cannot be written there: one with both kinds of quotation marks,
    or with one of them and letters that are written with \\."""
    written = json.dumps(column, ensure_ascii=False)[1:-1].replace('\\"', '"')
    if ('"' in column and "'" in column) or (written != column and ('"' in column or "'" in column)):
        return ""
    mark = "'" if '"' in column else '"'
    return f"row[{mark}{written}{mark}]"


def code_of(text: str) -> str:
    """A word of small letters, digits and - for a file's name, without the day or number at its end; the same for the same
    name in any alphabet."""
    stem = re.sub(r"[\W\d_]+$", "", text) or text
    found = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:48].strip("-")
    return (
        found if found and stem.isascii() else "-".join((found or "file", f"{zlib.crc32(stem.encode()):08x}"))
    )
