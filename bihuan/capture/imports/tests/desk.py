"""A desk to import from: files and a mapping in a folder of the test."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from bihuan.base.access import Actor, system_actor
from bihuan.capture.imports.actions import Report, run_import
from tests.cast import NOW

BY = system_actor("importer")
Cells = list[list[Any]]


@dataclass
class Desk:
    """`write` a file of any kind, then `load` a table of it."""

    folder: Path

    def write(self, name: str, rows: Cells, **options: Any) -> str:
        writers: dict[str, Callable[..., None]] = {
            ".csv": _csv, ".tsv": _csv, ".gz": _csv_gz, ".xlsx": _xlsx, ".parquet": _parquet
        }  # fmt: skip
        writers[Path(name).suffix](self.folder / name, rows, **options)
        return name

    def text(self, name: str, content: str, encoding: str = "utf-8") -> str:
        (self.folder / name).write_text(content, encoding=encoding, newline="")
        return name

    def mapping(self, *tables: dict[str, Any], **top: Any) -> Path:
        path = self.folder / "mapping.yaml"
        path.write_text(yaml.safe_dump({"name": "desk", "tables": list(tables), **top}, allow_unicode=True))
        return path

    def load(self, *tables: dict[str, Any], by: Actor = BY, **options: Any) -> Report:
        return run_import(mapping_path=self.mapping(*tables), by=by, at=NOW, **options)


def _csv(path: Path, rows: Cells, **_options: Any) -> None:
    separator = "\t" if path.suffix == ".tsv" else ","
    path.write_text("".join(separator.join(map(_plain, row)) + "\n" for row in rows), encoding="utf-8")


def _csv_gz(path: Path, rows: Cells, **_options: Any) -> None:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(",".join(map(_plain, row)) + "\n" for row in rows)


def _xlsx(path: Path, rows: Cells, *, sheet: str = "Sheet1") -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "cover" if sheet != "Sheet1" else sheet
    page = book.active if sheet == "Sheet1" else book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(path)


def _parquet(path: Path, rows: Cells, **_options: Any) -> None:
    names, *content = rows
    pq.write_table(pa.table({name: [row[n] for row in content] for n, name in enumerate(names)}), path)


def _plain(cell: Any) -> str:
    return "" if cell is None else str(cell)


def accounts(file: str, **more: Any) -> dict[str, Any]:
    """A table of accounts with the columns no and name, and whatever is added."""
    fields = {"key": "no", "name": "name", **more.pop("fields", {})}
    return {"noun": "accounts", "file": file, "fields": fields, **more}
