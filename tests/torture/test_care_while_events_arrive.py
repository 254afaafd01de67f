"""Backups, erasures and copies to another file while events arrive: nothing acknowledged is missing, nobody erased is left.

BIHUAN_TORTURE (kills elsewhere) says how often: a round for fifty, three at least.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx
import pyarrow as pa
import pytest

from bihuan.capture.store import Store
from bihuan.capture.store.log import Log
from bihuan.capture.store.tests.conftest import events
from tests.installation import Installation
from tests.torture.senders import Senders
from tests.torture.served import manager_of, with_source
from tests.torture.test_nothing_acknowledged_is_lost import exactly_once, stored_ids

pytestmark = pytest.mark.torture
ROUNDS = max(3, int(os.environ.get("BIHUAN_TORTURE", "50")) // 50)
MORE = 8  # groups of 50,000 events: a copy that takes long enough to be killed in the middle


@pytest.fixture
def own(tmp_path):
    with with_source(tmp_path / "home") as made:
        yield made


def test_backups_and_erasures_while_events_arrive(own, tmp_path) -> None:
    own.start()
    browser = manager_of(own)
    senders = Senders(own.url, own.key, pause=0.02).start()
    marks: list[str] = []
    for turn in range(ROUNDS):
        mark = f"zq9-{turn}-lin-yun"
        send_as(own, mark)
        assert in_log(own.home, [mark]) == {mark}, "the search must be able to find it before"
        before = senders.acknowledged_so_far()
        assert before, "nothing was acknowledged: the test would show nothing"
        backed_up(own, tmp_path / f"backup-{turn}", before=before, erased=marks)
        erased(own, browser, mark)
        marks.append(mark)
        assert in_log(own.home, marks) == set()
    before = senders.acknowledged_so_far()
    backed_up(own, tmp_path / "last", before=before, erased=marks)
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)
    own.out("store", "compact")
    assert in_files(own.home, marks) == set()
    assert in_log(own.home, marks) == set()
    assert in_files(own.home, ["CREATE TABLE groups"]), "the search must be able to find something"


def send_as(own: Installation, mark: str) -> None:
    """Events that name somebody in ids and properties."""
    batch = [
        {"event": "e", "distinct_id": mark, "properties": {"note": f"by {mark}", "n": n}} for n in range(30)
    ]
    answer = httpx.post(f"{own.url}/batch/", json={"api_key": own.key, "batch": batch}, timeout=60)
    assert answer.status_code == 200, answer.text


def backed_up(own: Installation, place: Path, *, before: set[str], erased: list[str]) -> None:
    """What a backup restores holds all that was acknowledged before, each once, and nobody erased before."""
    saved = own.run("backup", f"{place}.tar.zst")
    assert saved.returncode == 0, saved.stderr
    other = Installation(place)
    other.out("restore", f"{place}.tar.zst")
    ids = stored_ids(place)
    assert not before - set(ids), "acknowledged before the backup and not in it"
    assert len(ids) == len(set(ids)), "twice"
    assert in_log(place, erased) == set()
    assert "Everything that must work works." in other.out("doctor")


def erased(own: Installation, browser: httpx.Client, mark: str) -> None:
    """Asked for on the person's page, done by the server."""
    with closing(sqlite3.connect(own.home / "records.sqlite3", timeout=20)) as db:
        find = "SELECT person_id FROM identity_identity WHERE distinct_id = ?"
        [(person,)] = db.execute(find, [mark]).fetchall()
        asked = browser.post(f"/people/{person}/erase/", data={"reason": "asked", "number": person})
        assert asked.status_code == 302, asked.text
        done = (
            "SELECT state, error FROM jobs_job WHERE name = 'accounts.erase_person' ORDER BY id DESC LIMIT 1"
        )
        until = time.monotonic() + 120
        while db.execute(done).fetchall()[0][0] != "done" and time.monotonic() < until:
            time.sleep(0.2)
        assert db.execute(done).fetchall()[0][0] == "done", db.execute(done).fetchall()
        assert db.execute("SELECT 1 FROM accounts_person WHERE id = ?", [person]).fetchall() == []


def in_log(home: Path, words: list[str]) -> set[str]:
    """Which of them stand in groups of the log, unpacked: compressed rows hide a text from a plain search."""
    log = Log(home / "events" / "log.sqlite")
    found = set()
    for group in log.backwards():
        rows = group.events()
        text = " ".join([*rows["distinct_id"].to_pylist(), *rows["props"].to_pylist()])
        found |= {word for word in words if word in text}
    log.close()
    return found


def in_files(home: Path, words: list[str]) -> set[str]:
    """Which of them stand in the bytes of any file of the store."""
    found = set()
    for path in (home / "events").rglob("*"):
        body = path.read_bytes() if path.is_file() else b""
        found |= {word for word in words if word.encode() in body}
    return found


def test_a_copy_that_is_killed_goes_on_and_is_equal(own, tmp_path) -> None:
    own.start()
    senders = Senders(own.url, own.key).start()
    time.sleep(3)
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)
    fill(own.home)
    whole = status(own)
    assert whole["events"] >= MORE * 50_000 + len(senders.acknowledged)
    dice, killed = random.Random(17), 0
    for turn in range(ROUNDS):
        target = tmp_path / f"copy-{turn}.duckdb"
        killed += killed_in_the_middle(own, target, after=dice.uniform(0.0, 1.5))
        said = own.out("store", "copy", "--to", f"duckdb:{target}")
        assert said.startswith(f"{whole['events']} events") and whole["checksum"] in said
        there = status(Installation(own.home, EVENTS_URL=f"duckdb:{target}"))
        assert (there["events"], there["checksum"]) == (whole["events"], whole["checksum"])
        target.unlink()
    assert killed, "every copy ended before it was killed: the test would show nothing"


def fill(home: Path) -> None:
    """Many more events, in few large groups."""
    store, table = Store(home), events(50_000)
    for turn in range(MORE):
        ids = pa.array([f"more-{turn}-{n}" for n in range(table.num_rows)])
        store.append(table.set_column(0, table.schema.field(0), ids), chunk_key=f"more-{turn}")
    store.start()
    assert store.wait_applied(store.log.head(), timeout=300)
    store.close()


def killed_in_the_middle(own: Installation, target: Path, *, after: float) -> bool:
    """Whether the copy was killed, so many seconds after its file appeared, before it came to its end."""
    copy = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bihuan", "store", "copy", "--to", f"duckdb:{target}"],
        env=own.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 60
    while not target.exists() and copy.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    assert target.exists(), copy.communicate()[1]
    time.sleep(after)
    copy.kill()
    copy.communicate()
    return copy.returncode == -signal.SIGKILL


def status(own: Installation) -> dict:
    told = json.loads(own.out("store", "status", "--json", "--checksum"))
    assert (told["behind"], told["damaged_groups"], told["sealed_damaged"]) == (0, 0, [])
    return told
