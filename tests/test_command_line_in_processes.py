"""The `bihuan` command as real processes: stdout for programs, stderr for people, and a server beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.installation import Installation


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A fresh installation with a source and no people, being served."""
    one = Installation(tmp_path_factory.mktemp("installation") / "home")
    one.key = one.out("source", "add", "web", "--product", "Demo").strip()  # type: ignore[attr-defined]
    one.start()
    yield one
    one.stop()


def test_the_first_command_makes_the_installation_for_its_owner_only(served: Installation) -> None:
    assert served.home.stat().st_mode & 0o777 == 0o700
    assert (served.home / "keys/secret").stat().st_mode & 0o077 == 0
    assert (served.home / "server.json").stat().st_mode & 0o077 == 0


def test_a_question_beside_a_server_goes_through_it_and_needs_an_administrator(
    served: Installation, tmp_path: Path
) -> None:
    event = {"event": "look", "distinct_id": "u1", "properties": {"$groups": {"company": "x"}}}
    sent = httpx.post(f"{served.url}/capture/", json={"api_key": served.key, **event})  # type: ignore[attr-defined]
    assert sent.status_code == 200
    question = "kind: trend\nevent: look\nevery: all\nperiod: {last: 2d}\n"
    refused = served.run("ask", "-", said=question)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "bihuan user add NAME --role admin" in refused.stderr
    served.out("user", "add", "wei", "--password-stdin", said="correct horse battery\n")
    assert json.loads(served.out("ask", "-", said=question))["rows"] == [["all", 1]]


def test_doctor_beside_a_server_says_where_it_is(served: Installation) -> None:
    done = served.run("doctor")
    assert f"a server owns them at {served.url}" in done.stdout


def test_a_second_server_on_the_same_folder_or_port_says_so_and_leaves_the_first_alone(
    served: Installation,
) -> None:
    taken = served.run("serve", "--port", str(served.port))
    assert (taken.returncode, "Cannot listen on" in taken.stderr) == (1, True)
    assert "Traceback" not in taken.stderr
    assert httpx.get(f"{served.url}/sign-in/").status_code == 200


def test_a_folder_that_is_not_ours_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = Installation(tmp_path / "file").run("migrate")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr, done.stderr[-400:]


def test_a_database_that_is_not_there_is_said_in_a_line(tmp_path: Path) -> None:
    for url, said in (
        ("postgresql://nobody@127.0.0.1:1/none", "DATABASE_URL"),
        ("mysql://x/y", "postgresql"),
    ):
        done = Installation(tmp_path / "home", DATABASE_URL=url).run("migrate")
        assert (done.returncode, said in done.stderr) == (1, True), done.stderr
        assert "Traceback" not in done.stderr


def test_a_question_after_the_server_has_gone_is_answered_here(served: Installation) -> None:
    served.stop()
    answer = json.loads(served.out("ask", "-", said="kind: trend\nevery: all\nperiod: {last: 2d}\n"))
    assert answer["rows"] == [["all", 1]]
