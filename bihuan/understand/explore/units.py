"""Questions about accounts and people as they are: one row a unit within the territory, then pure arithmetic."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.base.access import Actor
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.explore.reach import PERSON_COLUMNS, SEGMENT_COLUMNS, reach_of
from bihuan.understand.metrics.queries import values_as_of

ACCOUNT_FIELDS = (*SEGMENT_COLUMNS, "signed_up_on")


def units_of(*, unit: str, fields: Iterable[str], segment: str | None, day: date, actor: Actor) -> pa.Table:
    """`unit` (id), `account` (id, may be null), and each field under its own name.

    A field is account.<name>, person.<name> (of the model, or imported) or m.<measure> as of the day; a person has the
    fields of the account it belongs to on that day. QuestionError for a measure or property that there is not.
    """
    ids = _ids(unit, segment=segment, day=day, actor=actor)
    accounts = [account for _unit, account in ids]
    columns: dict[str, list[Any]] = {"unit": [one for one, _account in ids], "account": accounts}
    known = sorted({account for account in accounts if account is not None})
    wanted = list(dict.fromkeys(fields))
    measures = [name.removeprefix("m.") for name in wanted if name.startswith("m.")]
    try:
        measured = values_as_of(day=day, names=measures, account_ids=known) if measures else None
    except LookupError as error:
        raise QuestionError("measures", str(error.args[0])) from None
    for name in wanted:
        whose, _dot, field = name.partition(".")
        if whose == "m" and measured is not None:
            numbers = dict(
                zip(measured.account_ids.tolist(), measured.by_measure[field].tolist(), strict=True)
            )
            columns[name] = [_known(numbers.get(account)) for account in accounts]
        elif whose == "person" and unit == "account":
            raise QuestionError(
                name, "an account has many people; ask with unit: person, or name a field of the account"
            )
        else:
            found = _field(whose, field, ids=known if whose == "account" else columns["unit"])
            columns[name] = [found.get(one) for one in (accounts if whose == "account" else columns["unit"])]
    return pa.table({name: _array(values) for name, values in columns.items()})


def _ids(unit: str, *, segment: str | None, day: date, actor: Actor) -> list[tuple[int, int | None]]:
    """(unit, account) in reach, by id."""
    reach = reach_of(actor=actor, segment=segment)
    kept = set(reach["account_id"]["account_id"].to_pylist()) if reach else None
    if unit == "account":
        return [
            (pk, pk)
            for pk in Account.objects.order_by("pk").values_list("pk", flat=True)
            if kept is None or pk in kept
        ]
    belongs = dict(
        Membership.objects.valid_on(day).order_by("starts_on", "pk").values_list("person_id", "account_id")
    )
    people = Person.objects.visible_to(actor).themselves().order_by("pk").values_list("pk", flat=True)
    return [(pk, belongs.get(pk)) for pk in people if kept is None or belongs.get(pk) in kept]


def _field(whose: str, name: str, *, ids: list[Any]) -> Mapping[Any, Any]:
    """One field of accounts or people by id; empty texts are nothing."""
    objects: Any = Account.objects if whose == "account" else Person.objects
    own = ACCOUNT_FIELDS if whose == "account" else PERSON_COLUMNS
    path = "region__name" if (whose, name) == ("account", "region") else name if name in own else "props"
    wanted = set(ids)
    rows = ((pk, value) for pk, value in objects.values_list("pk", path) if pk in wanted)
    found = {pk: value.get(name) if path == "props" else value for pk, value in rows}
    if path == "props" and found and all(value is None for value in found.values()):
        fields = ", ".join(own)
        raise QuestionError(
            f"{whose}.{name}", f"nobody here has it; there is: {fields}, or an imported property"
        )
    return {pk: None if value == "" else value for pk, value in found.items()}


def _known(number: float | None) -> float | None:
    return None if number is None or number != number else number


def _array(values: list[Any]) -> pa.Array:
    """Values of one kind as they are; mixed ones, as a property may hold them, as text."""
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
