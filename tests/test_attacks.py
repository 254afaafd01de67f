"""What an attacker sends: refused or harmless, never an error of ours, and never somebody else's data."""

import gzip
import json
import stat
import zipfile

import pytest
from cast import SYSTEM, TODAY
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.base.ui.export import harmless
from bihuan.capture.imports.actions import files
from bihuan.capture.ingest.rules.body import unpack
from bihuan.capture.ingest.rules.clock import sent_from_query
from bihuan.capture.ingest.rules.draft import BadRequest
from bihuan.capture.ingest.rules.posthog import decode

LISTS = {
    "/accounts/": ("tier", "region", "owner", "renews_on_min", "renews_on_max", "band"),
    "/people/": ("account", "anonymous"),
    "/contracts/": ("account", "ends_on_min", "ends_on_max", "billing"),
    "/tickets/": ("account", "opened_at_min", "opened_at_max", "state"),
    "/audit/": ("account_id", "at_min", "at_max", "name", "actor_name"),
    "/jobs/": ("state", "kind"),
    "/sources/": ("product", "active"),
    "/events/": ("event", "account", "person", "days", "measure"),
    "/events/rejected/": ("at_min", "code", "source"),
    "/palette/": (),
}
ODD = ["\0", "9" * 30, "9" * 5000, "-1", "1e999", "1e30", "NaN", "sNaN", "0001-01-01", "9999-12-31", "²", "٣", "'\"<script>",
       "%", "word " * 1200, "2026-02-30", ",,,", "-" * 50, "\ufffe", "null", "[]"]  # fmt: skip
odd = st.sampled_from(ODD) | st.text(max_size=30).filter(
    lambda text: not any("\ud800" <= c <= "\udfff" for c in text)
)


@pytest.mark.django_db
@pytest.mark.parametrize("where", LISTS)
def test_no_list_fails_on_an_odd_address(where, cast, event_home):
    client = cast.client("root")
    names = ("q", "sort", "cols", "page", *LISTS[where])
    for name in names:
        for value in ODD:
            answer = client.get(where, {name: value})
            assert answer.status_code in (200, 400), (where, name, value[:30])


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["/accounts/", "/contracts/", "/tickets/", "/audit/"])
def test_no_list_fails_on_odd_addresses_put_together(where, cast, event_home):
    client = cast.client("root")
    names = st.sampled_from(("q", "sort", "cols", "page", *LISTS[where]))

    @settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names, odd, max_size=6))
    def ask(query):
        assert client.get(where, query).status_code in (200, 400)

    ask()


@pytest.mark.django_db
def test_no_panel_or_time_line_fails_on_an_odd_address(cast, event_home):
    client, here = cast.client("root"), f"/accounts/{cast.yunshan.pk}/"
    for value in [
        *ODD,
        "0001-01-01T00:00:00+00:00",
        "9999-12-31T23:59:59+00:00",
        "0001-01-01T00:00:00+14:00",
    ]:
        for where, name in (
            ("timeline/", "before"),
            ("timeline/", "kind"),
            ("panels/usage/", "days"),
            ("panels/people/", "all"),
        ):
            answer = client.get(here + where, {name: value})
            assert answer.status_code in (200, 400), (where, value[:30])


@pytest.mark.django_db
def test_ids_in_a_form_that_are_no_ids_choose_nothing(cast, event_home):
    client = cast.client("root")
    for odd_id in ("²", "9" * 30, "9" * 5000, "-1", "1.5", ""):
        batch = client.post("/tickets/", {"do": "batch", "action": "solve", "ids": [odd_id]})
        assert batch.status_code == 302
        assert client.post("/tickets/", {"do": "drop-view", "view": odd_id}).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("address", [
    "accounts?limit=99999999999999999999", "accounts?offset=99999999999999999999", "accounts?limit=100000", "accounts?q=%00",
    "contracts?account_id=-99999999999999999999999", "tickets?account_id=-99999999999999999999999", "tickets?state=%00",
])  # fmt: skip
def test_rest_refuses_numbers_and_texts_that_cannot_be_stored(address, cast, event_home):
    answer = cast.rest("root").get(f"/api/v1/{address}")
    assert answer.status_code in (400, 422)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_rest_refuses_a_nul_in_a_body(cast, event_home):
    body = json.dumps({"name": "a\0b"})
    answer = cast.rest("root").post("/api/v1/accounts", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


QUESTIONS = [
    {"where": r'props.a == "\xzz"'}, {"where": "props.a == '\\ud800'"}, {"where": "name.matches('(')"},
    {"where": "!" * 1900 + "true"},
    {"period": {"from": "9999-12-30", "to": "9999-12-31"}, "every": "week"}, {"events": ["e"] * 20_000},
    {"by": "props.a'b"}, {"by": "props.a\n"}, {"segment": "read_text('/etc/passwd') == 'x'"}, {"\ud800": 1},
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("part", QUESTIONS, ids=lambda part: ascii(next(iter(part.values())))[:30])
def test_a_question_that_cannot_be_meant_is_refused(part, cast, event_home):
    body = json.dumps({"kind": "trend"} | part)
    answer = cast.rest("root").post("/api/v1/ask", body, content_type="application/json")
    assert answer.status_code in (400, 422)


@pytest.mark.django_db
def test_the_length_of_a_property_can_be_asked(cast, event_home):
    body = json.dumps({"kind": "trend", "where": "size(props.a) > 1"})
    assert cast.rest("root").post("/api/v1/ask", body, content_type="application/json").status_code == 200


@pytest.mark.django_db
def test_a_body_nested_without_end_is_not_json(cast, event_home):
    answer = cast.rest("root").post("/api/v1/ask", "[" * 100_000, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.django_db
def test_the_list_of_people_names_no_account_outside_the_territory(cast, event_home):
    from bihuan.know.accounts.models import Membership

    south = Membership.objects.filter(account=cast.yunshan).first()
    Membership.objects.create(person=south.person, account=cast.songtao, starts_on=TODAY)
    seen = cast.client("song").get("/people/").content.decode()
    assert str(south.person) in seen
    assert "松涛" not in seen
    assert "松涛" in cast.client("mei").get("/people/").content.decode()


@pytest.mark.django_db
def test_columns_that_do_not_exist_are_not_remembered(cast, event_home):
    client = cast.client("root")
    client.get("/tickets/", {"cols": "subject,nonsense" + "x" * 5000})
    assert client.session["cols:tickets"] == "subject"


@pytest.mark.django_db
def test_a_sign_in_link_works_once_and_changes_the_session(cast):
    from django.test import Client
    from django.utils import timezone

    from bihuan.base.access.actions import create_sign_in_link

    link = f"/sign-in/{create_sign_in_link(staff=cast.song, by=SYSTEM, at=timezone.now())}/"
    client = Client()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    assert client.post(link).status_code == 302
    assert client.session.session_key != planted
    assert Client().post(link).status_code == 410


@pytest.mark.django_db
def test_signing_in_leads_to_our_own_pages_only(cast):
    from django.test import Client

    cast.song.set_password("correct horse battery")
    cast.song.save()
    for there in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        form = {"username": cast.song.username, "password": "correct horse battery", "next": there}
        answer = Client().post("/sign-in/", form)
        assert answer["Location"] == "/", there


@pytest.mark.django_db
def test_every_answer_carries_the_policy(cast, event_home):
    client = cast.client("root")
    for where in ("/", "/nope/", "/accounts/?q=%00", "/api/v1/nope", "/api/v1/accounts", "/palette/?q=x"):
        answer = client.get(where)
        assert "default-src 'none'" in answer["Content-Security-Policy"], where
        assert answer["X-Content-Type-Options"] == "nosniff"
    export = client.post("/tickets/", {"do": "export", "format": "csv"})
    assert "default-src 'none'" in export["Content-Security-Policy"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


def test_a_sending_time_in_odd_digits_is_passed_over():
    assert sent_from_query("²" * 12) is None
    assert sent_from_query("٣" * 13) is None


def test_a_body_of_many_small_gzips_is_refused_at_once():
    with pytest.raises(BadRequest, match="parts"):
        unpack(gzip.compress(b"", mtime=0) * 100_000)
    assert unpack(gzip.compress(b"{", mtime=0) + gzip.compress(b"}", mtime=0)) == b"{}"


@pytest.mark.parametrize(
    "body", [b'{"batch":[' + b"0," * 3_000_000 + b"0]}", b'{"api_key":[' + b"{}," * 3_000_000 + b"0]}"]
)
def test_a_body_of_countless_values_is_refused_before_it_fills_the_memory(body):
    with pytest.raises(BadRequest) as refused:
        decode(body)
    assert refused.value.status == 413


def test_a_line_without_end_is_refused(tmp_path, monkeypatch):
    from bihuan.capture.imports.actions.files import FileRefused, header

    monkeypatch.setattr(files, "LONGEST_LINE", 1000)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"a" * 100_000, mtime=0))
    with pytest.raises(FileRefused, match="longer"):
        header(path, _table(path.name))


def test_a_workbook_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    from bihuan.capture.imports.actions.files import FileRefused, header

    monkeypatch.setattr(files, "LARGEST_SHEET", 1000)
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", "a" * 100_000)
    with pytest.raises(FileRefused, match="unpacked"):
        header(path, _table(path.name))


def _table(name):
    from bihuan.capture.imports.rules.mapping import parse_mapping

    document = {
        "name": "bomb",
        "tables": [{"noun": "accounts", "file": name, "fields": {"key": "a", "name": "a"}}],
    }
    return parse_mapping(document, origin="mapping.yaml").tables[0]


def test_an_installation_is_its_owners_alone(tmp_path):
    import os
    import subprocess
    import sys

    home = tmp_path / "home"
    environment = {**os.environ, "BIHUAN_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    subprocess.run([sys.executable, "-m", "bihuan", "user", "list"], env=environment, check=True, umask=0o022)
    assert home.exists()
    for path in (home, *home.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv.gz", b"this is no gzip"),
        ("a.csv.gz", gzip.compress(b"a,b\n" * 1000, mtime=0)[:20]),
        ("a.jsonl.gz", gzip.compress(b"{}\n" * 1000, mtime=0)[:20]),
        ("a.xlsx", b"PK\x03\x04 and no more"),
        ("a.parquet", b"PAR1 and no more PAR1"),
    ],
)
def test_a_broken_file_is_refused_in_words(name, content, tmp_path):
    from bihuan.capture.imports.actions.files import FileRefused, header

    (tmp_path / name).write_bytes(content)
    with pytest.raises(FileRefused, match=name):
        header(tmp_path / name, _table(name))


def test_a_workbook_whose_xml_explodes_is_refused(tmp_path):
    from bihuan.capture.imports.actions.files import FileRefused, header

    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        start = '<?xml version="1.0"?><!DOCTYPE t [<!ENTITY e0 "aaaaaaaaaa">'
        packed.writestr("[Content_Types].xml", f"{start}{entities}]><Types>&e8;</Types>")
    with pytest.raises(FileRefused):
        header(path, _table(path.name))


def test_half_a_character_in_a_line_rejects_the_line_only(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "\\ud800"}\n{"a": "\\ud83d\\ude00"}\n')
    (batch,) = files.read(path, _table(path.name))
    assert [line for line, _reason in batch.broken] == [1]
    assert batch.columns == {"a": ["😀"]}
