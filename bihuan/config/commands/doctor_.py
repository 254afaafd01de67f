"""`bihuan doctor`."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

Finding = tuple[str, str, str]  # state (ok, note, bad), what, what to do


@click.command()
def command() -> None:
    """Say what is configured, reachable and writable, and what to do about what is not.

    Exit code 1 when something must be done.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    bad = 0
    for check in (python, home, records, events, assets, people, worker):
        for state, what, remedy in findings(check):
            bad += state == "bad"
            mark = {"ok": "✓", "note": "·", "bad": "✗"}[state]
            click.echo(f"{mark} {what}")
            if remedy:
                click.echo(f"    {remedy}")
    click.echo("Everything that must work works." if not bad else f"{bad} thing(s) to do.")
    sys.exit(1 if bad else 0)


def findings(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of one check; an error of the check itself is one."""
    try:
        yield from check()
    except (Exception, SystemExit) as error:
        yield "bad", f"{check.__name__}: {type(error).__name__}: {str(error).strip()}", ""


def python() -> Iterator[Finding]:
    """The interpreter."""
    ok = sys.version_info >= (3, 11)
    yield (
        "ok" if ok else "bad",
        f"Python {sys.version.split()[0]}",
        "" if ok else "Bihuan needs Python 3.11 or newer.",
    )


def home() -> Iterator[Finding]:
    """The folder that holds everything."""
    from bihuan.config.home import open_home

    folder = Path(os.environ.get("BIHUAN_HOME", ".bihuan")).expanduser().resolve()
    existed = folder.exists()
    open_to_others = existed and folder.stat().st_mode & 0o077
    open_home()
    yield "ok", f"BIHUAN_HOME is {folder}" + ("" if existed else " (created now)"), ""
    if open_to_others:
        yield "note", "others on this machine could read BIHUAN_HOME", "Its rights are 700 now."
    free = shutil.disk_usage(folder).free
    remedy = "" if free > 2**30 else "Make room: capture refuses events when the disk is full."
    yield ("ok" if free > 2**30 else "bad"), f"{free / 2**30:.1f} GiB free", remedy


def records() -> Iterator[Finding]:
    """The record database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_account")
        number = cursor.fetchone()[0]
    where = "PostgreSQL from DATABASE_URL" if connection.vendor == "postgresql" else "SQLite in BIHUAN_HOME"
    yield "ok", f"records: {where}, {number} accounts", ""


def events() -> Iterator[Finding]:
    """The log of events and its index."""
    from bihuan.capture.store import StoreNotReady, StoreOwned, close_store, get_store

    try:
        store = get_store()
        count, damaged = store.count(), store.sealed.verify()
        status = store.status()
        yield (
            "ok",
            f"events: {count:,} in {status.url}, {status.behind} group(s) behind the log, "
            f"{status.sealed_rows:,} of them in {status.sealed_files} sealed file(s)",
            "",
        )
        if status.damaged_groups:
            yield (
                "bad",
                f"{status.damaged_groups} group(s) of events are damaged",
                "Restore events/ from a backup.",
            )
        for name in damaged:
            yield (
                "bad",
                f"the sealed file events/sealed/{name} is damaged or missing",
                "Restore it from a backup.",
            )
        if status.set_aside:
            where = f"Look at them or delete them: {', '.join(status.set_aside)}"
            yield "note", f"{len(status.set_aside)} index(es) were set aside", where
    except StoreOwned:
        from bihuan.config.owner import address, wrong_there

        yield "ok", f"events: a server owns them at {address()}", ""
        try:
            said = wrong_there().get("events")
        except click.ClickException as error:
            yield "note", f"events: whether they can be asked is not known: {error.message}", ""
        else:
            if said:
                yield "note", f"events: {said}", "Events are taken meanwhile; questions about them wait."
    except StoreNotReady as error:
        yield (
            "bad",
            f"events: {error}",
            "They are taken and kept in the log meanwhile; mend the server of EVENTS_URL.",
        )
    finally:
        close_store()


def assets() -> Iterator[Finding]:
    """Scripts, styles and translations."""
    from django.contrib.staticfiles import finders

    package = Path(__file__).resolve().parents[2]
    found = finders.find("dist/app.js")
    yield (
        ("ok" if found else "bad"),
        "scripts and styles are built" if found else "scripts and styles are missing",
        ("" if found else "Run: make build"),
    )
    mo = package / "locale/zh_Hans/LC_MESSAGES/django.mo"
    yield (
        ("ok" if mo.exists() else "bad"),
        f"Chinese texts are {'built' if mo.exists() else 'missing'}",
        ("" if mo.exists() else "Run: make build"),
    )


def people() -> Iterator[Finding]:
    """Someone who can administer."""
    from bihuan.know.staff.models import Staff

    admins = [s.username for s in Staff.objects.filter(is_active=True) if "admin" in s.roles]
    if admins:
        yield "ok", f"administrators: {', '.join(admins[:5])}", ""
    else:
        yield "note", "nobody can administer yet", "Add yourself: bihuan user add NAME --role admin"


def worker() -> Iterator[Finding]:
    """Work that was given up."""
    from bihuan.base.jobs.models import Job

    parked = Job.objects.filter(state=Job.State.PARKED).count()
    if parked:
        yield (
            "bad",
            f"{parked} job(s) are parked after repeated failures",
            "Look at Settings → Jobs, mend, retry.",
        )
    else:
        yield "ok", "no parked jobs", ""
