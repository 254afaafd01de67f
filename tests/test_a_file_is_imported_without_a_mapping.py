"""Somebody sends their own table, looks at what becomes of each column, and imports it; no mapping is written by hand."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from bihuan.base.importing import nouns
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain
from bihuan.base.personal import erase_everywhere
from bihuan.capture.imports.actions import file_of, stored_keys, uploads
from bihuan.capture.imports.actions.events import EVENT_FIELDS
from bihuan.capture.imports.actions.labels import CHOICES, FIELDS, NOUNS, REASONS
from bihuan.capture.imports.jobs import KEEP
from bihuan.capture.imports.models import ImportDraft, ImportRun, KeptMapping
from bihuan.capture.imports.rules.words import FIELD_WORDS
from bihuan.capture.store import Store, get_store
from bihuan.earn.contracts.models import ContractLine
from bihuan.know.accounts.models import Account, Membership, Person
from bihuan.know.staff.models import Region, Staff
from tests.cast import NOW, Cast

CUSTOMERS = '客户编号,客户名称,区域,员工数,客户等级,签约日期\nC01,海纳机电,西北,"1,200",A类,2025/3/1\nC02,青禾食品,华东,85,普通,2025/11/20\n'
CONTRACTS = '合同编号,客户名称,合同金额,开始日期,结束日期\nH1,云杉仪器,"¥48,000.00",2026-01-01,2026-12-31\n'
EVENTS = "用户ID,公司编号,操作,时间\nu1,yunshan,登录,2026-11-02 09:12:33\nu1,yunshan,导出,2026-11-02 09:20:00\nu2,none,登录,2026-11-03 10:00:00\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path, event_home: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def send(cast: Cast, name: str, content: str | bytes, who: str = "root", **more: str) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return cast.client(who).post(reverse("imports:new"), {"file": SimpleUploadedFile(name, body), **more})


def sent(cast: Cast, name: str, content: str | bytes, **more: str) -> ImportDraft:
    answer = send(cast, name, content, **more)
    assert answer.status_code == 302, answer.content.decode()
    return ImportDraft.objects.latest("pk")


def form(page: str) -> dict[str, str]:
    """The fields of the form as a browser would send them."""
    inside = page[page.index('<form id="draft"') :]
    found = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]*?value="([^"]*)"', inside))
    found |= dict.fromkeys(re.findall(r'type="checkbox"[^>]* name="(\w+)" checked', inside), "on")
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', inside, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        found[name] = (chosen or first)[1] if (chosen or first) else ""
    return {name: value for name, value in found.items() if name != "csrfmiddlewaretoken"}


def shown(cast: Cast, row: ImportDraft, who: str = "root") -> str:
    return cast.client(who).get(reverse("imports:draft", args=[row.pk])).content.decode()


def preview(cast: Cast, row: ImportDraft) -> str:
    return cast.client("root").get(reverse("imports:preview", args=[row.pk])).content.decode()


def post(cast: Cast, row: ImportDraft, do: str = "", **changes: str) -> Any:
    fields = form(shown(cast, row)) | changes
    return cast.client("root").post(
        reverse("imports:draft", args=[row.pk]), {**fields, **({"do": do} if do else {})}
    )


def imported(cast: Cast, row: ImportDraft, do: str = "import", **changes: str) -> ImportRun:
    answer = post(cast, row, do, **changes)
    assert answer.status_code == 302, answer.content.decode()
    drain(at=timezone.now())
    return ImportRun.objects.latest("pk")


def test_customers_go_in_with_their_regions(cast: Cast) -> None:
    row = sent(cast, "客户.csv", CUSTOMERS)
    assert "1 of the first 2 rows would not be stored" in preview(cast, row)
    post(cast, row, value_4_1="C")  # 普通 is no tier until somebody says which
    assert "The first 2 rows can be stored" in preview(cast, row)
    assert not Account.objects.filter(key="C01").exists()
    run = imported(cast, row)
    assert (run.state, run.totals["rejected"]) == ("done", 0)
    account = Account.objects.get(key="C01")
    assert (account.name, account.size, account.tier, str(account.signed_up_on)) == (
        "海纳机电",
        1200,
        "A",
        "2025-03-01",
    )
    assert account.region == Region.objects.get(name="西北")
    assert not ImportDraft.objects.exists() and list(uploads().iterdir()) == []


def test_who_may_not_add_regions_keeps_them_as_a_property(cast: Cast) -> None:
    assert send(cast, "客户.csv", CUSTOMERS, who="mei").status_code == 302
    columns = {one["column"]: one for one in ImportDraft.objects.get().draft["columns"]}
    assert columns["区域"]["field"] == "props."
    assert columns["区域"]["why"][0]["code"] == "not_stored"


def test_a_contract_becomes_revenue_a_month(cast: Cast) -> None:
    imported(cast, sent(cast, "合同.csv", CONTRACTS))
    line = ContractLine.objects.get(key="H1")
    assert (line.mrr, line.contract.account, line.contract.currency) == (4000, cast.yunshan, "CNY")


def test_an_amount_of_ten_thousands_under_a_heading_of_two_lines_is_counted_as_such(cast: Cast) -> None:
    row = sent(
        cast, "合同.csv", CONTRACTS.replace("合同金额", '"合同总额\n（万元）"').replace("¥48,000.00", "4.8")
    )
    assert imported(cast, row).totals["rejected"] == 0
    assert ContractLine.objects.get(key="H1").mrr == 4000


def test_an_amount_that_is_chosen_by_hand_is_counted_as_its_heading_says(cast: Cast) -> None:
    row = sent(
        cast, "合同.csv", CONTRACTS.replace("合同金额", "数目（年，万元）").replace("¥48,000.00", "4.8")
    )
    place = next(n for n, one in enumerate(row.draft["columns"]) if one["column"] == "数目（年，万元）")
    post(cast, row, **{f"field_{place}": ""})
    post(cast, row, **{f"field_{place}": "mrr"})
    row.refresh_from_db()
    chosen = row.draft["columns"][place]
    assert (chosen["field"], chosen["times"], chosen["months"]) == ("mrr", 10_000, 12)
    assert imported(cast, row, fill_currency="=", const_currency="CNY").totals["rejected"] == 0
    assert ContractLine.objects.get(key="H1").mrr == 4000


def test_a_name_that_two_have_names_neither(cast: Cast) -> None:
    Staff.objects.filter(pk__in=[cast.song.pk, cast.bei.pk]).update(name="王伟")
    for row in (cast.song, cast.bei, cast.mei):
        Staff.objects.filter(pk=row.pk).update(key=f"K-{row.username}")
    Staff.objects.filter(pk=cast.mei.pk).update(name="K-song")
    known = stored_keys()["assignee_key"]
    assert "王伟" not in known
    assert known["song"] == "K-song" and known["K-song"] == "K-song", (
        "a key is a key, whoever else is called so"
    )


def test_enter_in_a_text_imports_nothing(cast: Cast) -> None:
    page = shown(cast, sent(cast, "合同.csv", CONTRACTS))
    first = re.search(r"<button[^>]*type=\"submit\"[^>]*>", page[page.index('<form id="draft"') :])
    assert first is not None and "name=" not in first[0], "a browser presses the first button of a form"


def test_customers_are_found_by_a_name_that_only_one_has(cast: Cast) -> None:
    Account.objects.create(key="other", name="松涛软件", created_at=NOW, updated_at=NOW)
    rows = "H2,松涛软件,1,2026-01-01,2026-12-31\nH3,无名,1,2026-01-01,2026-12-31\n"
    row = sent(cast, "合同.csv", CONTRACTS + rows)
    assert row.draft["columns"][1]["values"] == {"云杉仪器": "yunshan"}
    assert "looked up" in shown(cast, row)
    assert "2 of the first 3 rows would not be stored" in preview(cast, row)


def test_events_bring_the_people_they_name_and_importing_twice_changes_nothing(cast: Cast) -> None:
    row = sent(cast, "日志.csv", EVENTS)
    run = imported(cast, row, source="app-log")
    assert (run.totals["created"], run.totals["rejected"]) == (2 + 2, 1)
    assert Person.objects.filter(key__in=("u1", "u2")).count() == 2
    assert ImportDraft.objects.filter(pk=row.pk).exists(), (
        "rows were refused: the columns can be looked at again"
    )
    again = imported(cast, row)
    assert again.totals["created"] == 0
    assert names(get_store()) == ["导出", "登录"]


def names(store: Store) -> list[str]:
    groups = store.log.read(after=0, max_rows=1000)
    rows = [row for group in groups if group.kind == 0 for row in group.events().to_pylist()]
    return sorted(row["name"] for row in rows if row["name"] in ("登录", "导出"))


def test_what_is_missing_is_said_before_and_can_be_filled_for_all_rows(cast: Cast) -> None:
    row = sent(cast, "联系人.csv", "编号,姓名,公司编号\np1,赵勇,yunshan\n")
    page = shown(cast, row)
    assert "Still needed:" in page and "At the customer since" in page
    assert "as soon as every required field" in preview(cast, row)
    refused = post(cast, row, "import")
    assert (
        refused.status_code == 200 and "Nothing fills these required fields yet" in refused.content.decode()
    )
    assert 'type="date"' in post(cast, row, fill_starts_on="=").content.decode()
    imported(cast, row, fill_starts_on="=", const_starts_on="2024-05-01")
    membership = Membership.objects.get(person__key="p1")
    assert (membership.account, str(membership.starts_on)) == (cast.yunshan, "2024-05-01")


def test_a_column_is_sent_elsewhere_and_a_field_has_one_column(cast: Cast) -> None:
    row = sent(cast, "客户.csv", "编号,客户名称,全称\nC01,海纳,海纳机电\n")
    post(cast, row, field_2="name")
    row.refresh_from_db()
    assert [one["field"] for one in row.draft["columns"]] == ["key", "", "name"]
    imported(cast, row)
    assert Account.objects.get(key="C01").name == "海纳机电"


def test_the_noun_is_changed_and_everything_is_looked_at_anew(cast: Cast) -> None:
    row = sent(cast, "a.csv", "编号,名称\np9,订单助手\n", noun="accounts")
    assert row.draft["noun"] == "accounts"
    post(cast, row, noun="products")
    row.refresh_from_db()
    assert [one["field"] for one in row.draft["columns"]] == ["code", "name"]


def test_a_check_of_the_whole_file_writes_nothing_and_can_be_followed_by_the_import(cast: Cast) -> None:
    row = sent(cast, "客户.csv", CUSTOMERS)
    run = imported(cast, row, "check")
    assert (run.check_only, run.totals["created"], run.totals["rejected"]) == (True, 3, 1)
    assert not Account.objects.filter(key="C01").exists()
    page = cast.client("root").get(reverse("imports:page", args=[run.pk])).content.decode()
    assert reverse("imports:draft", args=[row.pk]) in page
    cast.client("root").post(reverse("imports:draft", args=[row.pk]), {"do": "import"})
    drain(at=timezone.now())
    assert Account.objects.filter(key="C01").exists()


def test_a_mapping_is_kept_and_reads_the_next_file(cast: Cast) -> None:
    row = sent(cast, "客户.csv", CUSTOMERS)
    post(cast, row, "keep", keep_as="客户表", value_4_1="C")
    assert KeptMapping.objects.get().name == "客户表"
    other = sent(cast, "客户 十二月.csv", CUSTOMERS.replace("C0", "D0"))
    assert other.kept == "客户表"
    run = imported(cast, other)
    assert run.totals["rejected"] == 0
    assert Account.objects.get(key="D02").tier == "C"
    text = cast.client("root").get(reverse("imports:kept", args=[KeptMapping.objects.get().pk]))
    assert yaml.safe_load(text.content)["tables"][-1]["noun"] == "accounts"
    cast.client("root").post(reverse("imports:drop", args=[KeptMapping.objects.get().pk]))
    assert not KeptMapping.objects.exists()


def test_the_mapping_is_downloaded_and_is_what_the_importer_reads(cast: Cast) -> None:
    row = sent(cast, "合同.csv", CONTRACTS)
    text = cast.client("root").get(reverse("imports:mapping", args=[row.pk])).content
    files = [SimpleUploadedFile("m.yaml", text), SimpleUploadedFile("合同.csv", CONTRACTS.encode())]
    cast.client("root").post(reverse("imports:mapped"), {"uploads": files})
    drain(at=timezone.now())
    assert ContractLine.objects.filter(key="H1").exists()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_files_as_excel_saves_them_are_read(cast: Cast, encoding: str) -> None:
    text = CUSTOMERS.replace("普通", "B类").replace('"1,200"', "1200")
    imported(cast, sent(cast, "客户.csv", text.replace(",", ";").encode(encoding)))
    assert Account.objects.get(key="C02").name == "青禾食品"


def test_the_sheet_that_holds_a_table_is_found_and_another_can_be_chosen(cast: Cast, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["封面"])
    for name, key in (("客户", "C01"), ("旧客户", "C02")):
        sheet = book.create_sheet(name)
        sheet.append(["客户编号", "客户名称", "签约日期"])
        sheet.append([key, "海纳机电", 46115])
    book.save(tmp_path / "a.xlsx")
    row = sent(cast, "a.xlsx", (tmp_path / "a.xlsx").read_bytes())
    assert row.draft["sheet"] == "客户"
    post(cast, row, sheet="旧客户")
    imported(cast, row)
    assert str(Account.objects.get(key="C02").signed_up_on) == "2026-04-03"
    assert not Account.objects.filter(key="C01").exists()


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.xls", b"x", "save an .xls as .xlsx"),
        ("a.xlsx", b"x", "not an XLSX file"),
        ("a.csv", b",\n1,2\n", "holds no column names"),
        ("a.csv", b"a,a\n1,2\n", "two columns are called"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_not_kept(
    cast: Cast, name: str, content: bytes, complaint: str
) -> None:
    assert complaint in send(cast, name, content).content.decode()
    assert not ImportDraft.objects.exists()
    assert not uploads().exists() or list(uploads().iterdir()) == []


def test_a_file_is_seen_by_its_sender_only_and_by_those_who_see_every_customer(cast: Cast) -> None:
    row = sent(cast, "客户.csv", CUSTOMERS)
    for name in ("draft", "preview", "mapping"):
        assert cast.client("oli").get(reverse(f"imports:{name}", args=[row.pk])).status_code == 404
    assert send(cast, "客户.csv", CUSTOMERS, who="song").status_code == 403
    cast.root.reach = "team"
    cast.root.save()
    assert cast.client("root").get(reverse("imports:draft", args=[row.pk])).status_code == 403


def test_who_may_not_write_a_noun_is_not_offered_it(cast: Cast) -> None:
    assert "staff" not in form_nouns(cast, "oli")
    assert {"accounts", "events"} <= form_nouns(cast, "oli")


def form_nouns(cast: Cast, who: str) -> set[str]:
    page = cast.client(who).get(reverse("imports:new")).content.decode()
    options = re.search(r'<select name="noun".*?</select>', page, re.DOTALL)
    assert options
    return set(re.findall(r'value="(\w+)"', options[0]))


def test_a_file_goes_when_it_is_discarded_when_days_pass_and_when_somebody_is_erased(cast: Cast) -> None:
    for how in ("discard", "sweep", "erase"):
        row = sent(cast, "客户.csv", CUSTOMERS)
        path = file_of(row)
        assert path.exists()
        if how == "discard":
            post(cast, row, "discard")
        elif how == "sweep":
            ImportDraft.objects.update(created_at=timezone.now() - KEEP - timedelta(minutes=1))
            Job.objects.create(name="imports.sweep", run_at=NOW, created_at=NOW)
            drain(at=timezone.now())
        else:
            erase_everywhere(cast.lin.pk)
        assert not path.exists() and not ImportDraft.objects.exists(), how


def test_every_noun_field_choice_and_reason_has_words() -> None:
    fields = {name: one.fields for name, one in nouns().items()} | {"events": EVENT_FIELDS}
    assert set(fields) == set(NOUNS) == set(FIELD_WORDS)
    for noun, specs in fields.items():
        known = {one.name for one in specs} | (
            {"starts_on", "ends_on", "account_key"} if noun == "people" else set()
        )
        assert set(FIELD_WORDS[noun]) <= known, noun
        for spec in specs:
            assert f"{noun}.{spec.name}" in FIELDS or spec.name in FIELDS, (noun, spec.name)
            for choice in spec.choices or ():
                assert str(choice) in CHOICES or len(str(choice)) == 1, (noun, choice)
    assert all(str(words) for words in REASONS.values())
