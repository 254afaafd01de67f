"""A file → a draft of its mapping: how the file is written, its first rows, what may be imported, what is stored already."""

import codecs
import gzip
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from bihuan.base.access import Actor
from bihuan.base.importing import nouns, references
from bihuan.capture.imports.actions.events import EVENT_FIELDS, PERMISSION
from bihuan.capture.imports.actions.files import FileRefused, header, read, sheets
from bihuan.capture.imports.actions.labels import field_label, noun_label, reason
from bihuan.capture.imports.rules import TableRules
from bihuan.capture.imports.rules.draft import (
    PROPERTY,
    ColumnDraft,
    Draft,
    FieldSpec,
    Nouns,
    Why,
    document,
    missing,
)
from bihuan.capture.imports.rules.guess import draft_mapping
from bihuan.capture.imports.rules.mapping import ENDINGS
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region, Team

FIRST_ROWS = 1_000
MOST_COLUMNS = 300
MOST_NAMES = 5_000  # of customers, in one file
LOOKED_AT = 65_536  # bytes, for the encoding
DELIMITERS = (",", "\t", ";", "|")


@dataclass(frozen=True, kw_only=True)
class Look:
    """The first rows of a file: heading → cells, and how it has to be read (empty where the mapping's defaults do)."""

    columns: dict[str, list[Any]]
    sheets: list[str]
    sheet: str = ""
    delimiter: str = ""
    encoding: str = ""


def look(path: Path, *, sheet: str = "", rows: int = FIRST_ROWS) -> Look:
    """Read the first rows: of the sheet called so, else of the first that holds a table. FileRefused says what is wrong."""
    if not path.name.lower().endswith(ENDINGS):
        raise FileRefused(f"{path.name} is no table that can be read; a file ends in {', '.join(ENDINGS)}")
    names = sheets(path)
    delimiter, encoding = _written(path)
    if not names:
        return Look(
            columns=_first_rows(path, "", delimiter, encoding, rows),
            sheets=[],
            delimiter=delimiter,
            encoding=encoding,
        )
    refused: FileRefused | None = None
    first: Look | None = None
    for name in [sheet] if sheet in names else names:
        try:
            found = Look(columns=_first_rows(path, name, "", "", rows), sheets=names, sheet=name)
        except FileRefused as error:
            refused = refused or error
            continue
        if len(found.columns) > 1 and any(found.columns.values()):
            return found
        first = first or found
    if first is None:
        raise refused or FileRefused(f"{path.name}: it has no sheet")
    return first


def _first_rows(path: Path, sheet: str, delimiter: str, encoding: str, rows: int) -> dict[str, list[Any]]:
    table = _reading(path, sheet, delimiter, encoding)
    headings = [name for name in header(path, table) if name]
    if len(headings) > MOST_COLUMNS:
        raise FileRefused(
            f"{path.name}: it has {len(headings):,} columns; a draft is made for {MOST_COLUMNS} at most: leave out those that"
            " nobody needs, or write a mapping file"
        )
    batch = next(read(path, table, size=rows), None)
    return {name: list((batch.columns if batch else {}).get(name, [])) for name in headings}


def _reading(path: Path, sheet: str, delimiter: str, encoding: str) -> TableRules:
    """How the file is read."""
    usual = "\t" if ".tsv" in path.name.lower() else ","
    return TableRules(
        id="draft", noun="", files=(path.name,), fields=(), sheet=sheet or None, delimiter=delimiter or usual,
        encoding=encoding or "utf-8-sig",
    )  # fmt: skip


def _written(path: Path) -> tuple[str, str]:
    """Delimiter and encoding of a text file, empty where they are the usual ones."""
    name = path.name.lower()
    if not name.removesuffix(".gz").endswith((".csv", ".tsv", ".jsonl")):
        return "", ""
    try:
        with gzip.open(path) if name.endswith(".gz") else path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefused(f"{path.name}: the file cannot be read: {error}") from None
    encoding = _encoding(start)
    if name.removesuffix(".gz").endswith(".jsonl"):
        return "", encoding
    first = start.decode(encoding or "utf-8-sig", "replace").splitlines()[:1]
    usual = "\t" if ".tsv" in name else ","
    counted = {mark: sum(line.count(mark) for line in first) for mark in DELIMITERS}
    best = max(counted, key=lambda mark: (counted[mark], mark == usual))
    return (best if counted[best] and best != usual else ""), encoding


def _encoding(start: bytes) -> str:
    """Empty for UTF-8; what Excel saves in China is GB 18030, its "Unicode text" UTF-16."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(start)
    except UnicodeDecodeError:
        return "gb18030"
    return ""


def nouns_for(by: Actor) -> dict[str, list[FieldSpec]]:
    """The fields of what this actor may import, by noun."""
    found = {name: one.fields for name, one in nouns().items() if by.may(one.permission)}
    if by.may(PERMISSION):
        found["events"] = EVENT_FIELDS
    return {
        name: [
            FieldSpec(
                name=one.name,
                kind=one.kind,
                required=one.required,
                choices=tuple(map(str, one.choices)) if one.choices is not None else None,
            )
            for one in fields
        ]
        for name, fields in found.items()
    }


def stored_keys() -> dict[str, dict[str, str]]:
    """For a field that names regions, products, teams or colleagues: how a file may call a stored one → its key. A name that
    two of them have names neither."""
    staff = _called(get_user_model()._default_manager.values_list("key", "username", "name"))
    by_code = {
        name: _called(model._default_manager.values_list("code", "name"))
        for name, model in (("region_code", Region), ("product_code", Product), ("team_code", Team))
    }
    return {**by_code, "assignee_key": staff, "staff_key": staff}


def _called(rows: Iterable[tuple[str | None, ...]]) -> dict[str, str]:
    """What just one is called → its key, from (key, other names…); a key means itself, whoever else is called so."""
    keys: dict[str, set[str]] = {}
    stored = [(key, called) for key, *called in rows if key]
    for key, called in stored:
        for text in filter(None, called):
            keys.setdefault(text, set()).add(key)
    alone = {text: found.pop() for text, found in keys.items() if len(found) == 1}
    return alone | {key: key for key, _names in stored}


def draft_of_file(
    path: Path, *, by: Actor, noun: str = "", sheet: str = "", seen: Look | None = None
) -> Draft:
    """The draft of a file's mapping, for what this actor may import; FileRefused when there is nothing to draft."""
    seen = seen or look(path, sheet=sheet)
    products = list(Product.objects.values_list("name", flat=True)[:2])
    try:
        draft = draft_mapping(
            file=path.name, columns=seen.columns, nouns=nouns_for(by), noun=noun, known=stored_keys(),
            product=products[0] if len(products) == 1 else "", sheet=seen.sheet, delimiter=seen.delimiter,
            encoding=seen.encoding,
        )  # fmt: skip
    except ValueError as error:
        raise FileRefused(f"{path.name}: {error}") from None
    return with_names(draft, path)


def with_names(draft: Draft, path: Path) -> Draft:
    """The draft with the keys of customers whom the file names by their name, where just one is called so."""
    one = draft.of("account_key")
    if one is None or one.values:
        return draft
    seen = {_plain(cell) for cell in look(path, sheet=draft.sheet).columns.get(one.column, ())} - {""}
    if not _keys_of(seen):
        return draft
    table = _reading(path, draft.sheet, draft.delimiter, draft.encoding)
    for batch in read(path, table):
        seen |= {_plain(cell) for cell in batch.columns.get(one.column, ())} - {""}
        if len(seen) > MOST_NAMES:
            return draft
    named = replace(one, values=_keys_of(seen), why=(*one.why, Why(code="by_name")))
    return replace(draft, columns=tuple(named if other is one else other for other in draft.columns))


def _keys_of(texts: set[str]) -> dict[str, str]:
    """Name → key of the customers who are called so, alone, where no customer has the text as key."""
    unknown = texts - set(references(queryset=Account.objects)(texts))
    found: dict[str, list[str]] = {}
    ordered = sorted(unknown)
    for start in range(0, len(ordered), 900):
        rows = Account.objects.filter(name__in=ordered[start : start + 900]).values_list("name", "key")
        for name, key in rows:
            found.setdefault(name, []).append(key)
    return {name: keys[0] for name, keys in found.items() if len(keys) == 1 and keys[0]}


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell)


def from_kept(kept: Draft, *, name: str, drafted: Draft) -> Draft | None:
    """A kept mapping for the file of `drafted`: nothing when a column that it reads is not there. Columns that it does not
    know are left out."""
    here = {one.column for one in drafted.columns}
    reads = {one.column for one in kept.columns if one.field} | {
        c for one in kept.filled for c in one.columns
    }
    if not reads <= here:
        return None
    known = {one.column: one for one in kept.columns}
    reasons = (Why(code="kept", about={"name": name}),)
    return replace(
        kept, file=drafted.file, sheet=drafted.sheet, delimiter=drafted.delimiter, encoding=drafted.encoding,
        columns=tuple(
            _kept_column(known.get(one.column, ColumnDraft(column=one.column, why=one.why)), reasons)
            for one in drafted.columns
        ),
    )  # fmt: skip


def _kept_column(one: ColumnDraft, reasons: tuple[Why, ...]) -> ColumnDraft:
    """A kept column; the keys of customers are looked up anew for each file."""
    values = {} if one.field == "account_key" else one.values
    return replace(one, values=values, why=reasons if one.field else one.why)


def mapping_text(draft: Draft, all_nouns: Nouns) -> str:
    """The mapping file of a draft, with the reasons as comments above it."""
    lines = [f"# {noun_label(draft.noun)}: {draft.file}"]
    for one in draft.columns:
        target = "props" if one.field == PROPERTY else one.field or "—"
        why = " ".join(reason(why, noun=draft.noun) for why in one.why)
        lines.append(f"#   {one.column} → {target}: {why}")
    lines += [
        f"#   {one.field}: {' '.join(reason(why, noun=draft.noun) for why in one.why)}"
        for one in draft.filled
        if one.why
    ]
    lines += [
        "# "
        + _("Needed, and nothing fills it: %(field)s")
        % {"field": f"{name} ({field_label(draft.noun, name)})"}
        for name in missing(draft, all_nouns)
    ]
    body = yaml.safe_dump(document(draft, all_nouns), allow_unicode=True, sort_keys=False, width=110)
    return "\n".join(map(_one_line, lines)) + "\n" + body


def _one_line(text: str) -> str:
    """A comment that ends where it should, whatever a file or a column is called."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
