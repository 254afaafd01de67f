"""`bihuan ask`."""

import csv
import io
import json
import sys
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
    from bihuan.capture.store import StoreOwned
    from bihuan.config.owner import ask_the_server
    from bihuan.understand.engine.answer import QuestionError
    from bihuan.understand.explore.queries import ask

    try:
        return ask(question=document, actor=system_actor("command line"), at=timezone.now()).document()
    except QuestionError as error:
        raise click.ClickException(str(error)) from None
    except StoreOwned:
        return ask_the_server(document)


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
