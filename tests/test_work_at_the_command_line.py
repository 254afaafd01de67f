"""`bihuan work`: what a colleague may do on pages, a script on the server does in their name."""

import json

import pytest
from cast import NOW, SYSTEM
from click.testing import CliRunner
from drawings import END, START, chain, drawn, field, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.work.actions import start_process
from bihuan.act.work.models import WorkItem
from bihuan.config.commands.work_ import command

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(cast, monkeypatch) -> WorkItem:
    monkeypatch.setattr(
        "bihuan.config.home.open_home", lambda: None
    )  # the tests have an installation already
    forget()
    xml = drawn("ask", START, user("go", fields=field("amount", "number")), END, chain("start", "go", "end"))
    row = create_process(key="ask", kind="process", name="Ask", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    start_process(process=row, account=cast.yunshan, title="Ask Yunshan", by=cast.actor("song"), at=NOW)
    return WorkItem.objects.get()


def run(*args: object):
    return CliRunner().invoke(command, [str(one) for one in args])


def test_it_works(cast, item) -> None:
    assert run("list", "--as", "song").output == ""
    assert "Ask Yunshan" in run("list", "--as", "song", "--queue").output
    assert run("claim", item.pk, "--as", "song").exit_code == 0
    (listed,) = json.loads(run("list", "--as", "song", "--format", "json").output)
    assert listed == {"id": item.pk, "due_at": None, "step": "Go", "about": "Ask Yunshan"}
    wrong = run("complete", item.pk, "--as", "song", "--values", '{"amount": "many"}')
    assert wrong.exit_code == 1 and "is a number" in wrong.output
    assert run("complete", item.pk, "--as", "song", "--values", '{"amount": 3}').exit_code == 0
    item.refresh_from_db()
    assert (item.state, item.values, item.done_by) == ("done", {"amount": 3}, cast.song)


@pytest.mark.parametrize(("args", "why"), [
    (("--as", "nobody"), "Nobody active"), (("--as", "bei"), "sees no work item"),
    (("--as", "song", "--values", "x"), "not JSON"), (("--as", "song", "--values", "[]"), "JSON object"),
])  # fmt: skip
def test_what_cannot_be_is_said(cast, item, args, why) -> None:
    answer = run("complete", item.pk, *args)
    assert answer.exit_code == 1 and why in answer.output
    assert WorkItem.objects.get().state == "open"
