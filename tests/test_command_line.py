"""The `bihuan` command, command by command, in this process."""

import csv
import io
import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.contrib.staticfiles import finders
from django.utils import timezone

from bihuan.base.jobs.models import Job
from bihuan.capture.sources.models import Source
from bihuan.capture.store import get_store
from bihuan.config.cli import COMMANDS, main
from bihuan.config.commands.demo_ import SHOWN, prepare, print_sign_ins
from bihuan.config.commands.doctor_ import worker
from bihuan.foresee.health.models import HealthScore
from bihuan.know.accounts.models import Account
from bihuan.know.products.models import Product
from bihuan.know.staff.models import Region, Staff
from bihuan.site.models import AccountCard
from tests.events import happened, store_events

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
GROUPS = {"source": ("add", "list", "revoke"), "user": ("add", "link", "list")}

pytestmark = pytest.mark.django_db


@pytest.fixture
def bihuan(event_home, monkeypatch):
    """`bihuan("source", "list")` runs the command on an installation of its own."""
    monkeypatch.setenv("BIHUAN_HOME", str(event_home))

    def run(*words, said=None):
        return CliRunner().invoke(main, [str(word) for word in words], input=said)

    return run


@pytest.fixture
def question(tmp_path):
    def write(text):
        path = tmp_path / "question.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


EVERY_COMMAND = [
    (),
    *[(name,) for name in COMMANDS],
    *[(g, sub) for g, subs in GROUPS.items() for sub in subs],
]


@pytest.mark.parametrize("words", EVERY_COMMAND, ids=" ".join)
def test_every_command_has_a_help_that_says_what_it_does(bihuan, words):
    done = bihuan(*words, "--help")
    assert done.exit_code == 0
    first = done.stdout.split("\n\n")[1]
    assert len(first.strip()) > 20, "a sentence under the usage line"


def test_the_help_lists_every_command_and_the_version_is_told(bihuan):
    listed = bihuan("-h").stdout
    assert all(name in listed and text[:30] in listed for name, text in COMMANDS.items())
    assert bihuan("--version").stdout.startswith("bihuan, version ")
    unknown = bihuan("sell")
    assert (unknown.exit_code, "No such command" in unknown.stderr) == (2, True)


def test_migrate_has_nothing_to_do_twice(bihuan):
    assert "up to date" in bihuan("migrate").stdout


# Sources


def test_a_new_source_prints_its_key_and_nothing_else(bihuan):
    done = bihuan("source", "add", "web", "--product", "Demo")
    key = done.stdout.strip()
    assert done.exit_code == 0
    assert done.stdout == f"{key}\n"
    assert key.startswith("bhw_")
    assert Source.objects.get(code="web").product == Product.objects.get(name="Demo")
    assert key not in bihuan("source", "list").stdout, "it is shown once"


def test_a_second_source_of_the_same_code_is_refused_in_words(bihuan):
    bihuan("source", "add", "web", "--product", "Demo")
    again = bihuan("source", "add", "web", "--product", "Demo")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "code" in again.stderr
    assert Product.objects.filter(name="Demo").count() == 1


def test_sources_are_listed_and_revoked(bihuan):
    assert "No sources yet" in bihuan("source", "list").stderr
    bihuan("source", "add", "web", "--product", "Demo", "--name", "Web site")
    assert bihuan("source", "list").stdout.split("\t")[:3] == ["web", "Demo", "active"]
    assert "refused from now on" in bihuan("source", "revoke", "web").stderr
    assert bihuan("source", "list").stdout.split("\t")[2] == "revoked"
    missing = bihuan("source", "revoke", "app")
    assert (missing.exit_code, "No source is called 'app'" in missing.stderr) == (1, True)


# People


def test_a_person_is_added_with_a_password_from_stdin(bihuan):
    Region.objects.create(code="south", name="South")
    done = bihuan("user", "add", "wei", "--name", "Wei", "--role", "sales", "--reach", "region", "--region", "south",
                  "--password-stdin", said="correct horse battery\n")  # fmt: skip
    assert done.exit_code == 0, done.stderr
    wei = Staff.objects.get(username="wei")
    assert wei.check_password("correct horse battery")
    assert (wei.roles, wei.reach, [region.code for region in wei.regions.all()]) == (
        ["sales"],
        "region",
        ["south"],
    )
    assert bihuan("user", "list").stdout == "wei\tWei\tsales\tregion\n"


def test_a_password_is_asked_for_twice_when_none_is_given(bihuan):
    done = bihuan("user", "add", "wei", said="correct horse battery\ncorrect horse battery\n")
    assert done.exit_code == 0, done.stderr
    assert Staff.objects.get(username="wei").roles == ["admin"]


def test_without_a_terminal_it_is_said_how_to_give_the_password(bihuan):
    done = bihuan("user", "add", "wei", said="")
    assert done.exit_code == 1
    assert "--password-stdin" in done.stderr
    assert not Staff.objects.exists()


@pytest.mark.parametrize("password", ["short", "password1234", "12345678901234"])
def test_a_weak_password_is_refused_in_words(bihuan, password):
    done = bihuan("user", "add", "wei", "--password-stdin", said=password)
    assert done.exit_code == 1
    assert "password" in done.stderr
    assert not Staff.objects.exists()


def test_an_unknown_region_and_a_taken_name_are_refused(bihuan):
    unknown = bihuan(
        "user", "add", "wei", "--region", "mars", "--password-stdin", said="correct horse battery"
    )
    assert (unknown.exit_code, "'mars'" in unknown.stderr) == (1, True)
    for expected in (0, 1):
        assert (
            bihuan("user", "add", "wei", "--password-stdin", said="correct horse battery").exit_code
            == expected
        )


def test_a_link_signs_in_once(bihuan, client):
    bihuan("user", "add", "wei", "--password-stdin", said="correct horse battery")
    path = bihuan("user", "link", "wei").stdout.strip()
    assert client.post(path).status_code == 302
    assert client.get("/").status_code == 200
    client.logout()
    client.post(path)
    assert client.get("/").status_code == 302
    Staff.objects.update(is_active=False)
    nobody = bihuan("user", "link", "wei")
    assert (nobody.exit_code, "Nobody active" in nobody.stderr) == (1, True)
    assert bihuan("user", "list").stdout.endswith("\tinactive\n")


# Questions


def test_a_question_is_answered_as_json_csv_and_table(cast, bihuan, question):
    store_events(happened("look", ts=timezone.now(), account=cast.yunshan))
    path = question("kind: trend\nevery: all\nby: account\n")
    found = json.loads(bihuan("ask", path).stdout)
    assert (found["kind"], found["rows"]) == ("trend", [["all", "云杉仪器", 1]])
    assert found["definition"]
    text = bihuan("ask", path, "--format", "csv").stdout
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert list(csv.reader(io.StringIO("\n".join(lines)))) == [
        ["period", "account", "count"],
        ["all", "云杉仪器", "1"],
    ]
    assert "# count of all product events" in text
    table = bihuan("ask", path, "--format", "table").stdout
    assert "云杉仪器" in table
    assert "count of all product events" in table


def test_a_question_comes_from_stdin(contracts, bihuan):
    found = json.loads(bihuan("ask", "-", said="kind: revenue\nas_of: 2026-06-01\n").stdout)
    assert (found["summary"]["mrr"], found["summary"]["accounts"]) == (45_000, 2)


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("kind: [", "not YAML"),
        ("trend", "a document with a kind"),
        ("", "a document with a kind"),
        ("kind: magic", "there is: attribution, cluster, "),
        ("kind: trend\nevery: quarter", "every: 'quarter' is none of"),
        ("kind: revenue\nas_of: soon", "as_of"),
    ],
)
def test_a_wrong_question_is_said_in_a_line_with_exit_code_1(bihuan, said, remedy):
    done = bihuan("ask", "-", said=said)
    assert (done.exit_code, done.stdout) == (1, "")
    assert remedy in done.stderr
    assert "Traceback" not in done.stderr


# Imports


def test_an_import_says_what_it_did_and_a_second_one_changes_nothing(bihuan, tmp_path):
    mapping, report = EXAMPLES / "maven_crm/mapping.yaml", tmp_path / "report.json"
    checked = bihuan("import", mapping, "--check")
    assert (checked.exit_code, Account.objects.count()) == (0, 0)
    done = bihuan("import", mapping, "--report", report)
    assert (done.exit_code, Account.objects.count()) == (0, 85), done.stderr
    assert "accounts" in done.stdout
    assert {table["table"] for table in json.loads(report.read_text())["tables"]} >= {"accounts", "staff"}
    again = bihuan("import", mapping, "--report", report)
    assert again.exit_code == 0
    assert [(table["created"], table["updated"]) for table in json.loads(report.read_text())["tables"]] == [
        (0, 0)
    ] * 5


def test_an_import_with_rejected_rows_ends_with_exit_code_1(bihuan, tmp_path):
    (tmp_path / "a.csv").write_text("key,name,size\nx,X,12\ny,Y,many\n")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "name: desk\ntables:\n  - noun: accounts\n    file: a.csv\n    fields: {key: key, name: name, size: size}\n"
    )
    done = bihuan("import", mapping)
    assert done.exit_code == 1
    assert "many" in done.stdout
    assert [account.key for account in Account.objects.all()] == ["x"]


def test_an_import_that_cannot_begin_says_why(bihuan, tmp_path):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text("name: desk\ntables: []\n")
    refused = bihuan("import", mapping)
    assert (refused.exit_code, "tables" in refused.stderr) == (1, True)
    mapping.write_text(
        "name: d\ntables:\n  - noun: accounts\n    file: none.csv\n    fields: {key: key, name: name}\n"
    )
    refused = bihuan("import", mapping, "--data", tmp_path)
    assert (refused.exit_code, "none.csv" in refused.stderr) == (1, True)
    assert bihuan("import", tmp_path / "nothing.yaml").exit_code == 2


# The simulated company


def test_a_simulated_company_is_scored_and_demo_signs_everyone_in(bihuan, capsys, client):
    done = bihuan("simulate", "--accounts", "30", "--days", "90", "--events", "4000")
    assert done.exit_code == 0, done.stderr
    assert "Ready after" in done.stderr
    assert Account.objects.filter(simulated=True).count() == 30
    assert HealthScore.objects.values("day").distinct().count() == 3
    assert AccountCard.objects.exclude(health=None).count() > 15
    assert Job.objects.filter(name="health.backfill").exists()
    assert get_store().count() > 2000

    prepare(accounts=10)
    assert Account.objects.count() == 30, "a filled installation stays as it is"
    print_sign_ins(base="http://127.0.0.1:8000")
    text = capsys.readouterr().out
    links = [line.strip() for line in text.splitlines() if "/sign-in/" in line]
    assert len(links) == len(SHOWN)
    for link in links:
        path = link.removeprefix("http://127.0.0.1:8000")
        assert client.post(path).status_code == 302
        assert client.get("/").status_code == 200
        client.logout()


# The server


def test_serve_and_demo_say_that_the_port_is_taken_before_anything_starts(bihuan):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for command in ("serve", "demo"):
            done = bihuan(command, "--port", port)
            assert done.exit_code == 1
            assert f"Cannot listen on 127.0.0.1:{port}" in done.stderr
            assert f"PORT={port + 1}" in done.stderr
    assert not Account.objects.exists()


def test_a_part_of_the_work_needs_a_database_that_several_processes_share(bihuan, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("BIHUAN_ROLE", "all")
    done = bihuan("serve", "--role", "worker")
    assert (done.exit_code, "DATABASE_URL" in done.stderr) == (2, True)


# Doctor


def test_doctor_finds_everything_in_order(cast, bihuan):
    done = bihuan("doctor")
    text = done.stdout
    for said in ("Python 3", "BIHUAN_HOME is", "GiB free", "records:", "2 accounts", "events: 0 in duckdb:",
                 "scripts and styles are built", "administrators: root", "no parked jobs"):  # fmt: skip
        assert said in text
    assert (done.exit_code, text.splitlines()[-1]) == (0, "Everything that must work works."), text


def test_doctor_says_that_nobody_can_administer_yet(bihuan):
    done = bihuan("doctor")
    assert "bihuan user add NAME --role admin" in done.stdout
    assert done.exit_code == 0, "a note is nothing that must be done"


def test_doctor_finds_parked_jobs(cast, bihuan):
    Job.objects.create(name="x", state=Job.State.PARKED, run_at=timezone.now(), created_at=timezone.now())
    done = bihuan("doctor")
    assert "✗ 1 job(s) are parked" in done.stdout
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "1 thing(s) to do.")
    Job.objects.update(state=Job.State.DONE)
    assert next(worker())[0] == "ok"


def test_doctor_finds_that_nothing_is_built(cast, bihuan, settings):
    settings.STATICFILES_FINDERS = []
    finders.get_finder.cache_clear()
    try:
        done = bihuan("doctor")
    finally:
        finders.get_finder.cache_clear()
    assert (done.exit_code, "✗ scripts and styles are missing" in done.stdout) == (1, True)
    assert "make build" in done.stdout


def test_doctor_tells_who_could_read_the_folder(cast, bihuan, event_home):
    event_home.chmod(0o755)
    done = bihuan("doctor")
    assert "others on this machine could read BIHUAN_HOME" in done.stdout
    assert event_home.stat().st_mode & 0o077 == 0


def test_doctor_says_a_failing_check_and_goes_on(cast, bihuan, event_home, settings):
    (event_home / "events").write_text("not a folder")
    done = bihuan("doctor")
    assert done.exit_code == 1
    assert "✗ events:" in done.stdout
    assert "no parked jobs" in done.stdout


def test_a_mapping_is_drafted_for_a_table_and_imports_it(bihuan, tmp_path):
    table = tmp_path / "客户.csv"
    table.write_text("客户编号,客户名称,签约日期\nC01,海纳机电,2026/4/3\n", encoding="gb18030")
    drafted = bihuan("import", "--draft", table)
    assert drafted.exit_code == 0, drafted.output
    assert "客户编号 → key: The heading says so." in drafted.stdout
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(drafted.stdout, encoding="utf-8")
    done = bihuan("import", mapping)
    assert done.exit_code == 0, done.output
    assert str(Account.objects.get(key="C01").signed_up_on) == "2026-04-03"


def test_a_draft_that_cannot_be_made_says_why(bihuan, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("编号,名称\n1,甲\n", encoding="utf-8")
    assert "there is: " in bihuan("import", "--draft", table, "--noun", "deals").output
    assert "belong to --draft" in bihuan("import", table, "--noun", "accounts").output
    other = tmp_path / "a.txt"
    other.write_text("x", encoding="utf-8")
    assert "no table that can be read" in bihuan("import", "--draft", other).output
