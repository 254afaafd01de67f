"""Statements that are composed once write and read what the ORM would."""

from datetime import UTC, datetime, timedelta

import pytest
from cast import NOW
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs.models import Job
from bihuan.base.rows import AT_ONCE, delete_rows, insert_rows, read_rows, update_row, update_rows

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


def job(**more) -> Job:
    return Job(**{"name": "x.y", "run_at": NOW, "created_at": NOW, **more})


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(TEXT, JSON.filter(lambda one: one is not None), MOMENTS, st.none() | JSON),
        min_size=1,
        max_size=2 * AT_ONCE + 1,
    )
)
def test_what_is_written_is_what_the_orm_reads_and_the_other_way_round(drawn) -> None:
    Job.objects.all().delete()
    rows = [job(name=name, args=args, run_at=at, result=result) for name, args, at, result in drawn]
    insert_rows(rows)
    assert all(row.pk and not row._state.adding for row in rows)
    fields = [one.attname for one in Job._meta.concrete_fields]
    by_orm = [[getattr(row, name) for name in fields] for row in Job.objects.order_by("pk")]
    again = read_rows(Job, "kind = %s", [Job.JOB])
    assert by_orm == [[getattr(row, name) for name in fields] for row in again]
    assert [(row.name, row.args, row.run_at, row.result) for row in again] == drawn


def test_only_the_named_fields_of_one_row_change() -> None:
    insert_rows([job(name="a"), job(name="b")])
    one, other = read_rows(Job, "kind = %s", [Job.JOB])
    one.name, one.args, one.error = "100 % 'new'", {"x": [1, None]}, "not written"
    assert update_row(one, ["name", "args"])
    assert Job.objects.get(pk=one.pk).args == {"x": [1, None]}
    assert set(Job.objects.values_list("name", "error")) == {("100 % 'new'", ""), ("b", "")}
    other.delete()
    other.pk = one.pk + 100
    assert not update_row(other, ["name"]), "a row that is not there is not made"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.lists(st.tuples(TEXT, JSON.filter(lambda one: one is not None), MOMENTS), max_size=12))
def test_many_rows_are_written_as_one_by_one(drawn) -> None:
    Job.objects.all().delete()
    insert_rows([job(name="before", error="stays") for _one in drawn])
    rows = read_rows(Job, "kind = %s", [Job.JOB])
    for row, (name, args, at) in zip(rows, drawn, strict=True):
        row.name, row.args, row.run_at, row.error = name, args, at, "not written"
    update_rows(rows, ["name", "args", "run_at"])
    found = Job.objects.order_by("pk").values_list("name", "args", "run_at", "error")
    assert list(found) == [(*one, "stays") for one in drawn]


def test_the_orm_takes_up_rows_that_were_read_here() -> None:
    insert_rows([job(name="a")])
    (row,) = read_rows(Job, "name = %s", ["a"])
    row.name = "b"
    row.save(update_fields=["name"])
    assert Job.objects.get().name == "b"
    assert delete_rows(Job, "name = %s", ["b"]) == 1
    assert not read_rows(Job, "name = %s", ["b"], locked=True)


def test_a_refused_row_is_an_error_of_django_and_leaves_nothing() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows([job(unique_key="same"), job(unique_key="same")])
    assert Job.objects.count() == 0


def test_statements_can_be_watched_as_any() -> None:
    fact = OutboxFact(name="x", at=NOW + timedelta(days=1), actor_kind="system", actor_name="n")
    with CaptureQueriesContext(connection) as seen:
        insert_rows([fact])
    assert len(seen) == 1 and "bus_outboxfact" in seen[0]["sql"]
    assert OutboxFact.objects.get().uid == fact.uid
