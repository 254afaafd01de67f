"""A backup of one installation, made while it serves: one file, checked by its own list of digests.

The log of events is copied before the records: what the log holds, the records of that later moment know, never the
other way round. Both are copied by SQLite itself, as of one moment each. The index is left out: it is made again.
"""

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlparse

import pyarrow as pa

FORMAT = 1
MANIFEST = "manifest.json"
SEALED, FOLDERS = "events/sealed", ("files", "keys")
PG_DUMP = "records.pgdump"
Say = Callable[[str], None]


class BackupError(Exception):
    """Why there is no backup, or why it is not restored, and what to do."""


def make_backup(
    *, home: Path, target: Path, version: str, at: datetime, say: Say, database_url: str = ""
) -> dict[str, Any]:
    """Write `target` (a zstd-compressed tar, mode 0600) and return its manifest; nothing half-written stays behind."""
    if target.exists():
        raise BackupError(f"{target} exists. Choose another name; a backup never overwrites one.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
        copy = Path(folder) / "home"
        copy.mkdir(mode=0o700)
        say("Copying the log of events …")
        with _files_stay(home):
            events = _copy_log(home, copy)
            _copy_folder(home / SEALED, copy / SEALED)
        for name in FOLDERS:
            _copy_folder(home / name, copy / name)
        say("Copying the records …")
        if database_url:
            _pg_dump(database_url, copy / PG_DUMP)
        else:
            _copy_sqlite(home / "records.sqlite3", copy / "records.sqlite3")
        files = {
            str(path.relative_to(copy)): _digest(path) for path in sorted(copy.rglob("*")) if path.is_file()
        }
        manifest = {"format": FORMAT, "bihuan": version, "made_at": at.isoformat(), "events": events,
                    "records": "postgresql" if database_url else "sqlite", "files": files}  # fmt: skip
        say(f"Writing {target.name}: {len(files)} files …")
        partial = Path(folder) / "archive"
        with _writing(partial) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
            _add_bytes(archive, MANIFEST, json.dumps(manifest, indent=1).encode(), at=at)
            for name in files:
                archive.add(copy / name, arcname=name, recursive=False)
        partial.rename(target)
    _sync(target.parent)
    return manifest


def check_backup(*, source: Path, into: Path | None = None) -> dict[str, Any]:
    """Read the whole backup, compare every digest, and unpack into the empty folder `into` if one is given."""
    try:
        with _reading(source) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            manifest: dict[str, Any] | None = None
            missing: set[str] = set()
            for member in archive:
                file = archive.extractfile(member)
                if file is None:
                    raise BackupError(f"{source}: {member.name} is no plain file; this is no backup of ours.")
                if manifest is None:
                    manifest = _manifest(source, member.name, file)
                    missing = set(manifest["files"])
                    continue
                _take(source, member.name, file, manifest, into)
                missing.discard(member.name)
    except (tarfile.TarError, OSError, pa.ArrowException, EOFError) as error:
        raise BackupError(f"{source} cannot be read to its end: {error}. Take another backup.") from error
    if manifest is None or missing:
        raise BackupError(
            f"{source} is not whole: {', '.join(sorted(missing)[:3]) or 'it is empty'}. Take another backup."
        )
    return manifest


def restore(*, source: Path, home: Path, say: Say, database_url: str = "") -> dict[str, Any]:
    """Put the backup into `home`, which must be missing or empty; all of it or nothing."""
    if home.exists() and any(home.iterdir()):
        raise BackupError(f"{home} is not empty. Move it away first, or set BIHUAN_HOME to another folder.")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home.parent) as folder:
        fresh = Path(folder) / "home"
        fresh.mkdir(mode=0o700)
        say("Unpacking and comparing every digest …")
        manifest = check_backup(source=source, into=fresh)
        of_server = manifest["records"] == "postgresql"
        if of_server != bool(database_url):
            wanted = (
                "with DATABASE_URL set to an empty PostgreSQL database"
                if of_server
                else "without DATABASE_URL"
            )
            raise BackupError(
                f"The records of this backup are of {manifest['records']}: restore it {wanted}."
            )
        for file in [*fresh.glob("*.sqlite3"), *fresh.glob("events/*.sqlite")]:
            _sound(file)
        if of_server:
            _pg_restore(database_url, fresh / PG_DUMP)
            (fresh / PG_DUMP).unlink()
        if home.exists():
            home.rmdir()
        fresh.rename(home)
    _sync(home.parent)
    return manifest


# Copying


@contextmanager
def _files_stay(home: Path) -> Iterator[None]:
    """Nobody seals, erases or forgets meanwhile: the log names sealed files, and the two must fit."""
    (home / "events").mkdir(parents=True, exist_ok=True, mode=0o700)
    with (home / "events" / "sealed.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_log(home: Path, copy: Path) -> int:
    """The log as of one moment; returns how many events it holds."""
    (copy / "events").mkdir(mode=0o700)
    log = home / "events" / "log.sqlite"
    if not log.exists():
        return 0
    _copy_sqlite(log, copy / "events" / "log.sqlite")
    with closing(sqlite3.connect(copy / "events" / "log.sqlite")) as db:
        return int(db.execute("SELECT coalesce(sum(rows), 0) FROM groups").fetchone()[0])


def _copy_sqlite(source: Path, target: Path) -> None:
    """SQLite's own online copy: writers go on, the copy is of one moment."""
    here = sqlite3.connect(f"file:{source}?mode=rw", uri=True, timeout=60)
    with closing(here), closing(sqlite3.connect(target)) as there:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def _copy_folder(source: Path, target: Path) -> None:
    """Every file below; one that goes away meanwhile is left out, for then nothing points at it any more."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            to = target / path.relative_to(source)
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                shutil.copy2(path, to)
            except FileNotFoundError:
                continue


def _pg_dump(url: str, target: Path) -> None:
    _pg(["pg_dump", "--format=custom", "--no-owner", f"--file={target}"], url)


def _pg_restore(url: str, dump: Path) -> None:
    _pg(
        ["pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname="], url, [str(dump)]
    )


def _pg(command: list[str], url: str, more: list[str] | None = None) -> None:
    """Run PostgreSQL's own tool; the password goes by the environment, never on the command line."""
    parts = urlparse(url)
    env = {"PGHOST": parts.hostname or "", "PGPORT": str(parts.port or ""), "PGUSER": unquote(parts.username or ""),
           "PGPASSWORD": unquote(parts.password or ""), "PGDATABASE": unquote(parts.path.lstrip("/"))}  # fmt: skip
    if command[-1] == "--dbname=":
        command = [*command[:-1], f"--dbname={env['PGDATABASE']}"]
    try:
        done = subprocess.run([*command, *(more or [])], env={**os.environ, **{k: v for k, v in env.items() if v}},
                              capture_output=True, text=True, check=False)  # fmt: skip
    except FileNotFoundError:
        raise BackupError(
            f"{command[0]} is not on this machine: install PostgreSQL's client programs."
        ) from None
    if done.returncode:
        raise BackupError(f"{command[0]} failed: {done.stderr.strip().splitlines()[-1:] or done.returncode}")


# Reading and writing the archive


@contextmanager
def _writing(path: Path) -> Iterator[Any]:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with pa.OSFile(str(path), "wb") as file, pa.CompressedOutputStream(file, "zstd") as stream:
        yield stream
    _sync(path)


@contextmanager
def _reading(path: Path) -> Iterator[Any]:
    if not path.is_file():
        raise BackupError(f"There is no file {path}.")
    with path.open("rb") as file, pa.CompressedInputStream(file, "zstd") as stream:
        yield stream


def _add_bytes(archive: tarfile.TarFile, name: str, body: bytes, *, at: datetime) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(body), 0o600, int(at.timestamp())
    archive.addfile(member, BytesIO(body))


def _manifest(source: Path, name: str, file: IO[bytes]) -> dict[str, Any]:
    found: Any = None
    if name == MANIFEST:
        try:
            found = json.loads(file.read(64 * 2**20))
        except ValueError:
            found = None
    if not isinstance(found, dict) or not isinstance(found.get("files"), dict):
        raise BackupError(f"{source} is no backup of Bihuan.")
    if found.get("format") != FORMAT:
        raise BackupError(
            f"{source} is of format {found.get('format')}; this Bihuan reads {FORMAT}. Install the one that made it."
        )
    return found


def _take(source: Path, name: str, file: IO[bytes], manifest: dict[str, Any], into: Path | None) -> None:
    """Read one file, into the folder if one is given; its digest must be the listed one, its place below the folder."""
    wanted = manifest["files"].get(name)
    if wanted is None or Path(name).is_absolute() or ".." in Path(name).parts:
        raise BackupError(f"{source} holds {name!r}, which its list does not name.")
    digest = hashlib.sha256()
    if into is None:
        while block := file.read(2**20):
            digest.update(block)
    else:
        to = into / name
        to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            while block := file.read(2**20):
                digest.update(block)
                out.write(block)
            out.flush()
            os.fsync(out.fileno())
    if digest.hexdigest() != wanted:
        raise BackupError(
            f"{name} in {source} is not what was saved: its digest differs. Take another backup."
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sound(path: Path) -> None:
    """SQLite's own check of every page."""
    try:
        with closing(sqlite3.connect(path)) as db:
            said = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"{path.name} of the backup is damaged: {said}. Take another backup.")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
