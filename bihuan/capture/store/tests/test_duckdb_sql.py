"""The short way to the text of a property says what Ibis' own says."""

import json
from typing import Any

import duckdb
import ibis
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store.duckdb_sql import compiled

texts = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=6)
values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False), texts
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(["x", "y"]), values), max_size=20))
def test_a_property_as_text_is_what_it_always_was(drawn: list[dict[str, Any]]) -> None:
    table = ibis.table({"props": "json"}, name="drawn")
    value = table.props["x"]
    question = table.select(text=ibis.coalesce(value.str, value.cast("string")))
    assert "JSON_TYPE" not in compiled(question)
    db = duckdb.connect(":memory:")
    db.execute("CREATE TABLE drawn (props VARCHAR)")
    db.executemany("INSERT INTO drawn VALUES (?)", [[json.dumps(one)] for one in [{}, *drawn]])
    short = db.execute(compiled(question)).fetchall()
    assert short == db.execute(str(ibis.to_sql(question, dialect="duckdb"))).fetchall()
