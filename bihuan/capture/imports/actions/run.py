"""Carrying out a mapping: each table in its order, in batches, counted to the last row."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.importing import noun
from bihuan.base.jobs import Cancelled
from bihuan.capture.imports.actions.events import EventsWork
from bihuan.capture.imports.actions.files import Batch, count_rows, find, read
from bihuan.capture.imports.actions.mappings import check_mapping, columns_kept, fields_of, load_mapping
from bihuan.capture.imports.actions.rows import Index, Ready, TableWork
from bihuan.capture.imports.events import ImportFailed, ImportFinished
from bihuan.capture.imports.models import ImportRun
from bihuan.capture.imports.rules import MappingRules, Report, RowProblem, TableReport, TableRules, Zone

Progress = Callable[[str, int, int], None]
STORED_WITHOUT = "the row is stored without"  # how a noun says that only one value was left out


def run_import(
    *,
    mapping_path: Path | str,
    data_dir: Path | str | None = None,
    check: bool = False,
    by: Actor,
    at: datetime,
    progress: Progress | None = None,
    run: ImportRun | None = None,
) -> Report:
    """Import what the mapping says from `data_dir` (default: its own folder) and return the report.

    `check` does everything except keep it: records are loaded in a transaction that is rolled back, events
    are only counted. MappingRefused (always before any write) and FileRefused say what is wrong.
    `progress(table, rows done, rows in all or 0)`. `run` is the row of an upload; otherwise one is made.
    """
    started = time.monotonic()
    path = Path(mapping_path)
    folder = Path(data_dir) if data_dir is not None else path.parent
    try:
        mapping = load_mapping(path)
        unused = check_mapping(mapping=mapping, folder=folder, by=by)
        report = Report(mapping=mapping.name, title=mapping.title, check=check)
        if run is None and not check:
            run = _started(mapping=mapping, by=by, at=at)
        with _kept_unless(check):
            _carry_out(mapping, folder=folder, report=report, unused=unused, by=by, at=at, progress=progress)
    except Exception as error:
        if run is not None:
            _failed(run, error, by=by, at=at, took_ms=_since(started))
        raise
    report.took_ms = _since(started)
    if run is not None:
        _finished(run, report, by=by, at=at)
    return report


def _carry_out(
    mapping: MappingRules,
    *,
    folder: Path,
    report: Report,
    unused: Mapping[str, list[str]],
    by: Actor,
    at: datetime,
    progress: Progress | None,
) -> None:
    indexes: dict[tuple[str, str], Index] = {}
    for table in mapping.tables:
        counts = TableReport(
            id=table.id, noun=table.noun, files=list(table.files), unused_columns=unused[table.id]
        )
        report.tables.append(counts)
        zone = Zone(table.zone or mapping.zone or settings.TIME_ZONE)
        keep = columns_kept(table, mapping.tables)
        work = TableWork(
            rules=table, fields=fields_of(table.noun), zone=zone, indexes=indexes, keep=keep, report=counts
        )
        store = door(table, counts, zone=zone, check=report.check, by=by, at=at)
        for batch in _batches(table, folder=folder, progress=progress):
            ready = work.rows(batch)
            if ready.rows:
                store(ready)
        for key, index in work.kept.items():
            indexes[table.id, key] = index


def _batches(table: TableRules, *, folder: Path, progress: Progress | None) -> Iterator[Batch]:
    paths = find(table=table, folder=folder)
    total = sum(count_rows(path) for path in paths) if progress else 0
    done = 0
    for path in paths:
        for batch in read(path, table):
            yield batch
            done += len(batch.lines) + len(batch.broken)
            if progress:
                progress(table.id, done, max(done, total) if total else 0)


def door(
    table: TableRules,
    counts: TableReport,
    *,
    zone: Zone,
    check: bool,
    by: Actor,
    at: datetime,
    compare: bool = True,
) -> Callable[[Ready], None]:
    """The function that stores ready rows of this noun and counts what became of them. Without `compare` events are not
    held against those that are stored, which for a large source takes long."""
    if table.noun == "events":
        return EventsWork(
            source=str(table.source),
            product=table.product,
            report=counts,
            check=check,
            zone=zone,
            by=by,
            at=at,
            compare=compare,
        ).store
    load = noun(table.noun).load

    def store(ready: Ready) -> None:
        count = load(rows=ready.rows, by=by, at=at)
        counts.created += count.created
        counts.updated += count.updated
        counts.unchanged += count.unchanged
        refused: set[int] = set()
        for one in count.rejected:
            whole = not one.reason.startswith(STORED_WITHOUT) and one.index not in refused
            refused |= {one.index} if whole else set()
            counts.refuse(
                RowProblem(
                    file=ready.file,
                    line=ready.lines[one.index],
                    field=one.field,
                    value=one.value[:200],
                    reason=one.reason,
                ),
                row=whole,
            )

    return store


@contextmanager
def _kept_unless(check: bool) -> Iterator[None]:
    """A transaction that is rolled back for a check; otherwise none (each batch has its own)."""
    if not check:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _started(*, mapping: MappingRules, by: Actor, at: datetime) -> ImportRun:
    return ImportRun.objects.create(
        mapping=mapping.name, state=ImportRun.State.RUNNING, by_id=by.user_id, by_name=by.name, started_at=at
    )


@transaction.atomic
def _finished(run: ImportRun, report: Report, *, by: Actor, at: datetime) -> None:
    run.state, run.took_ms, run.report = ImportRun.State.DONE, report.took_ms, report.as_json()
    run.mapping, run.error = report.mapping, ""
    run.save()
    if report.check:
        return
    publish(
        ImportFinished(
            import_id=run.pk,
            mapping=report.mapping,
            created=report.created,
            updated=report.updated,
            rejected=report.rejected,
            suspicious=report.suspicious,
        ),
        by=by,
        at=at,
    )


@transaction.atomic
def _failed(run: ImportRun, error: Exception, *, by: Actor, at: datetime, took_ms: int) -> None:
    words = "Stopped by an operator." if isinstance(error, Cancelled) else str(error) or type(error).__name__
    run.state, run.took_ms, run.error = ImportRun.State.FAILED, took_ms, words[:10_000]
    run.save()
    publish(ImportFailed(import_id=run.pk, mapping=run.mapping, error=run.error[:500]), by=by, at=at)


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
