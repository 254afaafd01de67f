"""Reading a mapping file and holding it against nouns, files and columns before anything is written."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from bihuan.base.access import Actor, Reach
from bihuan.base.importing import Field, noun, nouns
from bihuan.base.rules import RuleError, names_in
from bihuan.capture.imports.actions.events import EVENT_FIELDS, PERMISSION
from bihuan.capture.imports.actions.files import FileRefused, find, header
from bihuan.capture.imports.actions.rows import columns_named
from bihuan.capture.imports.rules import FieldRule, MappingRefused, MappingRules, TableRules, parse_mapping

LARGEST = 1_000_000  # characters
SOURCE_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,58}")


class Words(yaml.SafeLoader):
    """YAML in which only true and false are booleans (a column may be called no), without aliases."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Refuse aliases: a few of them can stand for gigabytes."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed; write the part out")
        return super().compose_node(parent, index)


Words.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Words.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$"), list("tTfF")
)


def load_mapping(path: Path) -> MappingRules:
    """The rules of a mapping file; MappingRefused says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MappingRefused([f"there is no mapping file {path}"]) from None
    except IsADirectoryError:
        raise MappingRefused(
            [f"{path} is a folder; name the mapping file in it, such as {path}/mapping.yaml"]
        ) from None
    except (UnicodeDecodeError, OSError) as error:
        raise MappingRefused([f"{path.name} cannot be read: {error}; save it as UTF-8 text"]) from None
    if len(text) > LARGEST:
        raise MappingRefused([f"{path.name} has {len(text):,} characters; a mapping has at most {LARGEST:,}"])
    try:
        document = yaml.load(text, Loader=Words)  # noqa: S506  a SafeLoader
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise MappingRefused([f"{path.name} is not YAML: {error}"]) from None
    return parse_mapping(document, origin=path.name)


def fields_of(name: str) -> tuple[Field, ...]:
    """The fields of a noun; LookupError for one that cannot be imported."""
    return EVENT_FIELDS if name == "events" else noun(name).fields


def permission_of(name: str) -> str:
    """What one must be allowed to do to import this noun."""
    return PERMISSION if name == "events" else noun(name).permission


def check_mapping(*, mapping: MappingRules, folder: Path, by: Actor) -> dict[str, list[str]]:
    """All that can be known without reading rows; returns the columns of each table that nothing uses."""
    problems: list[str] = []
    unused: dict[str, list[str]] = {}
    headers: dict[str, list[str]] = {}
    if by.reach != Reach.ALL:
        problems.append(
            f"{by.name} sees a part of the customers; importing needs the territory of all of them"
        )
    for number, table in enumerate(mapping.tables, start=1):
        place = f"{mapping.name}, table {number} ({table.id})"
        if table.noun != "events" and table.noun not in nouns():
            problems.append(f"{place}: nothing called {table.noun!r} can be imported; there is: events, "
                            f"{', '.join(sorted(nouns()))}")  # fmt: skip
            continue
        if not by.may(permission_of(table.noun)):
            problems.append(
                f"{place}: {by.name} may not import {table.noun}; it needs {permission_of(table.noun)}"
            )
        problems += [f"{place}, {problem}" for problem in _against_noun(table)]
        try:
            found = [header(path, table) for path in find(table=table, folder=folder)]
        except (FileRefused, MappingRefused) as error:
            problems.append(f"{place}: {error}")
            continue
        headers[table.id] = found[0]
        if any(set(other) != set(found[0]) for other in found[1:]):
            problems.append(
                f"{place}: its files have different columns; give each kind of file its own table"
            )
        problems += [f"{place}, {problem}" for problem in _against_columns(table, headers)]
        unused[table.id] = sorted(set(found[0]) - columns_used(table, mapping.tables) - {""})
    if problems:
        raise MappingRefused(problems)
    return unused


def columns_used(table: TableRules, tables: Sequence[TableRules]) -> set[str]:
    """The columns of `table` that a field, rule or look-up reads, from here or from a later table."""
    used = {column for rule in table.fields for column in rule.reads()}
    used |= {*table.unique, *table.distinct, *(lookup.by for lookup in table.lookups)}
    for _, text in table.expressions():
        used |= columns_named(text, "row")
    for key, columns in columns_kept(table, tables).items():
        used |= {key, *columns}
    return used


def columns_kept(table: TableRules, tables: Sequence[TableRules]) -> dict[str, set[str]]:
    """Key column → columns of `table` that other tables look up by it."""
    kept: dict[str, set[str]] = {}
    for other in tables:
        for lookup in other.lookups:
            if lookup.table == table.id:
                columns = kept.setdefault(lookup.key, set())
                columns |= {
                    c.partition(".")[2]
                    for r in other.fields
                    for c in r.reads()
                    if c.startswith(f"{lookup.name}.")
                }
                for _, text in other.expressions():
                    columns |= columns_named(text, lookup.name)
    return kept


def _against_noun(table: TableRules) -> list[str]:
    """Unknown fields, required ones without a rule, constants that are no choice, bad expressions."""
    fields = {field.name: field for field in fields_of(table.noun)}
    problems = [
        f"field {rule.name}: {table.noun} has no such field; there is: {', '.join(fields)}"
        for rule in table.fields
        if rule.name not in fields
    ]
    given = {rule.name for rule in table.fields}
    problems += [
        f"field {name}: it is required and not mapped"
        for name, f in fields.items()
        if f.required and name not in given
    ]
    if table.noun == "events":
        if not table.source or not SOURCE_CODE.fullmatch(str(table.source)):
            problems.append("source: events need a `source`: a word of small letters, digits, - and _")
    elif table.source or table.product:
        problems.append("`source` and `product` belong to the noun events")
    for rule in table.fields:
        problems += [
            f"field {rule.name}: {problem}" for problem in _against_field(rule, fields.get(rule.name))
        ]
    known = {"row", "line", *(lookup.name for lookup in table.lookups)}
    for place, text in table.expressions():
        try:
            unknown = names_in(str(text)) - known
        except RuleError as error:
            problems.append(f"{place}: {error}")
            continue
        if unknown:
            readable = ", ".join(f"{name}.<column>" for name in ["row", *sorted(known - {"row", "line"})])
            problems.append(f"{place}: unknown name {min(unknown)!r}; an expression reads {readable} or line")
    return problems


def _against_field(rule: FieldRule, field: Field | None) -> list[str]:
    if field is None:
        return []
    problems = []
    if rule.columns is not None and field.kind != "json":
        problems.append(f"`columns` makes an object, and the field is {field.kind}; use `column` or `cel`")
    if rule.plus is not None and field.kind not in ("date", "datetime"):
        problems.append(f"`plus` adds to a date or time, and the field is {field.kind}")
    if field.choices is not None:
        targets = [*(rule.map or {}).values(), rule.const, rule.default]
        problems += [
            f"{value!r} is not one of {', '.join(field.choices)}"
            for value in targets
            if value not in (None, "") and str(value) not in field.choices
        ]
    return problems


def _against_columns(table: TableRules, headers: Mapping[str, Sequence[str]]) -> list[str]:
    """Columns that are named and not there, in fields, keys, types and expressions."""
    here = set(headers[table.id])
    places = [(f"field {rule.name}", column) for rule in table.fields for column in rule.reads()]
    places += [("unique", column) for column in table.unique] + [
        ("distinct", column) for column in table.distinct
    ]
    places += [("types", column) for column in table.types]
    places += [(f"lookup {lookup.name}", lookup.by) for lookup in table.lookups]
    for place, text in table.expressions():
        places += [(place, column) for column in columns_named(str(text), "row")]
        for lookup in table.lookups:
            places += [(place, f"{lookup.name}.{column}") for column in columns_named(str(text), lookup.name)]
    places += [(f"lookup {lookup.name}", f"{lookup.name}.{lookup.key}") for lookup in table.lookups]
    there = {
        f"{lookup.name}.{column}" for lookup in table.lookups for column in headers.get(lookup.table, ())
    }
    problems = []
    for place, column in places:
        if column not in here and column not in there:
            name = column.partition(".")[0]
            looked_up = next((one for one in table.lookups if one.name == name), None)
            known = headers.get(looked_up.table, ()) if looked_up else headers[table.id]
            problems.append(
                f"{place}: there is no column {column!r}; the file has: {', '.join(filter(None, known))}"
            )
    return problems
