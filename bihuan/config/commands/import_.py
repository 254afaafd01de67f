"""`bihuan import`."""

import json
import sys
from pathlib import Path

import click

from bihuan.config.home import in_home


@click.command()
@click.argument(
    "mapping", metavar="MAPPING|FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the files; that of the mapping when not given.")  # fmt: skip
@click.option("--check", is_flag=True, help="Read and report, write nothing.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON."
)
@click.option(
    "--draft", is_flag=True, help="Print a mapping for the table FILE instead, drafted from its first rows."
)
@click.option("--noun", default="", help="With --draft: what the rows are, such as accounts or events.")
@click.option(
    "--sheet", default="", help="With --draft: the sheet of an XLSX file; the first when not given."
)
@in_home
def command(
    mapping: Path, data: Path | None, check: bool, report: Path | None, draft: bool, noun: str, sheet: str
) -> None:
    """Load CSV, XLSX, Parquet or JSONL files as the mapping file MAPPING says, or draft a mapping for FILE.

    A second run of the same files changes nothing. Exit code 1 when rows were rejected.
    """
    if draft:
        click.echo(drafted(mapping, noun=noun, sheet=sheet), nl=False)
        return
    if noun or sheet:
        raise click.UsageError("--noun and --sheet belong to --draft")
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.capture.imports.actions import run_import
    from bihuan.capture.imports.actions.files import FileRefused
    from bihuan.capture.imports.rules.mapping import MappingRefused

    bar = Bar()
    try:
        result = run_import(
            mapping_path=mapping, data_dir=data, check=check, by=system_actor("command line"), at=timezone.now(),
            progress=bar.show,
        )  # fmt: skip
    except (MappingRefused, FileRefused) as error:
        raise click.ClickException(str(error)) from None
    finally:
        bar.end()
    click.echo(result.as_text())
    if report:
        report.write_text(json.dumps(result.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    if result.rejected:
        sys.exit(1)


def drafted(file: Path, *, noun: str, sheet: str) -> str:
    """The mapping for a table, with the reason for each column as a comment."""
    from bihuan.base.access import system_actor
    from bihuan.capture.imports.actions import FileRefused, draft_of_file, look, mapping_text, nouns_for

    by = system_actor("command line")
    mine = nouns_for(by)
    if noun and noun not in mine:
        raise click.BadParameter(
            f"nothing called {noun!r} can be imported; there is: {', '.join(sorted(mine))}",
            param_hint="--noun",
        )
    try:
        seen = look(file, sheet=sheet)
        if sheet and seen.sheets and sheet not in seen.sheets:
            raise click.BadParameter(
                f"no sheet {sheet!r}; there is: {', '.join(seen.sheets)}", param_hint="--sheet"
            )
        return mapping_text(draft_of_file(file, by=by, noun=noun, seen=seen), mine)
    except FileRefused as error:
        raise click.ClickException(str(error)) from None


class Bar:
    """A progress bar on stderr: one line that is written over, and nothing when stderr is no terminal."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.width = 0

    def show(self, table: str, done: int, total: int) -> None:
        """Draw where it is."""
        if not self.shown:
            return
        share = done / total if total else 0.0
        filled = "█" * int(30 * share)
        text = f"\r{table:16} {filled:30} {done:,}" + (f" / {total:,}" if total else "")
        click.echo(text.ljust(self.width), nl=False, err=True)
        self.width = len(text)

    def end(self) -> None:
        """Leave the line."""
        if self.width:
            click.echo("\r" + " " * self.width + "\r", nl=False, err=True)
