"""`bihuan store`, command by command, in this process."""

import json

import pytest
from cast import NOW
from click.testing import CliRunner

from bihuan.capture.store import close_store, get_store
from bihuan.config.cli import main
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db


@pytest.fixture
def bihuan(event_home, monkeypatch):
    """`bihuan("status")` runs `bihuan store status` on an installation of its own, with three events."""
    monkeypatch.setenv("BIHUAN_HOME", str(event_home))
    store_events(*[happened("look", ts=NOW, account=1, event_id=f"s{number}") for number in range(3)])
    close_store()

    def run(*words):
        return CliRunner().invoke(main, ["store", *[str(word) for word in words]])

    return run


@pytest.mark.parametrize("name", ["status", "rebuild", "compact", "copy", "export", "import"])
def test_every_command_has_a_help_that_says_what_it_does(bihuan, name):
    assert name in bihuan("--help").stdout
    done = bihuan(name, "--help")
    assert (done.exit_code, len(done.stdout.split("\n\n")[1].strip()) > 20) == (0, True)


def test_status_says_where_and_how_many(bihuan):
    told = json.loads(bihuan("status", "--json", "--checksum").stdout)
    assert (told["events"], told["behind"], told["damaged_groups"], told["state"]) == (3, 0, 0, "live")
    assert told["url"].startswith(("duckdb:", "chdb:"))
    plain = bihuan("status")
    assert (plain.exit_code, "state\tlive" in plain.stdout, "set_aside\t-" in plain.stdout) == (0, True, True)


def test_rebuild_and_compact_keep_what_there_is(bihuan):
    before = json.loads(bihuan("status", "--json", "--checksum").stdout)["checksum"]
    assert bihuan("rebuild").stdout == f"3 events, checksum {before}\n"
    assert bihuan("compact").stdout == "3 events, 0 ids stood more than once\n"


def test_copy_compares_and_says_where(bihuan, tmp_path):
    done = bihuan("copy", "--to", f"duckdb:{tmp_path / 'other.duckdb'}")
    assert (done.exit_code, done.stdout[:8]) == (0, "3 events")
    named = bihuan(
        "copy", "--from", f"duckdb:{tmp_path / 'other.duckdb'}", "--to", f"duckdb:{tmp_path / 'third.duckdb'}"
    )
    assert (named.exit_code, "third.duckdb holds what" in named.stdout) == (0, True)
    wrong = bihuan("copy", "--to", "oracle:x")
    assert (wrong.exit_code, "EVENTS_URL cannot be 'oracle'" in wrong.stderr) == (1, True)


def test_an_export_comes_back(bihuan, tmp_path):
    out = tmp_path / "out"
    assert bihuan("export", out).stdout == "3 events of 1 days\n"
    assert bihuan("export", out, "--from", "2030-01-01").stdout == "0 events of 0 days\n"
    assert bihuan("import", out).stdout == "3 events read, 0 stored, 3 known before\n"
    empty = tmp_path / "empty"
    empty.mkdir()
    refused = bihuan("import", empty)
    assert (refused.exit_code, "no Parquet file" in refused.stderr) == (1, True)


def test_a_store_that_a_server_owns_is_told_so(bihuan):
    from bihuan.capture.store import Store

    server = Store(get_store().folder.parent)
    close_store()
    server.start()
    try:
        done = bihuan("rebuild")
        assert (done.exit_code, "in use by process" in done.stderr) == (1, True)
        assert json.loads(bihuan("status", "--json").stdout)["state"] == "elsewhere"
    finally:
        server.close()
