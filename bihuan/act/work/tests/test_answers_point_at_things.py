"""Fields of kind file, person and account take what they say: on pages, over REST, and for guests."""

import re
from pathlib import Path

import pytest
from cast import NOW, SYSTEM
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from drawings import END, START, chain, drawn, field, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.actions import start_process
from bihuan.act.work.models import File, Instance, WorkItem

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def files(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def kept(files: Path) -> list[Path]:
    return [one for one in files.rglob("*") if one.is_file()]


def process(key: str, *, role: str = "sales", start: str = "", gate: str = "", required: bool = True):
    forget()
    fields = (
        field("offer", "file", required)
        + field("who", "person", required)
        + field("customer", "account", required)
    )
    begin = (
        f'<startEvent id="start"><extensionElements><x:form>{start}</x:form></extensionElements></startEvent>'
        if start
        else START
    )
    xml = drawn(
        key, begin, user("send", role=role, fields=fields, gate=gate), END, chain("start", "send", "end")
    )
    row = create_process(key=key, kind="process", name=key, xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    return row


@pytest.fixture
def item(cast) -> WorkItem:
    start_process(process=process("offer"), account=cast.yunshan, by=cast.actor("song"), at=NOW)
    return WorkItem.objects.get()


def pdf(name: str = "offer.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.7")


def test_it_works(cast, item, files) -> None:
    song = cast.client("song")
    page = song.get(f"/work-items/{item.pk}/").content.decode()
    assert 'type="file"' in page and 'list="found-customer"' in page and ">Qin</option>" in page
    said = {"offer": pdf(), "who": "qin", "customer": "yunshan"}
    assert song.post(f"/work-items/{item.pk}/complete/", said).status_code == 302
    item.refresh_from_db()
    row = File.objects.get()
    assert item.values == {"offer": {"id": row.pk, "name": "offer.pdf"}, "who": "qin", "customer": "yunshan"}
    assert (row.field, row.item, row.by_name, len(kept(files))) == ("offer", item, "Song", 1)
    done = song.get(f"/work-items/{item.pk}/").content.decode()
    assert f'href="/work-files/{row.pk}/">offer.pdf' in done and "Qin" in done and "云杉仪器" in done
    assert b"".join(song.get(f"/work-files/{row.pk}/").streaming_content) == b"%PDF-1.7"
    assert cast.client("bei").get(f"/work-files/{row.pk}/").status_code == 404


@pytest.mark.parametrize(("change", "why"), [
    ({"who": "nobody"}, "“who”"), ({"customer": "songtao"}, "no such customer in your territory"),
    ({"customer": "no such"}, "no such customer"), ({"offer": SimpleUploadedFile("run.exe", b"MZ")}, "kind are not taken"),
    ({"offer": ""}, "“offer” is needed"),
])  # fmt: skip
def test_what_cannot_be_is_said_and_leaves_no_file(cast, item, files, change, why) -> None:
    said = {"offer": pdf(), "who": "qin", "customer": "yunshan"} | change
    answer = cast.client("song").post(f"/work-items/{item.pk}/complete/", said)
    assert answer.status_code == 422 and why in answer.content.decode()
    item.refresh_from_db()
    assert item.state == "open" and not File.objects.exists() and kept(files) == []


def test_a_file_goes_when_what_comes_after_it_fails(cast, files) -> None:
    start_process(
        process=process("gate", gate="who == &quot;mei&quot;"),
        account=cast.yunshan,
        by=cast.actor("song"),
        at=NOW,
    )
    item = WorkItem.objects.get()
    said = {"offer": pdf(), "who": "qin", "customer": "yunshan"}
    answer = cast.client("song").post(f"/work-items/{item.pk}/complete/", said)
    assert answer.status_code == 422
    assert not File.objects.exists() and kept(files) == []
    cast.client("song").post(f"/work-items/{item.pk}/complete/", said | {"offer": pdf(), "who": "mei"})
    assert File.objects.count() == len(kept(files)) == 1


def test_programs_send_the_file_first_and_its_number_then(cast, item) -> None:
    song, where = cast.rest("song"), f"/api/v1/work-items/{item.pk}"
    sent = song.post(f"{where}/files", {"file": pdf()})
    assert sent.status_code == 201 and sent.json()["name"] == "offer.pdf"
    number = sent.json()["id"]
    for wrong in (
        {"offer": 987654},
        {"offer": "x"},
        {"offer": [1]},
        {"who": 987654},
        {"who": {}},
        {"customer": "songtao"},
    ):
        values = {"offer": number, "who": "qin", "customer": "yunshan"} | wrong
        assert song.post(f"{where}/complete", {"values": values}, **JSON).status_code == 422, wrong
    values = {"offer": number, "who": cast.qin.pk, "customer": "云杉仪器"}
    done = song.post(f"{where}/complete", {"values": values}, **JSON)
    assert done.json()["values"] == {
        "offer": {"id": number, "name": "offer.pdf"},
        "who": "qin",
        "customer": "yunshan",
    }


def test_a_file_of_another_process_is_not_taken(cast, item) -> None:
    other = start_process(process=process("other"), account=cast.yunshan, by=cast.actor("song"), at=NOW)
    song = cast.rest("song")
    number = song.post(f"/api/v1/work-items/{other.items.get().pk}/files", {"file": pdf()}).json()["id"]
    values = {"offer": number, "who": "qin", "customer": "yunshan"}
    assert song.post(f"/api/v1/work-items/{item.pk}/complete", {"values": values}, **JSON).status_code == 422


def test_the_form_of_the_start_takes_them_too(cast, files) -> None:
    row = process("begin", start=field("plan", "file") + field("helper", "person"))
    song = cast.client("song")
    answer = song.post(f"/processes/{row.pk}/start/", {"plan": pdf("plan.pdf"), "helper": "qin"})
    assert answer.status_code == 302
    instance = Instance.objects.get()
    assert instance.values["helper"] == "qin" and instance.values["plan"]["name"] == "plan.pdf"
    assert instance.files.get().field == "plan"
    refused = song.post(f"/processes/{row.pk}/start/", {"plan": pdf("plan.exe"), "helper": "qin"})
    assert "kind are not taken" in refused.content.decode()
    assert Instance.objects.count() == len(kept(files)) == 1


@pytest.fixture
def link(cast) -> str:
    row = process("outside", role="customer", required=False)
    start_process(process=row, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    item = WorkItem.objects.get()
    made = cast.client("song").post(f"/work-items/{item.pk}/link/", {"name": "Lin"})
    return re.search(r"/do/[\w-]+/", cast.client("song").get(made["Location"]).content.decode())[0]


def test_guests_send_files_and_name_nobody(cast, link) -> None:
    guest = Client(headers={"Accept-Language": "en"})
    page = guest.get(link).content.decode()
    assert "Only colleagues answer this" in page and "Qin" not in page and "yunshan" not in page
    assert (
        "This is done"
        in guest.post(link, {"offer": pdf(), "who": "qin", "customer": "songtao"}).content.decode()
    )
    item = WorkItem.objects.get()
    assert set(item.values) == {"offer"} and File.objects.get().by_name == "Lin"


def test_what_a_guest_names_past_the_form_is_refused_in_words(cast, link) -> None:
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from bihuan.act.work.actions import accept
    from bihuan.act.work.models import Invitation

    for values in ({"who": "qin"}, {"customer": "yunshan"}, {"offer": "1"}):
        with pytest.raises(ValidationError):
            accept(invitation=Invitation.objects.get(), values=values, ticks=[], signed="", at=timezone.now())
    assert WorkItem.objects.get().state == "open"


def test_customers_are_proposed_within_the_territory(cast) -> None:
    found = cast.client("song").get("/work-accounts/?field=customer&customer=松").content.decode()
    assert found.strip() == ""
    assert (
        "云杉仪器" in cast.client("song").get("/work-accounts/?field=customer&customer=云").content.decode()
    )
    assert (
        "松涛软件" in cast.client("mei").get("/work-accounts/?field=customer&customer=songt").content.decode()
    )
    assert "云杉仪器" in cast.client("mei").get("/work-accounts/").content.decode()
