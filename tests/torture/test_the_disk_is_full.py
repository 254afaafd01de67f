"""A full disk: events are refused, pages are served, and when there is room again all goes on by itself."""

import time
import warnings
from pathlib import Path

import pytest

from tests.torture.disk import LimitedFiles, SmallDisk
from tests.torture.senders import Senders
from tests.torture.served import manager_of, with_source
from tests.torture.test_nothing_acknowledged_is_lost import exactly_once, ready_within

pytestmark = pytest.mark.torture
MIB_OF_THE_DISK = 400  # /readyz wants 256 of them free


def small_disk(folder: Path) -> SmallDisk | LimitedFiles:
    """A file system of its own where one may be mounted, as root may mostly."""
    try:
        return SmallDisk(folder, mib=MIB_OF_THE_DISK)
    except (PermissionError, FileNotFoundError) as error:
        warnings.warn(
            f"No file system can be mounted here ({error}): {LimitedFiles.said} instead", stacklevel=1
        )
        return LimitedFiles(folder)


@pytest.fixture(params=[small_disk, LimitedFiles], ids=["file_system", "file_sizes"])
def disk(request, tmp_path):
    made = request.param(tmp_path / "disk")
    yield made
    made.close()


@pytest.fixture
def own(disk):
    with with_source(disk.folder / "home") as made:
        yield made


def test_a_full_disk_refuses_serves_reads_and_recovers_by_itself(own, disk) -> None:
    own.start()
    browser = manager_of(own)
    senders = Senders(own.url, own.key, pause=0.02).start()
    time.sleep(2)
    pid = own.process.pid
    until = time.monotonic() + 60
    while not {503, 507} & senders.answers.keys() and time.monotonic() < until:
        disk.fill(pid)
        time.sleep(0.1)
    assert {503, 507} & senders.answers.keys(), senders.answers

    for page in ("/healthz", "/sign-in/", "/accounts/", "/events/", "/sources/"):
        assert browser.get(page).status_code == 200, page
    if isinstance(disk, SmallDisk):
        wrong = browser.get("/readyz")
        assert (wrong.status_code, "disk" in wrong.json()["wrong"]) == (503, True), wrong.text
    time.sleep(3)
    refused = sum(senders.answers.get(status, 0) for status in (503, 507))
    assert refused > 3, "it goes on to refuse as long as the disk is full"

    full = len(senders.acknowledged)
    disk.empty(pid)
    until = time.monotonic() + 60
    while len(senders.acknowledged) <= full and time.monotonic() < until:
        time.sleep(0.1)
    assert len(senders.acknowledged) > full, "it did not recover by itself"
    assert ready_within(own, seconds=60), browser.get("/readyz").text
    senders.finish()
    assert set(senders.answers) <= {0, 200, 429, 503, 507}, senders.answers
    assert own.process.poll() is None, "the server lived through it"
    own.stop()
    exactly_once(senders, own.home)
    assert senders.acknowledged == senders.sent
