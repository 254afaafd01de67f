"""The how-to of a first week, followed from an empty folder: its commands as they stand there, then the pages that it names."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.installation import Installation

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse battery"


#: Whole weeks since the example's last day: the files are moved by them, so that they end last week whenever this runs.
LATER = timedelta(days=(date.today() - date(2026, 11, 27)).days // 7 * 7)


def moved(text: str) -> str:
    """The same with every day so many weeks later."""
    return re.sub(r"\d{4}-\d\d-\d\d", lambda found: (date.fromisoformat(found[0]) + LATER).isoformat(), text)


def copied(folder: Path) -> None:
    """The example's files, moved."""
    shutil.copytree(ROOT / "examples" / "first_week", folder)
    for path in folder.iterdir():
        if path.suffix == ".csv":
            path.write_text(moved(path.read_text(encoding="utf-8")), encoding="utf-8")
        elif path.suffix == ".gz":
            path.write_bytes(gzip.compress(moved(gzip.decompress(path.read_bytes()).decode()).encode()))


def commands() -> list[str]:
    text = (ROOT / "docs/how-to/first-week.md").read_text(encoding="utf-8")
    found = [moved(line.strip()) for line in text.splitlines() if re.match(r"    (bihuan|echo) ", line)]
    assert len(found) >= 8, "the how-to shows its commands indented"
    return found


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, dict[str, str]]]:
    """The installation after all of its commands, and what each said."""
    folder = tmp_path_factory.mktemp("week")
    copied(folder / "examples" / "first_week")
    own, said = Installation(folder / ".bihuan"), {}
    path = folder / "bin"
    path.mkdir()
    (path / "bihuan").write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore -m bihuan "$@"\n')
    (path / "bihuan").chmod(0o755)
    environment = own.environment | {"PATH": f"{path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    for command in commands():
        if command == "bihuan serve":
            continue
        typed = command + (" --password-stdin" if command.startswith("bihuan user add") else "")
        done = subprocess.run(["sh", "-c", typed], cwd=folder, env=environment, input=PASSWORD + "\n", text=True,
                              capture_output=True, timeout=300)  # fmt: skip
        assert done.returncode == 0, (command, done.stderr)
        said[command] = done.stdout
    own.start()
    yield own, said
    own.stop()


def test_the_files_are_stored_whole(week) -> None:
    _own, said = week
    done = next(text for command, text in said.items() if command.endswith("first-report.json"))
    assert "accounts: 24 rows read, 24 created" in done and "11,256 events stored" in done
    assert "rejected" not in done
    tiers = next(text for command, text in said.items() if "kind: revenue" in command)
    assert "499440" in tiers.replace(",", "")


def test_each_day_has_its_page(week) -> None:
    own, _said = week
    with closing(own.signed_in("mei", PASSWORD)) as mei:
        for path in ("/", "/accounts/", "/accounts/3/", "/presence/", "/tiers/moves/", "/tiers/policy/", "/health/", "/signals/kinds/",
                     "/plays/", "/plays/usage_fall/", "/plays/usage_fall/dry-run/", "/warning/", "/plan/", "/bench/"):  # fmt: skip
            assert mei.get(path, follow_redirects=True).status_code == 200, path


def test_what_fades_is_noticed_and_becomes_a_plan(week) -> None:
    own, _said = week
    with closing(own.signed_in("mei", PASSWORD)) as mei:
        fading = {"C003", "C009", "C015", "C021"}
        preview = mei.get("/api/v1/plays/usage_fall/dry-run").json()
        accounts = {
            one["id"]: one["key"]
            for one in mei.get("/api/v1/accounts", params={"limit": 100}).json()["items"]
        }
        met = {accounts[int(one)] for one in preview["accounts"]}
        assert met >= fading, "the last twelve weeks would have set it off for whoever faded"
        assert mei.post("/api/v1/plays/usage_fall/switch", json={"on": True}).status_code == 200
