"""A mapping is drafted from a file's name, headings and first rows: the right noun and fields, and never more than is there."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.capture.imports.actions import nouns_for
from bihuan.capture.imports.rules import parse_mapping
from bihuan.capture.imports.rules.draft import PROPERTY, Nouns, document, draft_from, missing
from bihuan.capture.imports.rules.guess import draft_mapping
from bihuan.capture.imports.rules.values import shape_of
from bihuan.capture.imports.rules.words import FIELD_WORDS
from bihuan.capture.imports.tests.desk import BY

Cells = dict[str, list[Any]]


def all_nouns() -> Nouns:
    return nouns_for(BY)


def drafted(file: str, columns: Cells, **options: Any) -> Any:
    return draft_mapping(file=file, columns=columns, nouns=all_nouns(), **options)


def table(file: str, columns: Cells, **options: Any) -> dict[str, Any]:
    """The last table of the drafted mapping."""
    return dict(document(drafted(file, columns, **options), all_nouns())["tables"][-1])


CUSTOMERS: Cells = {
    "客户编号": ["C01", "C02"], "客户名称": ["海纳机电", "青禾食品"], "所属行业": ["制造", "食品"], "员工人数": ["1,200", "85"],
    "客户等级": ["A类", "B类"], "签约日期": ["2025/3/1", "2025/11/20"], "备注": ["老客户", ""],
}  # fmt: skip
CONTRACTS: Cells = {
    "合同编号": ["H1", "H2"], "客户编号": ["C01", "C02"], "合同金额（元）": ["¥48,000.00", "¥96,000.00"],
    "签订日期": ["2026-01-01", "2026-02-01"], "生效日期": ["2026-01-01", "2026-02-01"], "到期日期": ["2027-12-31", "2028-01-31"],
    "付款方式": ["年付", "月付"],
}  # fmt: skip
TICKETS: Cells = {
    "工单号": ["G1", "G2"], "公司编号": ["C01", "C02"], "标题": ["无法登录", "导出失败"], "工单创建时间": ["2026-11-02 09:12", "2026-11-03 10:00"],
    "解决时间": ["2026-11-02 11:00", ""], "紧急程度": ["高", "低"],
}  # fmt: skip
EVENTS: Cells = {
    "user_id": ["u1", "u1", "u2"], "company_id": ["a", "a", "b"], "event": ["login", "export", "login"],
    "timestamp": ["1764637953", "1764638953", "1764637990"], "amount": ["1.5", "2", "3"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "columns", "noun"),
    [
        ("客户.csv", CUSTOMERS, "accounts"),
        ("a.csv", CUSTOMERS, "accounts"),
        ("b.csv", CONTRACTS, "contract_lines"),
        ("c.csv", TICKETS, "tickets"),
        ("d.csv", EVENTS, "events"),
        ("contacts.csv", {"id": ["1"], "name": ["Ann"], "email": ["a@b.cn"], "company": ["C1"]}, "people"),
        ("产品.csv", {"编码": ["p"], "名称": ["订单助手"]}, "products"),
    ],
)
def test_what_the_rows_are_is_seen_from_headings_and_cells(file: str, columns: Cells, noun: str) -> None:
    assert drafted(file, columns).noun == noun


def test_a_list_of_customers_needs_nothing_more() -> None:
    found = drafted("客户.csv", CUSTOMERS)
    assert missing(found, all_nouns()) == []
    assert table("客户.csv", CUSTOMERS) == {
        "noun": "accounts", "file": "客户.csv", "unique": "客户编号",
        "fields": {
            "key": "客户编号", "name": "客户名称", "industry": "所属行业", "size": {"column": "员工人数", "format": "1,234.56"},
            "tier": {"column": "客户等级", "map": {"A类": "A", "B类": "B"}}, "signed_up_on": "签约日期", "props": {"columns": ["备注"]},
        },
    }  # fmt: skip


def test_the_amount_of_a_contract_becomes_revenue_a_month_by_how_long_it_lasts() -> None:
    found = table("b.csv", CONTRACTS)
    assert found["fields"]["mrr"] == {"cel": 'row["合同金额（元）"] / 24.0'}
    assert found["types"] == {"合同金额（元）": {"kind": "decimal", "format": "1,234.56"}}
    assert found["fields"]["currency"] == {"const": "CNY"}
    assert found["fields"]["billing"]["map"] == {"年付": "yearly", "月付": "monthly"}


@pytest.mark.parametrize(
    ("heading", "rule"),
    [
        ("月费", "月费"),
        ("年费", {"cel": 'row["年费"] / 12.0'}),
        ("ARR", {"cel": 'row["ARR"] / 12.0'}),
        ("合同金额（万元）", {"cel": 'row["合同金额（万元）"] * 10000.0 / 24.0'}),
    ],
)
def test_the_heading_says_for_how_long_an_amount_is(heading: str, rule: Any) -> None:
    columns = {name: cells for name, cells in CONTRACTS.items() if "金额" not in name} | {
        heading: ["12", "24"]
    }
    assert table("合同.csv", columns)["fields"]["mrr"] == rule


def test_a_ticket_is_closed_where_it_was_solved() -> None:
    fields = table("c.csv", TICKETS)["fields"]
    assert fields["opened_at"] == "工单创建时间"
    assert fields["state"] == {"cel": 'row["解决时间"] != "" ? "closed" : ""'}


def test_events_get_a_number_that_is_the_same_next_time_and_bring_their_people() -> None:
    tables = document(drafted("d.csv", EVENTS), all_nouns())["tables"]
    assert tables[0] == {
        "noun": "people",
        "file": "d.csv",
        "distinct": "user_id",
        "fields": {"key": "user_id"},
    }
    assert tables[1]["fields"]["ts"] == {"column": "timestamp", "format": "unix"}
    assert tables[1]["fields"]["event_id"]["cel"].startswith(
        'string(row["timestamp"]) + "|" + string(row["user_id"])'
    )
    assert tables[1]["types"] == {"amount": "decimal"}


def test_people_go_to_the_customer_where_they_work() -> None:
    columns: Cells = {
        "编号": ["p1"],
        "姓名": ["赵勇"],
        "所属公司": ["C01"],
        "加入日期": ["2025-01-01"],
        "职务": ["经理"],
    }
    tables = document(drafted("联系人.csv", columns), all_nouns())["tables"]
    assert tables[1]["noun"] == "memberships"
    assert tables[1]["fields"] == {
        "person_key": "编号",
        "account_key": "所属公司",
        "starts_on": "加入日期",
        "title": "职务",
    }
    lacking = drafted("联系人.csv", {name: cells for name, cells in columns.items() if name != "加入日期"})
    assert missing(lacking, all_nouns()) == ["starts_on"]


def test_regions_that_are_stored_are_named_by_their_key_and_others_are_added() -> None:
    columns = {**CUSTOMERS, "区域": ["华北", "华东"]}
    tables = document(drafted("a.csv", columns, known={"region_code": {"华北": "north"}}), all_nouns())[
        "tables"
    ]
    assert tables[0]["noun"] == "regions" and tables[0]["skip"] == 'row["区域"] in ["华北"]'
    assert tables[1]["fields"]["region_code"] == {"column": "区域", "map": {"华北": "north"}}


def test_colleagues_who_are_not_stored_are_left_out_with_the_reason() -> None:
    columns = {**TICKETS, "处理人": ["小王", "小李"]}
    found = drafted("c.csv", columns, known={"assignee_key": {"小王": "w"}})
    handler = next(one for one in found.columns if one.column == "处理人")
    assert (handler.field, handler.why[0].code) == ("", "not_stored")


def test_a_heading_whose_cells_are_of_another_kind_is_not_believed() -> None:
    found = drafted("a.csv", {**CUSTOMERS, "签约日期": ["去年", "今年"]})
    since = next(one for one in found.columns if one.column == "签约日期")
    assert (since.field, since.why[0].code) == (PROPERTY, "unfit")


@pytest.mark.parametrize(
    ("cells", "moment", "unsure"),
    [
        (["2026-04-03", "2026/4/3", "2026年4月3日"], "", False),
        (["13/04/2026", "02/04/2026"], "%d/%m/%Y", False),
        (["04/13/2026", "04/02/2026"], "%m/%d/%Y", False),
        (["04/05/2026", "06/07/2026"], "%d/%m/%Y", True),
        (["3.4.2026", "13.4.2026"], "%d.%m.%Y", False),
        (["46115", "46116.5"], "excel", False),
        (["1764637953"], "unix", False),
        (["1764637953000"], "unix_ms", False),
        (["20260403"], "%Y%m%d", False),
        (["12345", "99999"], None, False),
        (["C01"], None, False),
    ],
)
def test_how_days_are_written_is_seen_from_the_cells(
    cells: list[str], moment: str | None, unsure: bool
) -> None:
    found = shape_of(cells)
    assert (found.moment, found.unsure) == (moment, unsure)


@pytest.mark.parametrize(
    ("cells", "number", "currency"),
    [
        (["1,234.56", "12"], "1,234.56", ""),
        (["1.234,56", "2.000,00"], "1.234,56", ""),
        (["¥1,234", "¥12"], "1,234.56", "CNY"),
        (["1,200元"], "1,234.56", "CNY"),
        (["$9.50", "$1,000"], "1,234.56", "USD"),
        (["12", "4.5"], "", ""),
        (["大", "小"], None, ""),
    ],
)
def test_how_numbers_are_grouped_and_in_which_currency(
    cells: list[str], number: str | None, currency: str
) -> None:
    found = shape_of(cells)
    assert (found.number, found.currency) == (number, currency)


HEADINGS = st.one_of(
    st.sampled_from(
        sorted({word for fields in FIELD_WORDS.values() for words in fields.values() for word in words})
    ),
    st.text(max_size=12),
    st.sampled_from(['客户 "简称"', "a'b\"c", "金额（万元）", "Sign-up Date", "\n", "区域"]),
)
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["", "2026-01-02", "13/04/2026", "46115", "¥1,234.50", "a@b.cn", "13800000000", "是", "高", "A"]),
)  # fmt: skip
CELLS = st.one_of(
    TEXTS, st.none(), st.integers(), st.floats(allow_nan=False), st.dates(), st.datetimes(), st.booleans()
)
FILES = st.sampled_from(["客户.csv", "x.csv", "orders 2026.xlsx", "登录.csv.gz", "a.jsonl"])
NOUN = st.sampled_from(["", *FIELD_WORDS])


@st.composite
def files(draw: st.DrawFn) -> Cells:
    names = draw(st.lists(HEADINGS.filter(bool), min_size=1, max_size=7, unique=True))
    rows = draw(st.integers(0, 4))
    return {name: draw(st.lists(CELLS, min_size=rows, max_size=rows)) for name in names}


@settings(max_examples=150, deadline=None)
@given(file=FILES, columns=files(), noun=NOUN)
def test_a_draft_names_only_columns_of_the_file_and_its_mapping_is_one(
    file: str, columns: Cells, noun: str
) -> None:
    found = drafted(file, columns, noun=noun)
    content = document(found, all_nouns())
    assert [one.column for one in found.columns] == list(columns)
    assert not noun or found.noun == noun
    filled = [one.field for one in found.columns if one.field not in ("", PROPERTY)]
    assert len(filled) == len(set(filled))
    assert draft_from(yaml.safe_load(yaml.safe_dump(found.as_json()))) == found
    content["tables"] = [one for one in content["tables"] if one["fields"]]
    if not content["tables"]:
        assert missing(found, all_nouns())
        return
    rules = parse_mapping(content, origin="draft")
    written = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    assert rules == parse_mapping(yaml.safe_load(written), origin="draft")
    named = {column for one in rules.tables for rule in one.fields for column in rule.reads()}
    named |= {column for one in rules.tables for column in (*one.unique, *one.distinct, *one.types)}
    assert named <= set(columns)


@settings(max_examples=60, deadline=None)
@given(columns=files())
def test_the_same_file_is_drafted_the_same(columns: Cells) -> None:
    assert drafted("x.csv", columns) == drafted("x.csv", columns)


def test_a_file_without_headings_is_refused() -> None:
    with pytest.raises(ValueError, match="no column has a heading"):
        drafted("x.csv", {"": ["1"]})
