"""What was acknowledged is stored, once, whatever happens to the server and its files.

`make torture` runs it at full length (1,000 kills), CI in a bounded form: BIHUAN_TORTURE is the number of kills.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from bihuan.capture.store import Store
from tests.installation import Installation
from tests.torture.senders import Senders
from tests.torture.served import with_source

pytestmark = pytest.mark.torture
KILLS = int(os.environ.get("BIHUAN_TORTURE", "50"))
PARTS = 2
"""Most of a kill's time is the start of the next server, on one core: two installations are killed side by side."""
DAMAGES = max(6, KILLS // 10)


@pytest.fixture
def own(tmp_path):
    with with_source(tmp_path / "home") as made:
        yield made


def launch(own: Installation) -> None:
    """Start without waiting for the first answer."""
    own.process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "bihuan", "serve", "--port", str(own.port)],
        env=own.environment, stderr=(own.home / "server.log").open("a"), text=True,
    )  # fmt: skip


def kill(own: Installation) -> None:
    assert own.process is not None
    own.process.send_signal(signal.SIGKILL)
    own.process.wait()


def stored_ids(home: Path) -> list[str]:
    """Every id of a product's event in the truth: log and sealed files."""
    store = Store(home)
    found = store.execute("SELECT event_id FROM events WHERE source_id <> 0")["event_id"].to_pylist()
    truth, after = [], 0
    while pieces := store.read_truth(after=after):
        after = pieces[-1].seq
        for events in (piece.events() for piece in pieces if not piece.is_op):
            truth += events.filter(events["source_id"].to_numpy() != 0)["event_id"].to_pylist()
    store.close()
    assert sorted(found) == sorted(truth), "the index holds what the truth holds"
    return truth


def exactly_once(senders: Senders, home: Path) -> None:
    stored = stored_ids(home)
    assert senders.acknowledged, "nothing was acknowledged: the test would show nothing"
    assert not senders.acknowledged - set(stored), "acknowledged and lost"
    assert len(stored) == len(set(stored)), "stored twice"
    assert set(stored) <= senders.sent


@pytest.mark.parametrize("part", range(PARTS))
def test_a_kill_at_any_moment_loses_nothing_and_doubles_nothing(own, part) -> None:
    dice = random.Random(7 + part)
    senders = Senders(own.url, own.key).start()
    before = 0
    for turn in range(-(-KILLS // PARTS)):
        launch(own)
        if turn % 5 == 4:  # while it starts, before it answers
            time.sleep(dice.uniform(0.05, 1.5))
        else:
            until = time.monotonic() + 90
            while len(senders.acknowledged) == before and time.monotonic() < until:
                time.sleep(0.01)
            assert len(senders.acknowledged) > before, (own.home / "server.log").read_text()[-2000:]
            time.sleep(dice.uniform(0.0, 0.5))
        kill(own)
        before = len(senders.acknowledged)
    own.start()
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)
    assert senders.acknowledged == senders.sent


def test_a_damaged_index_is_set_aside_and_made_again(own) -> None:
    """Truncated, overwritten, bits flipped, in the file and in its write-ahead log; never a loop of restarts."""
    dice = random.Random(11)
    own.start()
    senders = Senders(own.url, own.key, pause=0.02).start()
    time.sleep(3)
    for turn in range(DAMAGES):
        kill(own)
        files = [
            f
            for f in (own.home / "events").glob("index.duckdb*")
            if f.suffix in (".duckdb", ".wal") and f.stat().st_size > 64
        ]
        damage(dice.choice(files), turn, dice)
        own.start()
        assert ready_within(own, seconds=60), f"turn {turn}: the index was not made again"
        time.sleep(0.5)
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)
    assert senders.acknowledged == senders.sent


def ready_within(own: Installation, *, seconds: float) -> bool:
    """Whether events can be asked again before that time is over."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if httpx.get(f"{own.url}/readyz", timeout=10).status_code == 200:
            return True
        time.sleep(0.2)
    return False


def damage(file: Path, turn: int, dice: random.Random) -> None:
    """One of three ways."""
    size = file.stat().st_size
    with file.open("r+b") as handle:
        if turn % 3 == 0:
            handle.truncate(dice.randrange(1, size))
        elif turn % 3 == 1:
            handle.seek(dice.randrange(max(1, size - 4096)))
            handle.write(dice.randbytes(min(4096, size)))
        else:
            for _flip in range(16):
                place = dice.randrange(size)
                handle.seek(place)
                byte = handle.read(1)[0]
                handle.seek(place)
                handle.write(bytes([byte ^ (1 << dice.randrange(8))]))


def test_a_torn_tail_of_the_log_is_cut_off_and_nothing_acknowledged_goes_with_it(own) -> None:
    """What a power cut leaves: half a frame behind the last commit of SQLite's write-ahead log."""
    dice = random.Random(13)
    own.start()
    senders = Senders(own.url, own.key, pause=0.01).start()
    for _turn in range(max(3, DAMAGES // 3)):
        time.sleep(1)
        kill(own)
        with (own.home / "events" / "log.sqlite-wal").open("ab") as tail:
            tail.write(dice.randbytes(dice.randrange(1, 8192)))
        own.start()
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)
    assert senders.acknowledged == senders.sent


def test_a_second_server_on_one_store_is_refused_and_the_first_goes_on(own) -> None:
    own.start()
    senders = Senders(own.url, own.key).start()
    for _turn in range(3):
        second = subprocess.run([sys.executable, "-W", "ignore", "-m", "bihuan", "serve", "--port", str(own.port + 1)],
                                env=own.environment, capture_output=True, text=True, timeout=120)  # fmt: skip
        assert (second.returncode != 0, "in use by process" in second.stderr) == (True, True), second.stderr
    senders.finish()
    own.stop()
    exactly_once(senders, own.home)


def test_memory_is_bounded_and_too_much_is_refused_with_when_to_come_back(own) -> None:
    """More than the writer may hold waits at once: some are told 503 with Retry-After, none is left without an answer."""
    own.start()
    key, url = own.key, own.url
    body = {
        "api_key": key,
        "batch": [{"event": "e", "distinct_id": "u", "properties": {"t": "x" * 900}} for _n in range(18_000)],
    }
    content = json.dumps(body).encode()

    def send(_number: int) -> tuple[int, str]:
        answer = httpx.post(f"{url}/batch/", content=content, timeout=120)
        return answer.status_code, answer.headers.get("retry-after", "")

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(send, range(80)))
    assert {status for status, _when in answers} <= {200, 429, 503}
    assert all(when for status, when in answers if status != 200)
    assert any(status == 200 for status, _when in answers)
    status = Path(f"/proc/{own.process.pid}/status").read_text()
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    assert peak < 2_500, f"the server took {peak:.0f} MiB"
    own.stop()
