"""Sending files in the browser: refused at once when the mapping is wrong, else run and reported."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from bihuan.base.jobs.worker import drain
from bihuan.capture.imports.actions import start_upload, uploads
from bihuan.capture.imports.models import ImportRun
from bihuan.know.accounts.models import Account
from tests.cast import NOW, Cast

MAPPING = b"""
name: upload
tables:
  - {noun: accounts, file: f.csv, fields: {key: no, name: name}}
"""
ROWS = "no,name\na,甲\n,乙\n".encode()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def files(mapping: bytes = MAPPING, rows: bytes = ROWS, name: str = "f.csv") -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile("mapping.yaml", mapping), SimpleUploadedFile(name, rows)]


def send(cast: Cast, who: str, sent: list[SimpleUploadedFile], **more: str) -> Any:
    return cast.client(who).post(reverse("imports:mapped"), {"uploads": sent, **more})


def test_an_upload_runs_in_the_background_and_shows_its_report(cast: Cast) -> None:
    answer = send(cast, "oli", files())
    run = ImportRun.objects.get()
    assert answer["Location"] == reverse("imports:page", args=[run.pk])
    assert (run.state, run.by) == ("queued", cast.oli)
    page = cast.client("oli").get(answer["Location"])
    assert b'hx-trigger="every 1s"' in page.content
    assert len(list(uploads().iterdir())) == 1
    drain(at=timezone.now())
    page = cast.client("oli").get(answer["Location"]).content.decode()
    assert 'hx-trigger="every 1s"' not in page
    assert "A value is needed here." in page
    assert Account.objects.get(key="a").name == "甲"
    assert list(uploads().iterdir()) == []
    report = cast.client("oli").get(reverse("imports:report", args=[run.pk])).json()
    assert report["totals"]["created"] == 1
    assert "upload" in cast.client("oli").get(reverse("imports:list")).content.decode()


def test_a_check_says_what_would_happen(cast: Cast) -> None:
    send(cast, "oli", files(), check="on")
    drain(at=timezone.now())
    run = ImportRun.objects.get()
    assert (run.state, run.totals["created"]) == ("done", 1)
    assert not Account.objects.filter(key="a").exists()


@pytest.mark.parametrize(
    ("sent", "complaint"),
    [
        (files(mapping=b"name: x\ntables: [{noun: nothing, file: f.csv, fields: {a: b}}]"), "nothing called"),
        (files(name="other.csv"), "there is no file"),
        (files(name="f.exe"), "cannot be read"),
        (files()[:1], "there is no file"),
        (files()[1:], "exactly one mapping file"),
        ([*files(), files()[1]], "the same name"),
    ],
)
def test_what_is_wrong_is_said_at_once_and_nothing_is_kept(
    cast: Cast, sent: list[SimpleUploadedFile], complaint: str
) -> None:
    answer = send(cast, "oli", sent)
    assert complaint in answer.content.decode()
    assert not ImportRun.objects.exists()
    assert not uploads().exists() or list(uploads().iterdir()) == []


def test_a_folder_in_a_file_name_is_ignored(cast: Cast) -> None:
    start_upload(files=files(name="../../f.csv"), check=False, by=cast.actor("oli"), at=NOW)
    folder = uploads() / ImportRun.objects.get().folder
    assert sorted(path.name for path in folder.iterdir()) == ["f.csv", "mapping.yaml"]


def test_only_those_who_see_every_customer_import(cast: Cast) -> None:
    assert send(cast, "song", files()).status_code == 403
    assert send(cast, "an", files()).status_code == 403
    cast.oli.reach = "team"
    cast.oli.save()
    assert send(cast, "oli", files()).status_code == 403
    assert not ImportRun.objects.exists()


def test_a_report_of_a_colleague_is_hidden_from_those_who_see_a_part(cast: Cast) -> None:
    send(cast, "mei", files())
    run = ImportRun.objects.get()
    cast.oli.reach = "region"
    cast.oli.save()
    assert cast.client("oli").get(reverse("imports:page", args=[run.pk])).status_code == 404
    assert cast.client("oli").get(reverse("imports:report", args=[run.pk])).status_code == 404


def test_whoever_lost_access_meanwhile_imports_nothing(cast: Cast) -> None:
    send(cast, "oli", files())
    cast.oli.is_active = False
    cast.oli.save()
    drain(at=timezone.now())
    assert ImportRun.objects.get().state == "failed"
    assert not Account.objects.filter(key="a").exists()


def test_a_killed_worker_leaves_an_import_that_runs_again(cast: Cast) -> None:
    send(cast, "oli", files())
    ImportRun.objects.update(state="running")  # as a worker that was killed leaves it
    drain(at=timezone.now())
    assert ImportRun.objects.get().state == "done"
    assert Account.objects.filter(key="a").count() == 1
