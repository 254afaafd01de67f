"""REST: send files, read the state and the report."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bihuan.base.access.actions import create_token
from bihuan.base.jobs.worker import drain
from bihuan.capture.imports.models import ImportRun
from bihuan.know.accounts.models import Account
from tests.cast import SYSTEM, Cast

MAPPING = b"name: rest\ntables: [{noun: accounts, file: f.csv, fields: {key: id, name: name}}]"


SCOPES = ("imports.run", "imports.view", "accounts.edit")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def post(cast: Cast, who: str, mapping: bytes = MAPPING, scopes: tuple[str, ...] = SCOPES) -> Any:
    staff = cast.people[who]
    _row, secret = create_token(
        staff=staff,
        name="t",
        scopes=[s for s in scopes if staff.actor().may(s)],
        by=SYSTEM,
        at=timezone.now(),
    )
    files = [SimpleUploadedFile("mapping.yaml", mapping), SimpleUploadedFile("f.csv", b"id,name\na,A\n")]
    bearer = {"authorization": f"Bearer {secret}"}
    return Client().post("/api/v1/imports", {"files": files}, headers=bearer)


def test_files_are_taken_run_and_reported(cast: Cast) -> None:
    answer = post(cast, "oli")
    assert answer.status_code == 202
    assert answer.json()["state"] == "queued"
    drain(at=timezone.now())
    found = cast.client("oli").get(f"/api/v1/imports/{answer.json()['id']}").json()
    assert (found["state"], found["totals"]["created"]) == ("done", 1)
    assert found["report"]["tables"][0]["read"] == 1
    assert Account.objects.filter(key="a").exists()
    assert [row["id"] for row in cast.client("oli").get("/api/v1/imports").json()["items"]] == [found["id"]]


def test_a_wrong_mapping_is_refused_with_every_complaint(cast: Cast) -> None:
    answer = post(
        cast, "oli", b"name: rest\ntables: [{noun: accounts, file: f.csv, fields: {key: id, name: nme}}]"
    )
    assert answer.status_code == 422
    assert "there is no column" in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_those_who_see_a_part_of_the_customers_send_nothing(cast: Cast) -> None:
    assert post(cast, "song").status_code == 403
    cast.oli.reach = "team"
    cast.oli.save()
    assert post(cast, "oli").status_code == 403


def test_a_token_imports_only_what_its_scopes_name(cast: Cast) -> None:
    answer = post(cast, "oli", scopes=("imports.run",))
    assert answer.status_code == 422
    assert "may not import accounts" in answer.content.decode()


def test_a_mapping_is_drafted_and_then_sent_with_its_file(cast: Cast) -> None:
    staff = cast.people["oli"]
    _row, secret = create_token(staff=staff, name="t", scopes=list(SCOPES), by=SYSTEM, at=timezone.now())
    bearer = {"authorization": f"Bearer {secret}"}
    rows = "客户编号,客户名称\nC01,海纳机电\n".encode()

    def sent(**more: str) -> Any:
        data = {"file": SimpleUploadedFile("客户.csv", rows), **more}
        return Client().post("/api/v1/imports/draft", data, headers=bearer)

    found = sent().json()
    assert (found["noun"], found["missing"]) == ("accounts", [])
    assert [one["field"] for one in found["columns"]] == ["key", "name"]
    assert all(one["why"] for one in found["columns"])
    assert not ImportRun.objects.exists() and not Account.objects.filter(key="C01").exists()
    files = [
        SimpleUploadedFile("mapping.yaml", found["mapping"].encode()),
        SimpleUploadedFile("客户.csv", rows),
    ]
    assert Client().post("/api/v1/imports", {"files": files}, headers=bearer).status_code == 202
    drain(at=timezone.now())
    assert Account.objects.get(key="C01").name == "海纳机电"
    unknown = sent(noun="deals")
    assert unknown.status_code == 422 and "nothing called 'deals'" in unknown.content.decode()
    assert "ts" in sent(noun="events").json()["missing"]


def test_a_draft_offers_only_what_the_token_may_import(cast: Cast) -> None:
    staff = cast.people["oli"]
    _row, secret = create_token(staff=staff, name="t", scopes=["imports.run"], by=SYSTEM, at=timezone.now())
    data = {"file": SimpleUploadedFile("a.csv", b"id,name\na,A\n"), "noun": "accounts"}
    answer = Client().post("/api/v1/imports/draft", data, headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == 422 and "there is: events" in answer.content.decode()
