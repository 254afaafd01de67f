"""`bihuan ask`."""

import csv
import io
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import click

from bihuan.config.home import in_home


@click.command()
@click.argument("question", type=click.File("r", encoding="utf-8"))
@click.option("--format", "shape", type=click.Choice(["json", "table", "csv"]), default="json", show_default=True,
              help="How to print the answer.")  # fmt: skip
@in_home
def command(question: Any, shape: str) -> None:
    """Ask the question in the YAML file QUESTION ("-" for stdin) and print the answer.

    While a server runs on this installation, the question is put to it.
    """
    import yaml

    try:
        document = yaml.safe_load(question)
    except yaml.YAMLError as error:
        raise click.ClickException(f"The question is not YAML: {error}") from None
    answer = ask_here(document)
    if shape == "json":
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    elif shape == "csv":
        click.echo(as_csv(answer), nl=False)
    else:
        click.echo(as_table(answer))


def ask_here(document: Any) -> dict[str, Any]:
    """The answer from this process, or from the server that owns the events."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.capture.store import Cancelled, StoreOwned, Watch, watched
    from bihuan.config.owner import ask_the_server
    from bihuan.understand.engine.answer import QuestionError
    from bihuan.understand.explore.queries import ask

    def asked(watch: Watch) -> dict[str, Any]:
        with watched(watch):
            return ask(question=document, actor=system_actor("command line"), at=timezone.now()).document()

    try:
        return with_progress(asked)
    except QuestionError as error:
        raise click.ClickException(str(error)) from None
    except Cancelled:
        raise click.Abort from None
    except StoreOwned:
        return ask_the_server(document)


def with_progress(asked: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    """The answer, with a bar on a terminal's stderr from the second second on; Ctrl-C ends the question."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from bihuan.capture.store import Watch

    watch = Watch()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(_and_let_go, asked, watch)
        try:
            with suppress(TimeoutError):
                return answer.result(timeout=1)
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            console = Console(stderr=True)
            with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
                task = bar.add_task("Working on the answer (Ctrl-C ends it)", total=None)
                while True:
                    with suppress(TimeoutError):
                        return answer.result(timeout=0.2)
                    if (done := watch.progress()) is not None:
                        bar.update(task, total=1.0, completed=done)
        except KeyboardInterrupt:
            watch.cancel()
            raise


def _and_let_go(asked: Callable[[Any], dict[str, Any]], watch: Any) -> dict[str, Any]:
    """In a thread of its own: its connection to the database is closed with it."""
    from django.db import connections

    try:
        return asked(watch)
    finally:
        connections.close_all()


def as_csv(answer: dict[str, Any]) -> str:
    """Rows with a header, the definition as comment lines above."""
    text = io.StringIO()
    for line in answer["definition"]:
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column["name"] for column in answer["columns"]])
    writer.writerows([in_a_cell(value) for value in row] for row in answer["rows"])
    return text.getvalue()


def as_table(answer: dict[str, Any]) -> str:
    """Columns in line for a terminal; the headline numbers first."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*[column["name"] for column in answer["columns"]])
    for row in answer["rows"]:
        table.add_row(*[in_a_cell(value) for value in row])
    console = Console(file=io.StringIO(), width=120 if not sys.stdout.isatty() else None)
    console.print("\n".join(answer["definition"]))
    console.print(answer["summary"])
    if answer["left_out"]:
        console.print("left out:", answer["left_out"])
    console.print(table)
    text = console.file
    assert isinstance(text, io.StringIO)
    return text.getvalue().rstrip()


def in_a_cell(value: Any) -> str:
    """A value in a table or a CSV: nothing for null, whole numbers without their ".0"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
