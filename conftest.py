"""Root of the test run: every test lives in a folder of its own; the cast is at hand everywhere."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_django
from hypothesis import HealthCheck, settings

from tests import ready_made

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
#: They begin first: one that began last would keep one core busy while the other waits. `--durations=0` shows which take long.
LONG = {
    "test_api_fuzz.py",
    "test_durability.py",
    "test_backup_and_restore.py",
    "test_doctor_beside_a_server.py",
    "test_capture_takes_a_write_key_only.py",
    "test_access.py",
    "test_command_line_in_processes.py",
    "test_sdks.py",
    "test_loops_follow_any_funnel.py",
    "test_tracks_answer_as_plans_do.py",
    "test_robustness.py",
    "test_webhooks_survive_a_kill.py",
    "test_experiments_agree_with_a_recount.py",
    "test_a_person_is_told_and_erased.py",
}
collect_ignore = EMBEDDED if os.environ.get("DATABASE_URL") else ["tests/test_backup_on_postgresql.py"]
pytest_plugins = ["tests.cast"]

if "PYTEST_XDIST_WORKER" in os.environ:
    # Its settings are read already, with the home of the whole run; an event store belongs to one process.
    from django.conf import settings as house

    house.BIHUAN_HOME = Path(tempfile.mkdtemp(prefix="bihuan-test-"))
    house.MEDIA_ROOT = house.BIHUAN_HOME / "files"
    os.environ["BIHUAN_HOME"] = str(house.BIHUAN_HOME)

# How fast examples are drawn says what else the machine does, not whether the code is right.
_given = settings.get_profile("ci" if os.environ.get("CI") else "default")
settings.register_profile(
    "house", _given, suppress_health_check=[*_given.suppress_health_check, HealthCheck.too_slow]
)
settings.load_profile("house")


@pytest.hookimpl(trylast=True)  # of what the marks have left
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
    others |= _not_this_time([item for item in items if item not in others])
    items.sort(key=lambda item: str(item.path.name) not in LONG)
    if others:
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _not_this_time(items: list[pytest.Item]) -> set[pytest.Item]:
    """BIHUAN_PART=1/3 runs every third file, by name: so CI asks another database another part each time."""
    part, _slash, parts = os.environ.get("BIHUAN_PART", "").partition("/")
    if not parts:
        return set()
    names = sorted({str(item.path.name) for item in items})
    chosen = set(names[int(part) % int(parts) :: int(parts)])
    return {item for item in items if str(item.path.name) not in chosen}


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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """A database in memory begins as a copy of one that was migrated before: migrating takes each worker 18 s."""
    from django.db.backends.signals import connection_created

    connection_created.connect(ready_made.bring_in, dispatch_uid="a ready-made database")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:
    """What was migrated is kept for the next run."""
    with django_db_blocker.unblock():
        ready_made.keep()
