"""Writing a list to CSV or XLSX, with formulas made harmless."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.html import strip_tags
from openpyxl import Workbook

from bihuan.base.ui.columns import Column

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CHUNK = 500


def harmless(value: Any) -> Any:
    """A cell a spreadsheet will not run: text that starts like a formula gets a leading apostrophe.

    Numbers, dates and truth values are not text and stay as they are.
    """
    if value is None or isinstance(value, bool | int | float | Decimal):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    text = "".join(c for c in str(value) if c >= " " or c in "\t\r\n")
    return f"'{text}" if text.startswith(DANGEROUS) else text


def table(columns: Iterable[Column], records: Iterable[Any]) -> Iterator[list[Any]]:
    """The title row, then a row of harmless cells per record."""
    exported = [column for column in columns if column.export]
    yield [harmless(str(column.title)) for column in exported]
    for record in records:
        yield [harmless(plain_text(column.plain(record))) for column in exported]


def plain_text(value: Any) -> Any:
    """Markup never reaches a file."""
    return strip_tags(str(value)) if hasattr(value, "__html__") else value


def write_csv(path: Path, rows: Iterable[list[Any]]) -> int:
    """Write UTF-8 with a byte order mark, so that spreadsheets read Chinese; returns the count of rows."""
    count = -1
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow(row)
            count += 1
    return max(count, 0)


def write_xlsx(path: Path, rows: Iterable[list[Any]]) -> int:
    """Write one sheet; returns the rows without the title."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Bihuan")
    count = -1
    for row in rows:
        sheet.append(row)
        count += 1
    book.save(path)
    return max(count, 0)


def write(path: Path, rows: Iterable[list[Any]], *, format: str) -> int:
    """Write in the format of the name."""
    return write_xlsx(path, rows) if format == "xlsx" else write_csv(path, rows)
