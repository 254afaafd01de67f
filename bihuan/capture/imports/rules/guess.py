"""What a file holds, guessed from its name, its headings and its first rows: the noun, a field for each column, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bihuan.capture.imports.rules.amounts import currency_of, months_of, times_of
from bihuan.capture.imports.rules.draft import (
    NUMBER,
    PLACE,
    PROPERTY,
    REFERENCES,
    ColumnDraft,
    Draft,
    FieldSpec,
    Filled,
    Nouns,
    Why,
    code_of,
    fields_for,
    may_add,
    spelled,
    takes_properties,
)
from bihuan.capture.imports.rules.values import MOST, Shape, shape_of
from bihuan.capture.imports.rules.words import FIELD_WORDS, FILE_WORDS, choice_of, heading

Columns = Mapping[str, Sequence[Any]]
Known = Mapping[str, Mapping[str, str]]

#: A word found inside a heading counts by its share of it; less than this is chance.
ENOUGH = 0.5
RECOGNISED = 2.5  # what a file must be worth as a noun, or its name decides
#: Required fields that can be made from others.
MADE: Mapping[str, tuple[str, ...]] = {
    "accounts": ("key",), "people": ("key",), "contract_lines": ("key",), "tickets": ("key",), "events": ("event_id", "name"),
    "products": ("code", "name"), "regions": ("code", "name"), "teams": ("code", "name"),
    "staff": ("key",),
}  # fmt: skip
KEYS_OF_ROWS = ("key", "code", "event_id")
VALUES_SHOWN = 40


def draft_mapping(
    *, file: str, columns: Columns, nouns: Nouns, noun: str = "", known: Known | None = None, product: str = "",
    sheet: str = "", delimiter: str = "", encoding: str = "",
) -> Draft:  # fmt: skip
    """The draft for a file whose first rows are `columns` (heading → cells); `noun` when it is known.

    `nouns`: what may be imported, by name. `known`: for a field that names stored rows, how a file may call them → their
    key. Headings that are empty are passed over. ValueError when there is nothing to import or no heading.
    """
    columns = {name: cells for name, cells in columns.items() if name}
    if not nouns or not columns:
        raise ValueError("there is nothing to draft: no column has a heading, or nothing may be imported")
    shapes = {name: shape_of(cells) for name, cells in columns.items()}
    chosen = noun if noun in nouns else likeliest_noun(file=file, shapes=shapes, nouns=nouns)
    found = _assigned(chosen, shapes, nouns, known or {})
    stem = Path(file).name.split(".")[0]
    draft = Draft(
        name=stem or "import", noun=chosen, file=file, sheet=sheet, delimiter=delimiter, encoding=encoding,
        columns=tuple(_column(name, shapes[name], found.get(name), chosen, columns, found, nouns, known or {})
                      for name in columns),
        source=code_of(stem) if chosen == "events" else "", product=product if chosen == "events" else "",
    )  # fmt: skip
    return replace(
        draft, filled=filled_for(draft, shapes, nouns, stem), also=also_for(draft, shapes, known or {}, nouns)
    )


def likeliest_noun(*, file: str, shapes: Mapping[str, Shape], nouns: Nouns) -> str:
    """The noun whose fields the columns fill best; the first of them when several do."""
    ordered = [*(name for name in FIELD_WORDS if name in nouns), *(n for n in nouns if n not in FIELD_WORDS)]
    scores = {name: _how_well(name, file, shapes, nouns) for name in ordered}
    best = max(ordered, key=lambda name: scores[name])
    return (
        best
        if scores[best] >= RECOGNISED
        else next(filter(lambda name: _named(name, file), ordered), ordered[0])
    )


def _named(noun: str, file: str) -> bool:
    title = heading(file)
    return any(word in title for word in FILE_WORDS.get(noun, ()))


def _how_well(noun: str, file: str, shapes: Mapping[str, Shape], nouns: Nouns) -> float:
    """Required fields count three times; one that is missing and cannot be made takes more than it would give."""
    fields = fields_for(noun, nouns)
    filled = {field: score for field, score, _why in _assigned(noun, shapes, nouns, {}).values()}
    worth = sum(score * (3 if _needed(noun, fields[name]) else 1) for name, score in filled.items())
    lacking = [name for name, one in fields.items() if one.required and name not in filled]
    made = MADE.get(noun, ())
    worth -= sum(1 if name in made and len(filled) else 4 for name in lacking)
    return worth + (4 if _named(noun, file) else 0)


def _needed(noun: str, field: FieldSpec) -> bool:
    return field.required or (noun == "people" and field.name in PLACE[:2])


Assigned = dict[str, tuple[str, float, Why]]  # column → field, how sure, why


def _assigned(noun: str, shapes: Mapping[str, Shape], nouns: Nouns, known: Known) -> Assigned:
    """The likeliest field of each column, each field once: the surest pair first."""
    pairs = []
    for place, (column, shape) in enumerate(shapes.items()):
        for order, (name, spec) in enumerate(fields_for(noun, nouns).items()):
            score, why = _alike(noun, name, column, shape)
            if score >= ENOUGH and fits(shape, spec) and _may_name(name, spec, shape, known, nouns):
                if name in KEYS_OF_ROWS and shape.distinct < shape.filled * 0.9:
                    score *= 0.5
                pairs.append((-score, order, place, column, name, why))
    found: Assigned = {}
    for score, _order, _place, column, name, why in sorted(pairs, key=lambda pair: pair[:3]):
        if column not in found and name not in {field for field, *_ in found.values()}:
            found[column] = (name, -score, why)
    return found


def _alike(noun: str, field: str, column: str, shape: Shape) -> tuple[float, Why]:
    """How sure it is that this column is this field, and why."""
    title = heading(column)
    words = FIELD_WORDS.get(noun, {}).get(field, ()) or (heading(field),)
    if title in words:
        return 1 - 0.01 * words.index(title) / len(words), Why(code="heading")
    # What names a row ends in such a word: 所属公司 may be a key, 公司规模 is none.
    found = (
        title.endswith if field in KEYS_OF_ROWS or field.endswith(("_key", "_code")) else title.__contains__
    )
    inside = [word for word in words if found(word) and len(word) >= (4 if word.isascii() else 2)]
    longest = max(inside, key=len, default="")
    score = 0.45 + 0.3 * len(longest) / len(title) if longest else 0.0
    if field == "email" and shape.email:
        return max(score, 0.9), Why(code="email")
    if field == "phone" and shape.mobile:
        return max(score, 0.7), Why(code="phone")
    if field == "ts" and shape.moment is not None and shape.clock and not shape.digits and shape.fits == 1:
        return max(score, ENOUGH), Why(code="moment") if score < ENOUGH else Why(
            code="part", about={"word": longest}
        )
    return score, Why(code="part", about={"word": longest})


def fits(shape: Shape, field: FieldSpec) -> bool:
    """Whether such cells can be values of the field; empty columns fit every one."""
    if not shape.filled:
        return True
    if field.choices is not None:
        texts = shape.texts[:VALUES_SHOWN]
        meant = [choice_of(text, field=field.name, choices=field.choices) for text in texts]
        return sum(map(bool, meant)) * 2 >= len(texts)
    if field.name in ("email", "phone"):
        return shape.email if field.name == "email" else shape.phone
    return {
        "date": shape.moment is not None,
        "datetime": shape.moment is not None,
        "int": shape.number is not None and shape.whole,
        "decimal": shape.number is not None,
        "bool": shape.boolean,
    }.get(field.kind, True)


def _may_name(name: str, spec: FieldSpec, shape: Shape, known: Known, nouns: Nouns) -> bool:
    """Whether the rows that it names are stored or can be added; a list that names others is left alone, unless the field is
    required."""
    addable = name in REFERENCES and REFERENCES[name] in nouns
    if addable or spec.required or name not in known:
        return True
    return all(text in known[name] for text in shape.texts)


def _column(
    name: str, shape: Shape, found: tuple[str, float, Why] | None, noun: str, columns: Columns, assigned: Assigned,
    nouns: Nouns, known: Known,
) -> ColumnDraft:  # fmt: skip
    """The draft of one column, with its format and its reasons."""
    if found is None:
        return _left(name, shape, noun, nouns, known, {field for field, *_ in assigned.values()})
    field, _score, why = found
    spec = fields_for(noun, nouns)[field]
    one = as_field(name, shape, spec, known=known)
    if field == "mrr":
        months, of_time = months_of(
            name, columns, {field: column for column, (field, *_rest) in assigned.items()}
        )
        one = replace(one, months=months, why=(*one.why, of_time))
    return replace(one, why=(why, *one.why))


def as_field(name: str, shape: Shape, spec: FieldSpec, *, known: Known | None = None) -> ColumnDraft:
    """The column as this field: its format, its values as choices or keys, and what to look at twice."""
    notes: list[Why] = []
    form, values = "", {}
    if spec.kind in ("date", "datetime"):
        form = shape.moment or ""
    elif spec.kind in ("int", "decimal"):
        form = shape.number or ""
        if not form and shape.currency:
            form = "1,234.56"
    stored = (known or {}).get(spec.name, {})
    if spec.choices is not None:
        values = {
            text: choice_of(text, field=spec.name, choices=spec.choices)
            for text in shape.texts[:VALUES_SHOWN]
        }
    elif stored:
        values = {text: stored[text] for text in shape.texts if text in stored}
    if spec.kind in ("date", "datetime") and shape.unsure:
        notes.append(Why(code="unsure"))
    if spec.kind not in ("text", "bool") and MOST <= shape.fits < 1:
        notes.append(Why(code="misfits", about={"share": f"{(1 - shape.fits) * 100:.0f}"}))
    if not shape.filled:
        notes.append(Why(code="empty"))
    times = times_of(name) if spec.name == "mrr" else 1
    return ColumnDraft(
        column=name, field=spec.name, format=form, times=times, values=values, why=tuple(notes)
    )


def _left(name: str, shape: Shape, noun: str, nouns: Nouns, known: Known, taken: set[str]) -> ColumnDraft:
    """A column that is no field: kept as a property where there are some, else not imported; and why it is no field."""
    why = Why(code="unknown")
    for field, spec in fields_for(noun, nouns).items():
        score, _ = _alike(noun, field, name, shape)
        if score < 0.9:
            continue
        if field in taken:
            why = Why(code="taken", about={"field": field})
        elif not fits(shape, spec):
            why = Why(code="unfit", about={"field": field})
        else:
            why = Why(code="not_stored", about={"field": field})
        break
    if not shape.filled:
        return ColumnDraft(column=name, why=(Why(code="empty"),))
    if not takes_properties(noun, nouns):
        return ColumnDraft(column=name, why=(why,))
    plain = shape.number is not None and shape.fits == 1.0 and not shape.boolean and not _is_code(shape)
    form = (shape.number or NUMBER) if plain else ""
    return ColumnDraft(column=name, field=PROPERTY, format=form, why=(why,))


def _is_code(shape: Shape) -> bool:
    """Numbers that name something: with a leading nought, or long."""
    return any(
        (len(t) > 1 and t[0] == "0" and t.isdigit()) or (len(t) > 9 and t.isdigit()) for t in shape.texts
    )


def filled_for(draft: Draft, shapes: Mapping[str, Shape], nouns: Nouns, stem: str) -> tuple[Filled, ...]:
    """What fills the required fields that have no column."""
    found = []
    for name, spec in fields_for(draft.noun, nouns).items():
        if draft.of(name) is None and (spec.required or name in ("currency", "state")):
            made = _made(draft, name, shapes, stem)
            if made is not None:
                found.append(made)
    return tuple(found)


def _made(draft: Draft, name: str, shapes: Mapping[str, Shape], stem: str) -> Filled | None:
    """A value for a field without a column: another column, several joined, or the same for all."""
    noun = draft.noun
    if name == "currency":
        amount = draft.of("mrr")
        mark = currency_of(amount.column, shapes[amount.column]) if amount else ""
        return (
            Filled(field=name, const=mark, why=(Why(code="currency", about={"currency": mark}),))
            if mark
            else None
        )
    if name == "state":
        solved = draft.of("resolved_at")
        if solved is None or not spelled(solved.column):
            return None
        return Filled(field=name, const="closed", columns=(solved.column,), why=(Why(code="solved"),))
    if (noun, name) == ("events", "name") and stem:
        return Filled(field=name, const=stem, why=(Why(code="file"),))
    if (noun, name) == ("contract_lines", "starts_on") and (signed := draft.of("signed_on")):
        return Filled(
            field=name, columns=(signed.column,), why=(Why(code="same", about={"column": signed.column}),)
        )
    if name not in MADE.get(noun, ()):
        return None
    single = {
        "accounts": ("name",),
        "staff": ("name",),
        "people": ("email", "phone"),
        "contract_lines": ("contract_key",),
    }
    if name in ("code", "name"):
        single[noun] = ("name", "code")
    for other in single.get(noun, ()):
        one = draft.of(other)
        if one is not None and (shapes[one.column].unique or noun not in ("people", "contract_lines")):
            return Filled(
                field=name, columns=(one.column,), why=(Why(code="same", about={"column": one.column}),)
            )
    return _joined(draft, name, shapes)


JOINED = 10  # columns at most
#: The fields which together tell one row from another.
TELLING = {
    "people": ("name", "account_key"), "contract_lines": ("contract_key", "account_key", "starts_on", "product_code", "name"),
    "tickets": ("account_key", "opened_at", "subject"),
    "events": ("ts", "person_key", "distinct_id", "account_key", "name", PROPERTY),
}  # fmt: skip


def _joined(draft: Draft, name: str, shapes: Mapping[str, Shape]) -> Filled | None:
    """Columns without an empty cell that tell the rows apart, joined: the same row of a later file gets the same key."""
    columns = []
    for field in TELLING.get(draft.noun, ()):
        columns += [
            one.column
            for one in draft.columns
            if one.field == field
            and shapes[one.column].full
            and spelled(one.column)
            and _short(shapes[one.column])
        ]
    if len(columns) < 2:
        return None
    return Filled(field=name, columns=tuple(columns[:JOINED]), why=(Why(code="joined"),))


def _short(shape: Shape) -> bool:
    return max(map(len, shape.texts), default=0) <= 60


def also_for(draft: Draft, shapes: Mapping[str, Shape], known: Known, nouns: Nouns) -> tuple[str, ...]:
    """The fields whose values are not all stored; people may always be new."""
    found = []
    for field in may_add(draft, nouns):
        one = draft.of(field)
        stored = known.get(field, {})
        if one is not None and (
            REFERENCES[field] == "people" or not all(text in stored for text in shapes[one.column].texts)
        ):
            found.append(field)
    return tuple(found)
