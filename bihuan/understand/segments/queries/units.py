"""One row a unit: what is known of every account or person of a territory, as of a day."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from bihuan.base.access import Actor
from bihuan.capture.store import INTERNAL_SOURCE, CannotCompute, get_store
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.know.chain.models import ChainMember, ChainRole
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.segment import Behaviour, plan_behaviour
from bihuan.understand.metrics.queries import columns_from, end_of, values_as_of

TEXT, WHOLE, MOMENT = pa.string(), pa.int64(), pa.timestamp("us", "UTC")
ACCOUNT_FIELDS: Mapping[str, pa.DataType] = {
    "name": TEXT, "tier": TEXT, "stage": TEXT, "industry": TEXT, "country": TEXT, "city": TEXT, "size": WHOLE, "region": TEXT,
    "key": TEXT, "signed_up_on": MOMENT,
}  # fmt: skip
PERSON_FIELDS: Mapping[str, pa.DataType] = {"name": TEXT, "title": TEXT, "key": TEXT, "anonymous": pa.bool_()}
#: What a chain is called in a rule over accounts, and the measure that it is.
CHAIN = {
    "coverage": "chain_coverage",
    "people_in_touch": "people_in_touch",
    "champion_silent_days": "champion_silent_days",
}
CHAIN_NUMBERS = ("stance", "influence")


def units_of(
    *, unit: str, fields: Iterable[str], day: date, actor: Actor, behaviour: Iterable[Behaviour] = ()
) -> pa.Table:
    """`unit` (id, ascending), `account` (id, null for who belongs nowhere), and each field under its own name.

    A person has the fields of the account it belongs to on that day, the one it joined last. Fields and properties are as
    they are today; measures, chain and behaviour as of the end of the day. Where nothing is known at all the column has
    the type null. QuestionError for a field that there is not.
    """
    ids, accounts = _people(day, actor) if unit == "person" else _accounts(actor)
    columns: dict[str, Any] = {"unit": pa.array(ids, WHOLE), "account": pa.array(accounts, WHOLE)}
    wanted = list(dict.fromkeys(fields))
    owners: dict[str, list[Any]] = {"account": accounts, "person": ids}
    measured = _measured([name for name in wanted if _measure(name, unit)], accounts=accounts, day=day)
    counted = {one.name: one for one in behaviour}
    for name in wanted:
        whose, _dot, field = name.partition(".")
        if measure := _measure(name, unit):
            columns[name] = pa.array([measured[measure].get(one) for one in accounts], pa.float64())  # type: ignore[arg-type]
        elif whose == "behaviour":
            found = _counted(counted[field], unit=unit, day=day)
            columns[name] = pa.array([found.get(one, 0) for one in ids], WHOLE)
        elif whose == "chain":
            columns[name] = _in_chain(field, unit=unit, ids=ids, accounts=accounts, day=day)
        elif whose in owners:
            values, kind = fields_of(whose, field)
            columns[name] = pa.array([values.get(one) for one in owners[whose]], kind)
        else:
            raise QuestionError(name, "a rule speaks of account, person, measure, chain and behaviour")
    return pa.table(columns)


def _measure(name: str, unit: str) -> str | None:
    """The measure behind a field."""
    whose, _dot, field = name.partition(".")
    if whose == "m":
        return field
    return CHAIN.get(field) if whose == "chain" else None


def _accounts(actor: Actor) -> tuple[list[int], list[int | None]]:
    ids = list(Account.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True))
    return ids, list(ids)


def _people(day: date, actor: Actor) -> tuple[list[int], list[int | None]]:
    held = Membership.objects.visible_to(actor).valid_on(day).order_by("starts_on", "pk")  # type: ignore[attr-defined]
    belongs = dict(zip(*columns_from(held.values_list("person_id", "account_id")), strict=True))
    (people,) = columns_from(Person.objects.visible_to(actor).themselves().order_by("pk").values_list("pk"))
    ids = list(dict.fromkeys(people))
    return ids, [belongs.get(one) for one in ids]


def fields_of(whose: str, name: str, *, field: str = "") -> tuple[Mapping[int, Any], pa.DataType]:
    """One field of all accounts or people by id, and its type; empty texts are nothing.

    A name that the model does not have is an imported property: whole numbers, numbers, yes and no, or texts; mixed values
    are texts. `props.<name>` is a property even when the model has that name.
    """
    objects: Any = Account.objects if whose == "account" else Person.objects
    known = ACCOUNT_FIELDS if whose == "account" else PERSON_FIELDS
    if name in known:
        path = "region__name" if name == "region" else name
        found = objects.values_list("pk", path)
        pairs = found if known[name] in (MOMENT, pa.bool_()) else zip(*columns_from(found), strict=True)
        values = {pk: value for pk, value in pairs if value not in ("", None)}
        if known[name] == MOMENT:
            values = {pk: datetime(d.year, d.month, d.day, tzinfo=UTC) for pk, d in values.items()}
        return values, known[name]
    prop = name.removeprefix("props.")
    rows = list(objects.values_list("pk", "props"))
    values = {
        pk: props[prop]
        for pk, props in rows
        if isinstance(props, dict) and props.get(prop) not in (None, "", [], {})
    }
    if rows and not values:
        raise QuestionError(
            field or f"{whose}.{name}",
            f"no {whose} has {prop!r}; there is: {', '.join(known)}, or an imported property",
        )
    return _typed(values)


def _typed(values: dict[int, Any]) -> tuple[dict[int, Any], pa.DataType]:
    """The narrowest type that holds them all."""
    kinds = {type(value) for value in values.values()}
    if not kinds:
        return values, pa.null()
    if kinds == {bool}:
        return values, pa.bool_()
    if kinds == {int} and all(abs(value) < 2**63 for value in values.values()):
        return values, WHOLE
    if kinds <= {int, float}:
        return {pk: float(value) for pk, value in values.items()}, pa.float64()
    return {pk: value if isinstance(value, str) else _told(value) for pk, value in values.items()}, TEXT


def _told(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _measured(
    names: list[str], *, accounts: list[int | None], day: date
) -> dict[str, dict[int | None, float]]:
    """Values by measure and account."""
    measures = sorted({_measure(name, "account") or "" for name in names})
    if not measures:
        return {}
    try:
        found = values_as_of(
            day=day, names=measures, account_ids=[one for one in accounts if one is not None]
        )
    except LookupError as error:
        raise QuestionError("measure", str(error.args[0])) from None
    ids = found.account_ids.tolist()
    return {
        name: {pk: value for pk, value in zip(ids, column.tolist(), strict=True) if value == value}
        for name, column in found.by_measure.items()
    }


def _counted(behaviour: Behaviour, *, unit: str, day: date) -> Mapping[int, int]:
    """How often, by unit."""
    store = get_store()
    sql = store.sql(("behaviour", behaviour, unit, day), lambda: plan_behaviour(
        behaviour, unit=unit, events=store.table(), day=day, cutoff=end_of(day), internal_source=INTERNAL_SOURCE,
    ))  # fmt: skip
    try:
        found = store.execute(sql)
    except CannotCompute as error:
        raise QuestionError(f"behaviour.{behaviour.name}", f"it cannot be computed: {error}") from None
    return dict(zip(found["unit"].to_pylist(), found["value"].to_pylist(), strict=True))


def _in_chain(field: str, *, unit: str, ids: list[int], accounts: list[int | None], day: date) -> pa.Array:
    """Whether somebody has a role in the chain of their account, or their lowest stance and highest influence there."""
    if field not in ChainRole.values and field not in CHAIN_NUMBERS:
        there = ", ".join((*CHAIN, *CHAIN_NUMBERS, *ChainRole.values))
        raise QuestionError("chain", f"a chain has no {field!r}; there is: {there}")
    if unit == "account":
        raise QuestionError(
            "chain", f"{field} is of people; of accounts there is: {', '.join(CHAIN)}, or write unit: person"
        )
    pick: Callable[[int, int], int] = min if field == "stance" else max
    numbers: dict[tuple[int, int], int] = {}
    rows = ChainMember.objects.filter(known_since__lt=end_of(day))
    if field in CHAIN_NUMBERS:
        for person, account, value in zip(
            *columns_from(rows.values_list("person_id", "account_id", field)), strict=True
        ):
            key = (person, account)
            numbers[key] = pick(value, numbers[key]) if key in numbers else value
        return pa.array([numbers.get((one, at)) for one, at in zip(ids, accounts, strict=True)], WHOLE)  # type: ignore[arg-type]
    holders = set(rows.filter(role=field).values_list("person_id", "account_id"))
    return pa.array([(one, at) in holders for one, at in zip(ids, accounts, strict=True)], pa.bool_())
