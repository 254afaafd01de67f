"""Exports: harmless cells, at once when short, in the background when long, for their requester only."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain
from bihuan.base.ui.export import DANGEROUS, harmless
from bihuan.base.ui.models import Export

LIST = "/contracts/"


@given(st.text())
def test_no_text_starts_like_a_formula(text):
    cell = harmless(text)
    assert not cell.startswith(DANGEROUS)


@given(
    st.one_of(
        st.integers(), st.floats(allow_nan=False), st.decimals(allow_nan=False), st.booleans(), st.none()
    )
)
def test_numbers_stay_numbers(value):
    assert harmless(value) is value


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_looks_like_a_formula_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


def test_times_are_written_in_the_organisations_zone():
    assert harmless(datetime(2026, 11, 18, 2, 30, tzinfo=UTC)) == datetime(2026, 11, 18, 10, 30)
    assert harmless(date(2026, 11, 18)) == date(2026, 11, 18)
    assert harmless(Decimal("1.50")) == Decimal("1.50")


def test_a_short_list_is_a_file_at_once(cast, contracts):
    answer = cast.client("mei").post(f"{LIST}?q=C-1", {"do": "export", "format": "csv"})
    assert answer["Content-Disposition"].startswith('attachment; filename="contracts-')
    assert "no-store" in answer["Cache-Control"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 2
    assert any("C-1" in cell for cell in rows[1])


def test_a_spreadsheet_keeps_amounts_as_numbers(cast, contracts):
    answer = cast.client("mei").post(LIST, {"do": "export", "format": "xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows(min_row=2, values_only=True) for cell in row]
    assert 40000 in cells


def test_an_unknown_format_is_not_found(cast, contracts):
    assert cast.client("mei").post(LIST, {"do": "export", "format": "exe"}).status_code == 404


def test_who_may_not_export_is_refused(cast, contracts):
    assert cast.client("pan").post(LIST, {"do": "export", "format": "csv"}).status_code == 403


def test_an_export_holds_the_territory_only(cast, contracts):
    answer = cast.client("bei").post(LIST, {"do": "export", "format": "csv"})
    assert answer.status_code == 200
    assert b"C-1" not in answer.content


@pytest.fixture
def long_list(settings, tmp_path, cast, contracts):
    settings.EXPORT_AT_ONCE = 1
    settings.MEDIA_ROOT = tmp_path
    return cast


def test_a_long_list_becomes_a_job_with_a_page_and_a_file(long_list):
    client = long_list.client("mei")
    answer = client.post(f"{LIST}?sort=key", {"do": "export", "format": "csv"})
    row = Export.objects.get()
    assert answer.url == f"/exports/{row.pk}/"
    assert "Cancel" in client.get(answer.url).content.decode()
    drain(at=timezone.now())
    row.refresh_from_db()
    assert row.rows == 2
    assert "2 rows are ready" in client.get(answer.url).content.decode()
    body = b"".join(client.get(f"/exports/{row.pk}/file/").streaming_content).decode("utf-8-sig")
    assert "C-1" in body


def test_the_file_belongs_to_its_requester(long_list):
    long_list.client("mei").post(LIST, {"do": "export", "format": "csv"})
    drain(at=timezone.now())
    row = Export.objects.get()
    for path in (f"/exports/{row.pk}/", f"/exports/{row.pk}/file/"):
        assert long_list.client("root").get(path).status_code == 404
    assert long_list.client("root").post(f"/exports/{row.pk}/cancel/").status_code == 404


def test_a_cancelled_export_leaves_nothing(long_list, tmp_path):
    client = long_list.client("mei")
    client.post(LIST, {"do": "export", "format": "csv"})
    row = Export.objects.get()
    client.post(f"/exports/{row.pk}/cancel/")
    drain(at=timezone.now())
    assert Job.objects.get(pk=row.job_id).state == "cancelled"
    assert not list(tmp_path.glob("exports/*"))
    assert client.get(f"/exports/{row.pk}/file/").status_code == 404
    assert "Cancelled" in client.get(f"/exports/{row.pk}/").content.decode()
