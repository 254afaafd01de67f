"""`bihuan ask`."""

from __future__ import annotations

import csv
import io
import json
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bihuan.config.commands.printed import as_table
from bihuan.config.home import in_home

if TYPE_CHECKING:
    from bihuan.capture.store import Watch


@click.command()
@click.argument("question", type=click.File("r", encoding="utf-8"))
@click.option("--format", "shape", type=click.Choice(["json", "table", "csv"]), default="json", show_default=True,
              help="How to print the answer.")  # fmt: skip
@click.option("--spark", "exported", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Ask Spark, over a folder that `bihuan store export` wrote (needs pyspark and Java 17).")  # fmt: skip
@in_home
def command(question: Any, shape: str, exported: Path | None) -> None:
    """Ask the question in the YAML file QUESTION ("-" for stdin) and print the answer.

    While a server runs on this installation, the question is put to it.
    """
    import yaml

    try:
        document = yaml.safe_load(question)
    except yaml.YAMLError as error:
        raise click.ClickException(f"The question is not YAML: {error}") from None
    answer = ask_here(document) if exported is None else ask_exported(document, exported)
    for note in answer.get("notes", ()):
        click.echo(f"Warning: {note}.", err=True)
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

    watch = Watch()
    try:
        with looked_after(watch), watched(watch):
            return ask(question=document, actor=system_actor("command line"), at=timezone.now()).document()
    except QuestionError as error:
        raise click.ClickException(str(error)) from None
    except Cancelled:
        raise click.Abort from None
    except StoreOwned:
        return ask_the_server(document)


def ask_exported(document: Any, folder: Path) -> dict[str, Any]:
    """The answer of Spark over exported events."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.understand.engine.answer import QuestionError
    from bihuan.understand.explore.on_spark import ask_spark, session

    if not isinstance(document, dict):
        raise click.ClickException("question: write a document with a kind, such as kind: trend")
    try:
        spark = session()
    except ModuleNotFoundError:
        raise click.ClickException(
            "Spark is not installed: pip install 'bihuan[spark]' (and Java 17)."
        ) from None
    try:
        actor = system_actor("command line")
        return ask_spark(
            question=document, folder=folder, spark=spark, actor=actor, at=timezone.now()
        ).document()
    except QuestionError as error:
        raise click.ClickException(str(error)) from None
    finally:
        spark.stop()


@contextmanager
def looked_after(watch: Watch) -> Iterator[None]:
    """Meanwhile a terminal's stderr shows a bar from the second second on, and Ctrl-C ends the question at once.

    The engine holds this thread while it works, so another one waits for the signal, as a byte on a socket.
    """
    told, tell = socket.socketpair()
    tell.setblocking(False)
    before = signal.set_wakeup_fd(tell.fileno())
    other = threading.Thread(target=_look, args=(watch, told), daemon=True)
    other.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        tell.close()
        other.join()
        told.close()


def _look(watch: Watch, told: socket.socket) -> None:
    """Until the other end is closed."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    told.settimeout(1)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with ExitStack() as shown:
        bar: Progress | None = None
        while True:
            try:
                said = told.recv(1)
            except TimeoutError:
                if bar is None and console.is_terminal:
                    bar = shown.enter_context(Progress(*columns, console=console, transient=True))
                    bar.add_task("Working on the answer (Ctrl-C ends it)", total=None)
                told.settimeout(0.2)
                if bar is not None and (done := watch.progress()) is not None:
                    bar.update(bar.task_ids[0], total=1.0, completed=done)
                continue
            if not said:
                return
            if said[0] == signal.SIGINT:
                watch.cancel()


def as_csv(answer: dict[str, Any]) -> str:
    """Rows with a header, the definition as comment lines above."""
    text = io.StringIO()
    for line in answer["definition"]:
        text.write(f"# {line}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column["name"] for column in answer["columns"]])
    writer.writerows([in_a_cell(value) for value in row] for row in answer["rows"])
    return text.getvalue()


def in_a_cell(value: Any) -> str:
    """A value in a CSV: nothing for null, whole numbers without their ".0"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
