"""`bihuan import`."""

import json
from pathlib import Path

import click

from bihuan.config.home import in_home, note


@click.command()
@click.argument("mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the files; that of the mapping when not given.")  # fmt: skip
@click.option("--check", is_flag=True, help="Read and report, write nothing.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON.")
@in_home
def command(mapping: Path, data: Path | None, check: bool, report: Path | None) -> None:
    """Load CSV, XLSX, Parquet or JSONL files as the mapping file MAPPING says.

    A second run of the same files changes nothing. Exit code 1 when rows were rejected.
    """
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.capture.imports.actions import run_import

    result = run_import(mapping, data_dir=data, check=check, by=system_actor("command line"), at=timezone.now())
    note("")
    click.echo(result.text())
    if report:
        report.write_text(json.dumps(result.document(), ensure_ascii=False, indent=1), encoding="utf-8")
