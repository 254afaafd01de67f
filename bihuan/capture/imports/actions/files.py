"""Reading files in batches of columns, each row with its line; nothing is interpreted here."""

import csv
import gzip
import json
import math
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from bihuan.capture.imports.rules import MappingRefused, TableRules

BATCH = 50_000
LONGEST_CELL = 16 * 2**20
LONGEST_LINE = 64 * 2**20
LARGEST_SHEET = 2 * 2**30
#: What is packed a hundred times smaller is no table that people made.
MOST_PACKED, PACKED_FROM = 100, 64 * 2**20
MOST_ROWS, MOST_NAMES = 2**20, 2**14  # of a sheet, as its format has it; of columns in any file
MOST_CELLS = 10_000_000  # of a batch
Cell = Any
BROKEN_SHEET = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # of every reader of XML
    EOFError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RuntimeError,  # of what is packed with a password, or nested too deeply
    OSError,
)
BROKEN_PARQUET = (pa.ArrowException, OSError, ValueError, LookupError, OverflowError)


class FileRefused(ValueError):
    """A file cannot be read; the message names it, the line, and a remedy."""


@dataclass(kw_only=True)
class Batch:
    """Rows as columns; `lines` are lines of the file, `broken` are (line, reason) of unreadable rows."""

    file: str
    columns: dict[str, list[Cell]]
    lines: list[int] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)


def find(*, table: TableRules, folder: Path) -> list[Path]:
    """The table's files inside `folder`; MappingRefused for a missing file or a way out of the folder."""
    root = folder.resolve()
    problems, found = [], []
    for name in table.files:
        path = (root / name).resolve()
        if Path(name).is_absolute() or not path.is_relative_to(root):
            problems.append(f"table {table.id}: {name!r} lies outside the data folder; put the file into it")
        elif not path.is_file():
            problems.append(
                f"table {table.id}: there is no file {name!r} in {folder}; check the name or --data"
            )
        else:
            found.append(path)
    if problems:
        raise MappingRefused(problems)
    return found


def header(path: Path, table: TableRules) -> list[str]:
    """The names of the columns; for JSONL the names that occur in any row."""
    kind = _kind(path)
    if kind == "csv":
        with _text(path, table.encoding) as file:
            try:
                return _checked_header(
                    next(csv.reader(_lines(file, path), delimiter=table.delimiter), []), path
                )
            except FileRefused:
                raise
            except (csv.Error, LookupError, TypeError, ValueError) as error:
                raise FileRefused(f"{path.name}: the first line cannot be read: {error}") from None
    if kind == "xlsx":
        return _checked_header([_named(cell) for cell in next(_sheet_rows(path, table), ())], path)
    if kind == "parquet":
        return _checked_header(_parquet(path).schema_arrow.names, path)
    names: dict[str, None] = {}
    for batch in read(path, table):
        names.update(dict.fromkeys(batch.columns))
    return list(names)


def read(path: Path, table: TableRules, *, size: int = BATCH) -> Iterator[Batch]:
    """The rows of one file."""
    csv.field_size_limit(LONGEST_CELL)
    return {"csv": _read_csv, "xlsx": _read_xlsx, "parquet": _read_parquet, "jsonl": _read_jsonl}[
        _kind(path)
    ](path, table, size)


def sheets(path: Path) -> list[str]:
    """The sheets of an XLSX file in their order; of other files none."""
    if _kind(path) != "xlsx":
        return []
    book = _book(path)
    try:
        return [sheet.title for sheet in book.worksheets]
    finally:
        book.close()


def count_rows(path: Path) -> int:
    """About how many rows a file has, for a progress bar; 0 when that is not cheap to know."""
    kind = _kind(path)
    if kind == "parquet":
        return int(_parquet(path).metadata.num_rows)
    if kind == "xlsx" or path.suffix == ".gz":
        return 0
    with path.open("rb") as file:
        lines = sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    return max(0, lines - (kind == "csv"))


def _kind(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return "csv" if name.endswith((".csv", ".tsv")) else name.rsplit(".", 1)[-1]


def _text(path: Path, encoding: str) -> IO[str]:
    try:
        if path.suffix.lower() == ".gz":
            return gzip.open(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
        return path.open(encoding=encoding, errors="surrogateescape", newline="")
    except LookupError:
        raise FileRefused(
            f"{path.name}: unknown encoding {encoding!r}; use utf-8, gb18030 or another"
        ) from None


def _lines(file: IO[str], path: Path) -> Iterator[str]:
    """The lines; one without an end, as a small packed file may hold, is refused before it fills the memory."""
    number = 0
    while line := _next_line(file, path, number):
        number += 1
        if len(line) == LONGEST_LINE:
            raise FileRefused(
                f"{path.name}: a line is longer than {LONGEST_LINE // 2**20} million characters"
            )
        yield line


def _next_line(file: IO[str], path: Path, number: int) -> str:
    try:
        return file.readline(LONGEST_LINE)
    except (EOFError, OSError, UnicodeError, zlib.error) as error:
        raise FileRefused(f"{path.name}, line {number}: the file cannot be read on: {error}") from None


def _checked_header(names: list[str], path: Path) -> list[str]:
    cleaned = [str(name).strip() for name in names]
    if not any(cleaned):
        raise FileRefused(f"{path.name}: the first line holds no column names")
    if _undecodable("".join(cleaned)):
        raise FileRefused(
            f"{path.name}: the names of its columns are not in the table's `encoding`;"
            " files that Excel saved in China often want `encoding: gb18030`"
        )
    if len(cleaned) > MOST_NAMES:
        raise FileRefused(f"{path.name}: {_too_many_names(len(cleaned))}")
    twice = sorted(name for name, times in Counter(cleaned).items() if name and times > 1)
    if twice:
        raise FileRefused(f"{path.name}: two columns are called {twice[0]!r}; rename one of them")
    return cleaned


def _too_many_names(number: int) -> str:
    return f"it has {number:,} columns, and {MOST_NAMES:,} are the most; leave out those that nobody needs"


def _batches(
    rows: Iterator[tuple[int, list[Cell] | str]], names: list[str], file: str, size: int
) -> Iterator[Batch]:
    """Rows (or a reason why one cannot be read) gathered into batches."""
    lines: list[int] = []
    cells: list[list[Cell]] = []
    broken: list[tuple[int, str]] = []
    size = min(size, MOST_CELLS // len(names))
    for line, row in rows:
        if isinstance(row, str):
            broken.append((line, row))
        else:
            lines.append(line)
            cells.append(row)
        if len(lines) + len(broken) >= size:
            yield _batch(names, file, lines, cells, broken)
            lines, cells, broken = [], [], []
    if lines or broken:
        yield _batch(names, file, lines, cells, broken)


def _batch(
    names: list[str], file: str, lines: list[int], cells: list[list[Cell]], broken: list[tuple[int, str]]
) -> Batch:
    turned = zip(*cells, strict=True) if cells else ([] for _ in names)
    columns = {name: list(column) for name, column in zip(names, turned, strict=True) if name}
    return Batch(file=file, columns=columns, lines=lines, broken=broken)


def _read_csv(path: Path, table: TableRules, size: int) -> Iterator[Batch]:
    with _text(path, table.encoding) as file:
        reader = csv.reader(_lines(file, path), delimiter=table.delimiter)
        names = _checked_header(next(reader, []), path)
        yield from _batches(_csv_rows(reader, len(names), path, table.encoding), names, path.name, size)


def _csv_rows(reader: Any, width: int, path: Path, encoding: str) -> Iterator[tuple[int, list[Cell] | str]]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, EOFError, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise FileRefused(
                f"{path.name}, line {reader.line_num}: the file cannot be read on: {error}"
            ) from None
        if not row:
            continue
        if len(row) != width:
            yield reader.line_num, f"the row has {len(row)} cells, the first line names {width}"
        elif _undecodable("".join(row)):
            yield (
                reader.line_num,
                f"the row is not {encoding} text; set the table's `encoding`, such as gb18030",
            )
        else:
            yield reader.line_num, row


def _undecodable(cell: str) -> bool:
    return not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell)


def _book(path: Path) -> Any:
    """The workbook, unless what it unpacks to would fill the memory."""
    try:
        with zipfile.ZipFile(path) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        if unpacked > LARGEST_SHEET:
            raise FileRefused(f"{path.name}: unpacked it is larger than {LARGEST_SHEET // 2**30} GB")
        if unpacked > PACKED_FROM and unpacked > MOST_PACKED * path.stat().st_size:
            raise FileRefused(
                f"{path.name}: unpacked it is more than {MOST_PACKED} times as large; save the table as CSV"
            )
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except FileRefused:
        raise
    except BROKEN_SHEET as error:
        raise FileRefused(f"{path.name}: not an XLSX file that can be read: {error}") from None


def _sheet_rows(path: Path, table: TableRules) -> Iterator[tuple[Cell, ...]]:
    book = _book(path)
    try:
        if table.sheet is not None and table.sheet not in book.sheetnames:
            raise FileRefused(
                f"{path.name}: no sheet {table.sheet!r}; there is: {', '.join(book.sheetnames)}"
            )
        sheet = book[table.sheet] if table.sheet else book.worksheets[0]
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            if number > MOST_ROWS:  # a row that is numbered so stands behind as many empty ones
                raise FileRefused(f"{path.name}: a sheet has {MOST_ROWS:,} rows at most; split the table")
            yield row
    except FileRefused:
        raise
    except BROKEN_SHEET as error:
        raise FileRefused(f"{path.name}: the sheet cannot be read on: {error}") from None
    finally:
        book.close()


def _named(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _read_xlsx(path: Path, table: TableRules, size: int) -> Iterator[Batch]:
    rows = _sheet_rows(path, table)
    names = _checked_header([_named(cell) for cell in next(rows, ())], path)
    width = len(names)

    def cells() -> Iterator[tuple[int, list[Cell] | str]]:
        for line, row in enumerate(rows, start=2):
            if all(cell is None for cell in row):
                continue
            if any(cell is not None for cell in row[width:]):
                yield line, f"the row has more cells than the {width} columns that the first row names"
            else:
                yield line, [*row[:width], *([None] * (width - len(row)))]

    yield from _batches(cells(), names, path.name, size)


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except BROKEN_PARQUET as error:
        raise FileRefused(f"{path.name}: not a Parquet file that can be read: {error}") from None


def _read_parquet(path: Path, table: TableRules, size: int) -> Iterator[Batch]:
    line, file = 1, _parquet(path)
    names = _checked_header(file.schema_arrow.names, path)
    try:
        for batch in file.iter_batches(batch_size=min(size, MOST_CELLS // len(names))):
            columns = {
                name: [
                    None if isinstance(cell, float) and math.isnan(cell) else cell
                    for cell in column.to_pylist()
                ]
                for name, column in zip(names, batch.columns, strict=True)
            }
            yield Batch(file=path.name, columns=columns, lines=list(range(line, line + batch.num_rows)))
            line += batch.num_rows
    except BROKEN_PARQUET as error:
        raise FileRefused(f"{path.name}, row {line}: the file cannot be read on: {error}") from None


def _read_jsonl(path: Path, table: TableRules, size: int) -> Iterator[Batch]:
    lines: list[int] = []
    objects: list[dict[str, Any]] = []
    broken: list[tuple[int, str]] = []
    names: set[str] = set()
    with _text(path, table.encoding) as file:
        for line, text in enumerate(_lines(file, path), start=1):
            if not text.strip():
                continue
            found = _object(text)
            if isinstance(found, str):
                broken.append((line, found))
            else:
                lines.append(line)
                objects.append(found)
                names.update(found)
            if len(names) > MOST_NAMES:
                raise FileRefused(f"{path.name}, line {line}: {_too_many_names(len(names))}")
            if len(lines) + len(broken) >= min(size, MOST_CELLS // max(1, len(names))):
                yield _from_objects(path.name, lines, objects, broken)
                lines, objects, broken = [], [], []
    if lines or broken:
        yield _from_objects(path.name, lines, objects, broken)


def _object(text: str) -> dict[str, Any] | str:
    """A line's object with the keys of inner objects as `outer.inner` beside it."""
    try:
        found = json.loads(text)
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "the line holds half a character, which is no text"
    except (ValueError, RecursionError):
        return "the line is not JSON"
    if not isinstance(found, dict):
        return "the line is not a JSON object"
    flat = dict(found)
    for name, value in found.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{inner}": one for inner, one in value.items()})
    return flat


def _from_objects(
    file: str, lines: list[int], objects: list[dict[str, Any]], broken: list[tuple[int, str]]
) -> Batch:
    names = dict.fromkeys(name for one in objects for name in one)
    columns = {name: [one.get(name) for one in objects] for name in names}
    return Batch(file=file, columns=columns, lines=lines, broken=broken)
