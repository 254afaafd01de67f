"""Tables of one computation are seen by no other, read nothing from outside, and go with it."""

from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

from bihuan.base.scratch import open_tables, scratch


def test_two_computations_see_nothing_of_each_other() -> None:
    with scratch() as first, scratch() as second:
        first.register("rows", pa.table({"a": [1]}))
        first.execute("CREATE TEMP VIEW seen AS SELECT a + 1 AS a FROM rows")
        second.register("rows", pa.table({"a": [10]}))
        assert first.sql("SELECT a FROM seen").fetchall() == [(2,)]
        assert second.sql("SELECT a FROM rows").fetchall() == [(10,)]
        with pytest.raises(duckdb.CatalogException):
            second.sql("SELECT a FROM seen")
    with scratch() as third, pytest.raises(duckdb.CatalogException):
        third.execute("SELECT a FROM rows")


def test_many_at_once_answer_their_own() -> None:
    def asked(number: int) -> int:
        with scratch() as tables:
            tables.register("rows", pa.table({"a": list(range(number))}))
            return tables.sql("SELECT count(*) FROM rows").fetchall()[0][0]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(asked, range(200))) == list(range(200))


def test_nothing_is_read_from_outside_and_the_clock_is_utc(tmp_path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    tables = open_tables()
    for statement in (
        f"SELECT * FROM read_csv('{secret}')", f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'", "INSTALL httpfs",
        f"ATTACH '{tmp_path / 'other.duckdb'}'", "SET enable_external_access = true",
    ):  # fmt: skip
        with pytest.raises(duckdb.Error):
            tables.execute(statement)
    assert tables.sql("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
    tables.close()
