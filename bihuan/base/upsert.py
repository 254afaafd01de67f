"""Storing many rows by their external key: what is new is created, what differs is updated, the rest is left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from bihuan.base.bus import kept
from bihuan.base.importing import ImportCount, References, Rejected, Row

BATCH = 500


def upsert(
    *,
    model: type[models.Model],
    rows: Sequence[Row],
    key: Sequence[str],
    refs: Mapping[str, tuple[str, References]] | None = None,
    required: Sequence[str] = (),
    at: datetime | None = None,
    parent: tuple[str, str] | None = None,
    keep: Sequence[str] = (),
) -> ImportCount:
    """Store `rows` as `model`, matched on the model fields `key`; call it inside a transaction.

    `refs` maps an input column to (foreign-key field, look-up of external keys); a key that is not found
    rejects the row with the field and value. `parent` = (input column, field) is a reference to the same
    model by key, which may stand later in the same batch. Columns that a row does not have are not touched,
    nor are those of `keep` on a row that is stored already.
    """
    count = ImportCount()
    wanted = _resolved(rows=rows, refs=refs or {}, required=(*key, *required), parent=parent, count=count)
    key_attributes = [model._meta.get_field(name).attname for name in key]  # type: ignore[union-attr]
    existing = _existing(model=model, wanted=wanted, key=key_attributes)
    created: dict[tuple[Any, ...], models.Model] = {}
    changed: dict[int, models.Model] = {}
    touched: set[str] = set()
    stamps = (
        {field.name for field in model._meta.get_fields()} & {"created_at", "updated_at"} if at else set()
    )
    for index, values in wanted:
        identity = tuple(_plain(values.get(name)) for name in key_attributes)
        row = existing.get(identity) or created.get(identity)
        if row is None:
            row = model(**values, **dict.fromkeys(stamps, at))
            if _refused(row, index, count):
                continue
            created[identity] = row
            count.created += 1
            continue
        before = {name: getattr(row, name) for name in values if name not in keep}
        differing = [name for name, old in before.items() if not _same(model, name, old, values[name])]
        for name in differing:
            setattr(row, name, values[name])
        if differing and _refused(row, index, count):
            for name in differing:
                setattr(row, name, before[name])
        elif differing:
            if "updated_at" in stamps:
                row.updated_at = at  # type: ignore[attr-defined]
                touched.add("updated_at")
            if row.pk:
                changed[row.pk] = row
                held = count.before.setdefault(row.pk, {})
                held |= {name: kept(before[name]) for name in differing if name not in held}
            touched.update(differing)
            count.updated += 1
        else:
            count.unchanged += 1
    model._default_manager.bulk_create(created.values(), batch_size=BATCH)
    if changed:
        model._default_manager.bulk_update(
            changed.values(), [_field_name(model, name) for name in sorted(touched)], batch_size=BATCH
        )
    if parent:
        _link_parents(model=model, rows=rows, key=key[0], parent=parent, count=count)
    return count


def _resolved(
    *,
    rows: Sequence[Row],
    refs: Mapping[str, tuple[str, References]],
    required: Sequence[str],
    parent: tuple[str, str] | None,
    count: ImportCount,
) -> list[tuple[int, Row]]:
    """Rows with external keys replaced by ids; those that cannot be are rejected by name."""
    found = {
        column: look_up({str(row[column]) for row in rows if row.get(column) not in (None, "")})
        for column, (_field, look_up) in refs.items()
    }
    wanted = []
    for index, row in enumerate(rows):
        values = {
            name: value
            for name, value in row.items()
            if name not in refs and not (parent and name == parent[0])
        }
        problem = None
        for column, (field, _look_up) in refs.items():
            if column not in row:
                continue
            external = row[column]
            if external in (None, ""):
                values[f"{field}_id"] = None
            elif str(external) in found[column]:
                values[f"{field}_id"] = found[column][str(external)]
            else:
                problem = Rejected(
                    index=index,
                    field=column,
                    value=str(external),
                    reason="nothing with this key is stored; import it first, or leave the field out",
                )
        for name in required:
            if problem is None and values.get(name, values.get(f"{name}_id")) in (None, ""):
                problem = Rejected(index=index, field=name, value="", reason="a value is required")
        if problem:
            count.rejected.append(problem)
        else:
            wanted.append((index, values))
    return wanted


def _existing(
    *, model: type[models.Model], wanted: list[tuple[int, Row]], key: Sequence[str]
) -> dict[tuple[Any, ...], models.Model]:
    """Stored rows by identity, fetched in chunks by the first part of the key."""
    firsts = sorted({values[key[0]] for _index, values in wanted}, key=str)
    found = {}
    for start in range(0, len(firsts), BATCH):
        chunk = model._default_manager.filter(**{f"{key[0]}__in": firsts[start : start + BATCH]})
        for row in chunk:
            found[tuple(_plain(getattr(row, name)) for name in key)] = row
    return found


def _link_parents(
    *, model: type[models.Model], rows: Sequence[Row], key: str, parent: tuple[str, str], count: ImportCount
) -> None:
    """Second pass for references inside the same noun."""
    column, field = parent
    links = {str(row[key]): str(row[column]) for row in rows if row.get(column) and row.get(key)}
    if not links:
        return
    names = sorted(set(links) | set(links.values()))
    ids: dict[str, int] = {}
    current: dict[str, int | None] = {}
    for start in range(0, len(names), 900):
        chunk = model._default_manager.filter(**{f"{key}__in": names[start : start + 900]})
        for name, pk, parent_id in chunk.values_list(key, "pk", f"{field}_id"):
            ids[name], current[name] = pk, parent_id
    for child, above in links.items():
        if child not in ids:
            continue
        if above not in ids or above == child:
            index = next(i for i, row in enumerate(rows) if str(row.get(key)) == child)
            count.rejected.append(
                Rejected(
                    index=index, field=column, value=above, reason="the row is stored without it: no such key"
                )
            )
        elif current[child] != ids[above]:
            model._default_manager.filter(pk=ids[child]).update(**{f"{field}_id": ids[above]})


def _refused(row: models.Model, index: int, count: ImportCount) -> bool:
    """Whether the model's own validation refuses the row; the reasons are kept."""
    try:
        row.clean_fields(exclude=[f.name for f in row._meta.fields if f.is_relation])
        row.clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            count.rejected.append(
                Rejected(
                    index=index, field=name, value=str(getattr(row, name, "")), reason=" ".join(messages)
                )
            )
        return True
    return False


def _same(model: type[models.Model], name: str, old: Any, new: Any) -> bool:
    """Equality as the column stores it (a string that means the stored decimal is equal to it)."""
    if old == new:
        return True
    try:
        field = model._meta.get_field(_field_name(model, name))
        return bool(not field.is_relation and field.to_python(new) == old)  # type: ignore[union-attr]
    except (ValidationError, TypeError, ValueError):
        return False


def _field_name(model: type[models.Model], name: str) -> str:
    return next((f.name for f in model._meta.fields if name in (f.name, f.attname)), name)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (int, type(None))) else str(value)
