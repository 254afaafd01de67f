"""`bihuan store`."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from bihuan.config.home import in_home, note

_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def command() -> None:
    """Look after the event store: the log, the sealed files and the index that answers questions."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option(
    "--checksum",
    is_flag=True,
    help="Also read every sealed file and every event, compare digests, and sum the events up.",
)
@in_home
def status(as_json: bool, checksum: bool) -> None:
    """Say where events lie, how many there are, how far the index is, and what is damaged.

    Exit code 1 when something is damaged.
    """
    with _store() as store:
        if store.owner:
            store.start()
        if checksum:
            store.sealed.verify()
        found = store.status()
        told: dict[str, Any] = {name: getattr(found, name) for name in found.__dataclass_fields__}
        told["behind"] = found.behind
        if checksum:
            told["events"], told["checksum"] = store.checksum()
    if as_json:
        click.echo(json.dumps(told, indent=1))
    else:
        for name, value in told.items():
            click.echo(f"{name}\t{', '.join(map(str, value)) or '-' if isinstance(value, list) else value}")
    if found.damaged_groups or found.sealed_damaged:
        raise SystemExit(1)


@command.command()
@in_home
def rebuild() -> None:
    """Make the index anew from the log and the sealed files, and say its count and checksum.

    The old one is set aside first. Events may be captured meanwhile; in embedded mode stop the server for it.
    """
    started = perf_counter()
    with _store() as store:
        store.rebuild()
        store.compact()
        events, total = store.checksum()
    click.echo(f"{events} events, checksum {total}")
    note(f"{perf_counter() - started:.0f} s.")


@command.command()
@in_home
def compact() -> None:
    """Drop what was stored twice, and lay the rows out so that a customer's page reads few of them.

    The server does so every night.
    """
    with _store() as store:
        repeats = store.compact()
        count = store.count()
    click.echo(f"{count} events, {repeats} ids stood more than once")


@command.command()
@click.option("--from", "source", default=None, metavar="URL",
              help="The store to compare with; that of EVENTS_URL when not given.")  # fmt: skip
@click.option("--to", "target", required=True, metavar="URL",
              help="duckdb:FILE, clickhouse://user:password@host:8123/database or chdb:FOLDER.")  # fmt: skip
@in_home
def copy(source: str | None, target: str) -> None:
    """Make another engine hold the same events, and compare the two by count and checksum.

    An interrupted copy goes on where it stood. Set EVENTS_URL to the new place afterwards. Exit code 1 when they differ.
    """
    from bihuan.capture.store import copy_index

    with _store(source) as store:
        done = copy_index(store, to=target, progress=_told())
    click.echo(
        f"{done.events} events up to group {done.seq}, checksum {done.checksum}: {done.target} holds what {done.source} holds"
    )


@command.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--from", "first", type=_DAY, default=None, help="The first day, in the organisation's zone.")
@click.option("--to", "last", type=_DAY, default=None, help="The last day, inclusive.")
@in_home
def export_(folder: Path, first: Any, last: Any) -> None:
    """Write events as Parquet, one file a day: FOLDER/day=YYYY-MM-DD/events.parquet.

    DuckDB, Spark and ClickHouse read the folder as one table with a column `day`.
    """
    from bihuan.capture.store import export_events

    with _store() as store:
        done = export_events(store, folder, first=_day(first), last=_day(last), progress=_told())
    click.echo(f"{done.events} events of {done.days} days")


@command.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@in_home
def import_(folder: Path) -> None:
    """Store the events of the Parquet files below FOLDER, as `bihuan store export` wrote them.

    An event whose id the store holds already is not stored again, so it may be repeated.
    """
    from bihuan.capture.store import import_events

    with _store() as store:
        done = import_events(store, folder, progress=_told())
    click.echo(f"{done.read} events read, {done.stored} stored, {done.known} known before")


@contextmanager
def _store(url: str | None = None) -> Iterator[Any]:
    """The store of this installation, or its events in the engine at `url`; its errors are told in words."""
    from django.conf import settings

    from bihuan.capture.store import Store, StoreError, get_store

    try:
        store = get_store() if url is None else Store(settings.BIHUAN_HOME, zone=settings.TIME_ZONE, url=url)
        try:
            yield store
        finally:
            store.close()
    except StoreError as error:
        raise click.ClickException(str(error)) from None


def _told() -> Callable[[str, int, int], None]:
    """Progress in words, a line each five seconds at most."""
    told = perf_counter()

    def progress(what: str, done: int, total: int) -> None:
        nonlocal told
        if perf_counter() - told >= 5:
            told = perf_counter()
            note(f"{what}: {done:,} of {total:,}")

    return progress


def _day(moment: Any) -> date | None:
    return moment.date() if moment is not None else None
