"""The drill: a backup taken while events arrive is restored into an empty folder and holds what was answered before."""

import io
import json
import os
import sqlite3
import tarfile
import threading
from contextlib import closing
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pyarrow as pa
import pytest

from bihuan.capture.store import Store
from bihuan.config.backup import BackupError, check_backup, make_backup, restore
from tests.installation import Installation

AT = datetime(2026, 11, 22, tzinfo=UTC)


def quiet(_text: str) -> None:
    """Nobody listens."""


@pytest.fixture
def home(tmp_path):
    """A small installation on disk: two tables of records, an empty log, a key and an export."""
    folder = tmp_path / "home"
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "secret").write_text("k" * 64)
    (folder / "files" / "exports").mkdir(parents=True)
    (folder / "files" / "exports" / "客户.csv").write_text("a,b\n")
    with closing(sqlite3.connect(folder / "records.sqlite3")) as db, db:
        db.execute("CREATE TABLE things (n INTEGER)")
        db.executemany("INSERT INTO things VALUES (?)", [(n,) for n in range(1000)])
    Store(folder).close()
    return folder


def test_a_backup_under_load_holds_everything_that_was_answered_before_it(tmp_path):
    first = Installation(tmp_path / "first", ready=True)
    key = first.out("source", "add", "web", "--product", "Demo").strip()
    first.start()
    answered: list[str] = []
    stop = threading.Event()

    def send():
        while not stop.is_set():
            ids = [str(uuid4()) for _ in range(20)]
            batch = [{"event": "e", "distinct_id": f"u{len(answered) % 7}", "uuid": one} for one in ids]
            if httpx.post(f"{first.url}/batch/", json={"api_key": key, "batch": batch}).status_code == 200:
                answered.extend(ids)

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    while len(answered) < 400:
        assert all(thread.is_alive() for thread in threads)
    before = set(answered)
    file = tmp_path / "backups" / "one.tar.zst"
    saved = first.run("backup", str(file))
    assert saved.returncode == 0, saved.stderr
    assert "every digest compared" in saved.stderr
    stop.set()
    for thread in threads:
        thread.join()
    first.stop()

    second = Installation(tmp_path / "second")
    restored = second.run("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    second.start()
    again = [{"event": "e", "distinct_id": "u0", "uuid": one} for one in sorted(before)[:50]]
    told = httpx.post(f"{second.url}/batch/", json={"api_key": key, "batch": again}).json()
    assert told["duplicates"] == 50
    second.stop()
    store = Store(second.home)
    stored = set(store.execute("SELECT event_id FROM events WHERE source_id <> 0")["event_id"].to_pylist())
    people = set(
        store.execute("SELECT DISTINCT person_id FROM events WHERE source_id <> 0")["person_id"].to_pylist()
    )
    store.close()
    assert before <= stored
    with closing(sqlite3.connect(second.home / "records.sqlite3")) as db:
        assert people - {None} <= {pk for (pk,) in db.execute("SELECT id FROM accounts_person")}
    assert "Everything that must work works." in second.out("doctor")


def test_what_is_restored_is_what_was_saved_byte_for_byte(home, tmp_path):
    file, other = tmp_path / "b.tar.zst", tmp_path / "other"
    made = make_backup(home=home, target=file, version="1", at=AT, say=quiet)
    assert set(made["files"]) == {
        "records.sqlite3",
        "events/log.sqlite",
        "keys/secret",
        "files/exports/客户.csv",
    }
    restore(source=file, home=other, say=quiet)
    assert (other / "files" / "exports" / "客户.csv").read_text() == "a,b\n"
    assert (other / "keys" / "secret").read_text() == "k" * 64
    with closing(sqlite3.connect(other / "records.sqlite3")) as db:
        assert db.execute("SELECT count(*), sum(n) FROM things").fetchone() == (1000, 499500)
    assert {oct(path.stat().st_mode & 0o777) for path in (file, other / "keys" / "secret")} == {"0o600"}
    assert oct(other.stat().st_mode & 0o777) == "0o700"


def test_sealed_events_are_in_the_backup_and_in_what_is_restored(home, tmp_path):
    from bihuan.capture.store.tests.conftest import events

    store = Store(home)
    store.append(events(50))
    assert store.seal(before=datetime.now(UTC)) == 50
    store.append(events(3, first=50))
    before = store.checksum()
    store.close()
    file, other = tmp_path / "b.tar.zst", tmp_path / "other"
    make_backup(home=home, target=file, version="1", at=AT, say=quiet)
    restore(source=file, home=other, say=quiet)
    again = Store(other)
    assert again.checksum() == before
    again.close()


def test_a_backup_does_not_overwrite_and_leaves_nothing_half_written(home, tmp_path):
    file = tmp_path / "b.tar.zst"
    file.write_text("mine")
    with pytest.raises(BackupError, match="exists"):
        make_backup(home=home, target=file, version="1", at=AT, say=quiet)
    (home / "records.sqlite3").unlink()
    with pytest.raises(sqlite3.OperationalError):
        make_backup(home=home, target=tmp_path / "c.tar.zst", version="1", at=AT, say=quiet)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.tar.zst", "home"]


def test_a_flipped_bit_a_cut_end_and_a_foreign_file_are_told_and_nothing_is_restored(home, tmp_path):
    file = tmp_path / "b.tar.zst"
    make_backup(home=home, target=file, version="1", at=AT, say=quiet)
    whole = file.read_bytes()
    foreign = io.BytesIO()
    with tarfile.open(fileobj=foreign, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("x"), io.BytesIO())
    for number, bad in enumerate((
        flipped(whole), whole[: len(whole) // 2], b"", b"nonsense" * 100, packed(foreign.getvalue()),
        forged(whole, format=99), forged(whole, files={"../evil": "0" * 64}),
    )):  # fmt: skip
        wrong = tmp_path / f"bad-{number}.tar.zst"
        wrong.write_bytes(bad)
        with pytest.raises(BackupError):
            check_backup(source=wrong)
        with pytest.raises(BackupError):
            restore(source=wrong, home=tmp_path / "never", say=quiet)
    assert not (tmp_path / "never").exists() and not (tmp_path / "evil").exists()
    assert not list(tmp_path.glob(".restore-*"))


def test_a_folder_that_holds_something_is_not_overwritten(home, tmp_path):
    file = tmp_path / "b.tar.zst"
    make_backup(home=home, target=file, version="1", at=AT, say=quiet)
    with pytest.raises(BackupError, match="not empty"):
        restore(source=file, home=home, say=quiet)
    with pytest.raises(BackupError, match="without DATABASE_URL"):
        restore(
            source=file, home=tmp_path / "x", say=quiet, database_url="postgresql://nobody@127.0.0.1:1/none"
        )
    assert not (tmp_path / "x").exists()


def test_a_database_server_that_does_not_answer_is_said_and_leaves_no_backup(home, tmp_path):
    with pytest.raises(BackupError, match="pg_dump"):
        make_backup(home=home, target=tmp_path / "p.tar.zst", version="1", at=AT, say=quiet,
                    database_url="postgresql://nobody:secret@127.0.0.1:1/none")  # fmt: skip
    assert not (tmp_path / "p.tar.zst").exists()


def test_the_command_keeps_the_newest_and_checks_without_writing(tmp_path):
    own = Installation(tmp_path / "home", ready=True)
    for _turn in range(3):
        assert own.run("backup", str(tmp_path / "all"), "--keep", "2").returncode == 0
        newest = sorted((tmp_path / "all").iterdir())[-1]
        os.rename(newest, newest.with_name(newest.name.replace("Z", f"{_turn}Z")))
    assert own.run("backup", str(tmp_path / "all"), "--keep", "2").returncode == 0
    assert len(list((tmp_path / "all").glob("*.tar.zst"))) == 2
    one = sorted((tmp_path / "all").iterdir())[0]
    assert "every digest compared" in own.run("backup", str(one), "--check").stderr
    missing = own.run("backup", str(tmp_path / "nothing"), "--check")
    assert (missing.returncode, "There is no file" in missing.stderr) == (1, True)


def flipped(body: bytes) -> bytes:
    """The same archive with one byte of the last file changed."""
    with pa.input_stream(pa.py_buffer(body), compression="zstd") as stream:
        plain = bytearray(stream.read())
    place = plain.rindex(b"k" * 64)
    plain[place] ^= 1
    return packed(bytes(plain))


def forged(body: bytes, **fields: object) -> bytes:
    """The same archive with another list in front."""
    with pa.input_stream(pa.py_buffer(body), compression="zstd") as stream:
        plain = io.BytesIO(stream.read())
    out = io.BytesIO()
    with tarfile.open(fileobj=plain) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            content = file.read()
            if member.name == "manifest.json":
                content = json.dumps(json.loads(content) | fields).encode()
                member.size = len(content)
            elif "files" in fields:
                member.name = "../evil"
            new.addfile(member, io.BytesIO(content))
    return packed(out.getvalue())


def packed(plain: bytes) -> bytes:
    """Compressed as a backup is."""
    return bytes(pa.Codec("zstd").compress(plain, asbytes=True))
