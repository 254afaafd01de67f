"""Root of the test run: every test lives in a folder of its own; the cast is at hand everywhere."""

import os
import tempfile
import zlib
from collections.abc import Iterator

import pytest

os.environ.setdefault("BIHUAN_HOME", tempfile.mkdtemp(prefix="bihuan-test-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

#: With DATABASE_URL these would only say again what they say without it: they serve an installation of their own on
#: SQLite, or touch no records.
EMBEDDED = [
    "bihuan/capture/store/tests",
    "bihuan/capture/ingest/tests/test_capture.py",
    "bihuan/capture/ingest/tests/test_described.py",
    "bihuan/capture/ingest/tests/test_durability.py",
    "bihuan/capture/ingest/tests/test_robustness.py",
    "bihuan/capture/ingest/tests/test_sdks.py",
    "tests/test_backup_and_restore.py",
    "tests/test_boundaries.py",
    "tests/test_capture_takes_a_write_key_only.py",
    "tests/test_command_line_in_processes.py",
    "tests/test_docs.py",
    "tests/test_new_app.py",
]
collect_ignore = EMBEDDED if os.environ.get("DATABASE_URL") else ["tests/test_backup_on_postgresql.py"]
pytest_plugins = ["tests.cast"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What asks an engine that is no part of the plain installation is only run when it is asked for by its mark.

    On another database, or another store, nothing is run again that may touch no records: pytest-django refuses it those.
    """
    others = set[pytest.Item]()
    for mark in ("engines", "spark"):
        if mark not in config.option.markexpr:
            others |= {item for item in items if item.get_closest_marker(mark)}
    if os.environ.get("DATABASE_URL") or os.environ.get("EVENTS_URL"):
        others |= {item for item in items if not _touches_records(item)}
    others |= _not_this_time(items)
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _not_this_time(items: list[pytest.Item]) -> set[pytest.Item]:
    """BIHUAN_PART=1/3 runs a third of the files, by name: so CI asks another database a third each time."""
    part, _slash, parts = os.environ.get("BIHUAN_PART", "").partition("/")
    if not parts:
        return set()
    return {
        item
        for item in items
        if zlib.crc32(str(item.path.name).encode()) % int(parts) != int(part) % int(parts)
    }


def _touches_records(item: pytest.Item) -> bool:
    asked = {"db", "transactional_db", "databases"} & set(getattr(item, "fixturenames", ()))
    return bool(asked or item.get_closest_marker("django_db"))


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Every test begins in English, remembering nothing; one that wants Chinese says so."""
    from django.core.cache import cache
    from django.utils import translation

    cache.clear()
    with translation.override("en"):
        yield
