"""ClickHouse: a server over HTTP that comes and goes, files that break, and the tables of a cluster."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bihuan.capture.store import Store, StoreError, StoreNotReady
from bihuan.capture.store.clickhouse_tables import SHARDING, definitions
from bihuan.capture.store.tests.conftest import events

ROOT = Path(__file__).resolve().parents[4]
DOOR = Path(__file__).with_name("server.py")


def documented() -> list[str]:
    text = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
    return [block.strip() for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL)]


def as_written(statements: list[str]) -> str:
    return ";\n\n".join(re.sub(r"\n\s*\n", "\n", one).strip() for one in statements) + ";"


def test_operations_shows_the_tables_as_they_are_made() -> None:
    assert as_written(definitions(database="bihuan")) in documented()
    assert as_written(definitions(database="bihuan", cluster="operations")) in documented()


def test_a_cluster_keeps_an_accounts_events_together_and_everything_twice() -> None:
    made = "\n".join(definitions(database="d", cluster="c"))
    assert made.count("ON CLUSTER `c`") == 6
    assert made.count("ENGINE = Replicated") == 4
    assert f"Distributed(`c`, `d`, events_local, {SHARDING['account']})" in made
    assert "cityHash64(assumeNotNull(account_id))" in made
    assert "'/clickhouse/tables/all/d/meta', '{shard}-{replica}', turn" in made
    assert "rand()" in "\n".join(definitions(database="d", cluster="c", sharding="random"))


class Server:
    """ClickHouse behind HTTP in a process of its own, at an address that stays."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.process = folder, 0, None
        self.start()

    @property
    def url(self) -> str:
        return f"clickhouse://us%65r:se%40cret@127.0.0.1:{self.port}/ours"

    def start(self) -> None:
        command = [sys.executable, str(DOOR), str(self.folder), "user:se@cret", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "server")
    yield running
    running.kill()


@pytest.fixture
def at_server(server: Server, home: Path) -> Iterator[Callable[[], Store]]:
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store(home, url=server.url))
        return opened[-1]

    yield open_one
    for store in opened:
        if not store.closed:
            store.close()


@pytest.mark.engines
def test_a_server_holds_what_the_log_holds(at_server: Callable[[], Store]) -> None:
    store = at_server()
    store.append(events(200, account=1, person=1))
    store.append(events(200, first=200, account=2, person=2))
    store.merge_people(from_ids=[1], to_id=2)
    store.erase(person_id=77)
    assert store.count() == 400
    asked = "SELECT count(DISTINCT person_id) AS p FROM events WHERE account_id IN (SELECT unnest($ids)) AND name = $n"
    assert store.execute(asked, {"ids": list(range(30_000)), "n": "name_1"})["p"].to_pylist() == [1]
    before = store.checksum()
    store.compact()
    store.rebuild()
    assert store.checksum() == before
    status = store.status()
    assert status.url.endswith("/ours")
    assert "cret" not in status.url


@pytest.mark.engines
def test_two_processes_ask_one_server_and_one_of_them_fills_it(at_server: Callable[[], Store]) -> None:
    first, second = at_server(), at_server()
    first.append(events(5))
    assert first.count() == 5
    assert (second.count(), second.owner, second.status().state) == (5, False, "live")
    seq = second.append(events(5, first=5)).seq
    assert second.wait_applied(seq, timeout=5)
    assert (second.count(), second.status().rows) == (10, 10)
    first.close()
    second.append(events(5, first=10))
    second.wait_applied(second.log.head())
    assert (second.count(), second.owner) == (15, True), "who asks next takes over"


@pytest.mark.engines
def test_while_a_server_is_away_events_are_taken_and_questions_wait(
    at_server: Callable[[], Store], server: Server
) -> None:
    store = at_server()
    store.append(events(10))
    assert store.count() == 10
    server.kill()
    assert store.append(events(10, first=10)).stored == 10
    with pytest.raises(StoreNotReady, match="does not answer"):
        store.count()
    server.start()
    assert store.wait_applied(store.log.head(), timeout=60)
    assert store.count() == 20


@pytest.mark.engines
def test_a_server_that_never_was_is_said_in_words(home: Path) -> None:
    store = Store(home, url="clickhouse://127.0.0.1:1/nowhere")
    assert store.append(events(3)).stored == 3
    with pytest.raises(StoreNotReady, match=r"127\.0\.0\.1:1/nowhere does not answer"):
        store.count()
    store.close()


@pytest.mark.engines
def test_the_tables_of_another_installation_are_left_alone(server: Server, tmp_path: Path) -> None:
    ours, theirs = Store(tmp_path / "a", url=server.url), Store(tmp_path / "b", url=server.url)
    ours.append(events(3))
    assert ours.count() == 3
    theirs.append(events(4))
    with pytest.raises(StoreError, match="another installation"):
        theirs.count()
    assert ours.count() == 3
    ours.close()
    theirs.close()


@pytest.mark.engines
def test_rows_that_somebody_deleted_are_made_again(home: Path) -> None:
    first = Store(home, url="chdb:")
    first.append(events(100))
    before = first.checksum()
    first._index._write.command("ALTER TABLE events DELETE WHERE event_id = 'e3' SETTINGS mutations_sync = 2")
    first.close()
    second = Store(home, url="chdb:")
    assert second.checksum() == before
    assert len(second.status().set_aside) == 1
    second.close()


BREAK = """
import sys
from pathlib import Path
from bihuan.capture.store import Store, StoreNotReady
from bihuan.capture.store.tests.conftest import events
store = Store(Path(sys.argv[1]), url="chdb:")
if sys.argv[2] == "fill":
    for part in range(5):
        store.wait_applied(store.append(events(1000, first=part * 1000)).seq)
for attempt in range(100):
    try:
        print(*store.checksum(), len(store.status().set_aside))
        break
    except StoreNotReady:
        store.wait_applied(store.log.head())
store.close()
"""


@pytest.mark.engines
@pytest.mark.parametrize("seed", range(3))
def test_files_with_flipped_bytes_are_made_again(home: Path, seed: int) -> None:
    def run(word: str) -> str:
        command = [sys.executable, "-c", BREAK, str(home), word]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    *before, set_aside = run("fill").split()
    assert set_aside == "0"
    dice = random.Random(seed)
    files = sorted(
        path for path in (home / "events" / "index.chdb").rglob("*.bin") if path.stat().st_size > 50
    )
    for path in dice.sample(files, 3):
        data = bytearray(path.read_bytes())
        data[dice.randrange(len(data))] ^= 0xFF
        path.write_bytes(data)
    assert run("ask").split() == [*before, "1"]


@pytest.mark.engines
def test_a_folder_in_use_is_left_alone(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "engine"
    first = Store(home, url=f"chdb:{place}")
    first.append(events(3))
    assert first.count() == 3
    script = BREAK.replace('url="chdb:"', f'url="chdb:{place}"').replace("StoreNotReady:", "LookupError:")
    command = [sys.executable, "-c", script, str(tmp_path / "other"), "ask"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert "StoreNotReady" in done.stderr
    assert "in use" in done.stderr
    with pytest.raises(StoreNotReady, match="in use"):
        Store(tmp_path / "third", url=f"chdb:{tmp_path / 'elsewhere'}").count()
    assert first.count() == 3
    first.close()


@pytest.mark.engines
def test_the_folder_of_the_engine_is_its_owners_alone(home: Path) -> None:
    store = Store(home, url="chdb:")
    store.start()
    assert os.stat(home / "events" / "index.chdb").st_mode & 0o777 == 0o700
    store.close()


@pytest.mark.engines
def test_clickhouse_reads_the_tables_of_a_cluster(home: Path) -> None:
    """There is one node here: its parser says whether the statements are sound."""
    store = Store(home, url="chdb:")
    store.start()
    for statement in definitions(database="d", cluster="c"):
        said = store._index._write.command(f"EXPLAIN AST {statement}")
        assert "CREATE" in said.upper() or "Create" in said, statement
    store.close()
