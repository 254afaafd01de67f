"""The explorer through HTTP: form and YAML are one question, errors stand at their field, numbers lead to who is behind them."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import yaml
from cast import NOW
from django.utils import translation

from bihuan.capture.store import Store, close_store
from bihuan.know.accounts.models import Account, Membership
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.explore.document import read_text, write_text
from bihuan.understand.explore.queries import ask
from bihuan.understand.explore.registry import kinds
from bihuan.understand.explore.said import in_words
from bihuan.understand.segments.models import Segment
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 2, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
FUNNEL = """kind: funnel
unit: account
steps: [look, buy]
period: {from: 2026-11-01, to: 2026-11-17}
"""
OTHERS = ("survival", "tree", "cluster", "segment", "experiment", "revenue", "tickets", "health", "warning",
          "plan")  # fmt: skip


@pytest.fixture
def used(cast, event_home):
    """Yunshan (Lin) looks and buys; Songtao (He) only looks."""
    store_events(
        happened("look", ts=START, account=cast.yunshan, person=cast.lin),
        happened("buy", ts=START + timedelta(hours=1), account=cast.yunshan, person=cast.lin),
        happened("look", ts=START, account=cast.songtao, person=cast.he),
    )
    return cast


def page(client, text, **more):
    return client.get("/explore/", {"q": text, **more})


def post(client, *, htmx=True, **data):
    headers = {"HX-Request": "true", "HX-Target": "explorer"} if htmx else {}
    return client.post("/explore/compose/", data, headers=headers)


def form_of(html):
    """What a browser would send of the form: names with their values."""
    form = html[html.index('id="question-form"') : html.index("</form>", html.index('id="question-form"'))]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'\b{key}="([^"]*)"', tag) for key in ("name", "value"))
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found[name] = chosen[1] if chosen else re.search(r'<option value="([^"]*)"', inside)[1]
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = inside
    from html import unescape

    return {name: unescape(value) for name, value in found.items()}


def question_in(response):
    """The question of the address that htmx is told to show."""
    return yaml.safe_load(parse_qs(urlsplit(response["HX-Push-Url"]).query)["q"][0])


def test_it_works_without_a_question(used):
    found = used.client("an").get("/explore/")
    assert found.status_code == 200
    assert "Funnel" in found.content.decode() and "data-chart" in found.content.decode()


def test_a_question_in_the_address_is_answered_beside_it(used):
    html = page(used.client("an"), FUNNEL).content.decode()
    assert "look → buy" in html
    assert "window 7 d from step 1, end inclusive" in html
    figures = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<a [^>]+>)?([^<]+)<", html))
    assert (figures["Entered"], figures["Converted"], figures["Conversion"]) == ("2", "1", "50.0%")
    assert 'name="steps-0-events" value="look"' in html and 'name="steps-1-events" value="buy"' in html
    assert '<option value="look">' in html, "events that have arrived are suggested"
    assert page(used.client("an"), json.dumps(yaml.safe_load(FUNNEL), default=str)).status_code == 200, (
        "JSON is read too"
    )


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS], ids=lambda kind: getattr(kind, "name", kind))
def test_what_the_form_shows_and_sends_back_is_the_same_question(used, contracts, kind):
    kind = kinds()[getattr(kind, "name", kind)]
    client = used.client("root")
    document = yaml.safe_load(kind.example)
    html = page(client, kind.example).content.decode()
    sent = form_of(html)
    assert set(sent["has"].split(",")) <= {field.name for field in kind.fields}
    again = question_in(post(client, **sent, do="ask"))
    defaults = {field.name: field.default.strip("`") for field in kind.fields}
    assert _said(again, defaults) == _said(document, defaults)


def _said(document, defaults):
    """Without what holds anyway."""
    return {name: value for name, value in document.items() if defaults.get(name) != value}


def test_yaml_keeps_what_was_written_and_what_the_form_cannot_say(used):
    client = used.client("an")
    text = "# who buys\n" + FUNNEL + "list: {reached: 1}\ncolour: red\n"
    html = page(client, text).content.decode()
    assert "Stays in the YAML" in html and "list, colour" in html.replace("colour, list", "list, colour")
    sent = form_of(html)
    html = post(client, **sent, do="yaml").content.decode()
    assert "# who buys" in html, "nothing was changed, so the text is as it was written"
    sent["steps-1-events"] = "look, buy"
    html = post(client, **sent, do="yaml").content.decode()
    written = form_of(html)["text"]
    found = read_text(written)
    assert found["steps"] == ["look", {"events": ["look", "buy"]}]
    assert found["colour"] == "red" and found["list"] == {"reached": 1}
    assert found["period"] == {"from": date(2026, 11, 1), "to": date(2026, 11, 17)}
    html = post(client, mode="yaml", text=written, do="form").content.decode()
    assert 'name="steps-1-events" value="look, buy"' in html


def test_steps_are_added_moved_and_removed_without_dragging(used):
    client = used.client("an")
    sent = form_of(page(client, FUNNEL).content.decode())
    answer = post(client, **sent, do="steps-add")
    assert answer["HX-Retarget"] == "#question"
    sent = form_of(answer.content.decode())
    assert sent["steps-2-events"] == ""
    sent |= {"steps-2-events": "pay", "steps-2-where": "props.n > 1", "steps-2-label": "paid"}
    sent = form_of(post(client, **sent, do="steps-up-2").content.decode())
    assert [sent[f"steps-{n}-events"] for n in range(3)] == ["look", "pay", "buy"]
    assert (sent["steps-1-where"], sent["steps-1-label"]) == ("props.n > 1", "paid")
    sent = form_of(post(client, **sent, do="steps-remove-0").content.decode())
    assert [sent[f"steps-{n}-events"] for n in range(2)] == ["pay", "buy"]


def test_another_kind_keeps_events_period_and_rules(used):
    client = used.client("an")
    text = 'kind: trend\nevents: [look, buy]\nby: event\nsegment: account.key == "yunshan"\nperiod: {last: 84d}\n'
    sent = form_of(page(client, text).content.decode())
    answer = post(client, **sent, do="kind:funnel")
    assert question_in(answer) == {
        "kind": "funnel", "steps": ["look", "buy"], "period": {"last": "84d"}, "segment": 'account.key == "yunshan"',
        "by": "event",
    }  # fmt: skip
    html = post(
        client, **form_of(page(client, "kind: trend\n").content.decode()), do="kind:funnel"
    ).content.decode()
    assert "Fill in the question" in html, "two steps are missing, which is no mistake yet"


@pytest.mark.parametrize(("change", "field", "remedy"), [
    ({"steps-1-events": ""}, "Steps", "write a list of 2 to 20 steps"),
    ({"steps-1-where": "props.x =="}, "Steps", "buy"),
    ({"within": "soon"}, "Window", "write a span such as 30m, 12h or 7d"),
    ({"by": "nonsense"}, "Breakdown", "is none of event, account"),
    ({"segment": "account.colour == 'red'"}, "Only accounts where", "colour"),
    ({"period": "days", "period-first": "2026-11-09", "period-last": "2026-11-01"}, "Period", "before it begins"),
])  # fmt: skip
def test_a_wrong_value_is_told_at_its_field_and_nothing_typed_is_lost(used, change, field, remedy):
    client = used.client("an")
    sent = form_of(page(client, FUNNEL).content.decode()) | change
    html = post(client, **sent, do="ask").content.decode()
    assert "This cannot be asked yet" in html
    place = next(
        part for part in re.findall(r'<(?:fieldset|div) class="field[^>]*>.*?(?=<(?:fieldset|div) class="field|</form>)', html, re.DOTALL)
        if field in part
    )  # fmt: skip
    assert "field-error" in place
    assert remedy in place or remedy == "buy"
    kept = form_of(html)
    for name, value in change.items():
        if value:
            assert kept[name] == value


def test_yaml_that_cannot_be_read_says_where(used):
    client = used.client("an")
    for text, remedy in (("kind: [", "is not YAML"), ("kind: dance", "cannot be asked; there is"), ("- a", "write a document"),
                         ("a: &x 1\nb: *x", "aliases"), ("kind: funnel\n" + "#" * 20_001, "longer than")):  # fmt: skip
        html = post(client, mode="yaml", text=text, do="ask").content.decode()
        assert remedy in html, text[:30]
        assert form_of(html)["text"].strip() == text.strip()


def test_words_of_yaml_are_words(used):
    assert read_text("returned: on")["returned"] == "on"
    assert read_text("cumulative: true")["cumulative"] is True
    assert read_text(write_text({"returned": "on", "n": 1})) == {"returned": "on", "n": 1}


def test_a_step_leads_to_the_list_behind_it_within_the_territory(used):
    html = page(used.client("an"), FUNNEL).content.decode()
    urls = [parse_qs(urlsplit(url.replace("&amp;", "&")).query)["q"][0]
            for url in re.findall(r'<td class="num"[^>]*><a href="([^"]+)"', html)]  # fmt: skip
    urls = list(dict.fromkeys(urls))  # a share and a time lead to those it is of
    lists = [yaml.safe_load(url)["list"] for url in urls]
    assert lists == [{"reached": 1}, {"reached": 2}, {"dropped_after": 1}]
    html = page(used.client("an"), urls[2]).content.decode()
    assert f'<a href="/accounts/{used.songtao.pk}/">松涛软件</a>' in html and "云杉" not in html
    assert "Back to the numbers" in html
    assert "松涛" not in page(used.client("song"), urls[0]).content.decode()
    people = urls[0].replace("unit: account", "unit: person")
    assert f'<a href="/people/{used.lin.pk}/">林云</a>' in page(used.client("an"), people).content.decode()


PERIOD = "period: {from: 2026-11-02, to: 2026-11-15}\n"
TOUCHES = "kind: attribution\nunit: account\ntouch: look\nconversion: buy\n" + PERIOD


@pytest.mark.parametrize("text", [
    "kind: trend\nevent: look\nevery: week\n" + PERIOD,
    "kind: lifecycle\nunit: account\nevery: week\n" + PERIOD,
    "kind: stickiness\nunit: account\n" + PERIOD,
    "kind: retention\nunit: account\n" + PERIOD,
    "kind: path\nunit: account\nfrom: look\n" + PERIOD,
    "kind: process\nunit: account\nshow: follows\n" + PERIOD,
    TOUCHES,
])  # fmt: skip
def test_a_number_leads_to_who_is_behind_it_in_the_table_and_on_the_chart(used, text):
    client = used.client("an")
    html = page(client, text).content.decode()
    urls = [url.replace("&amp;", "&") for url in re.findall(r'<td class="num"[^>]*><a href="([^"]+)"', html)]
    lists = [client.get(url).content.decode() for url in urls]
    assert any(f'<a href="/accounts/{used.yunshan.pk}/">云杉仪器</a>' in one for one in lists)
    assert all("Back to the numbers" in one and "Save as a segment" in one for one in lists)
    *_others, drawn = map(
        json.loads, re.findall(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)
    )
    cell = re.search(r'"behind": ("\{.*?\}")[,}]', json.dumps(drawn["series"], ensure_ascii=False))
    clicked = parse_qs(urlsplit(drawn["behind"]).query)["q"][0] + f"list: {json.loads(cell[1])}\n"
    assert "Back to the numbers" in page(client, clicked).content.decode()


def test_accounts_of_one_name_are_linked_by_their_ids(used):
    Account.objects.filter(pk=used.songtao.pk).update(name=used.yunshan.name)
    html = page(used.client("an"), "kind: trend\nby: account\nevery: all\n" + PERIOD).content.decode()
    for account in (used.yunshan, used.songtao):
        assert f'<a href="/accounts/{account.pk}/">云杉仪器</a>' in html
    assert (
        f"/accounts/{used.songtao.pk}/"
        not in page(used.client("song"), "kind: trend\nby: account\n" + PERIOD).content.decode()
    )


def test_who_is_behind_a_number_is_kept_as_a_segment_by_those_who_may(used):
    text = FUNNEL + "list: {dropped_after: 1}\n"
    form = used.client("an").get("/explore/keep/", {"q": text}).content.decode()
    assert "dropped_after" in form and 'name="key"' in form
    kept = used.client("an").post("/explore/keep/", {"text": text, "key": "lookers", "title": "Lookers"})
    segment = Segment.objects.get(key="lookers")
    assert kept["Location"] == f"/segments/{segment.pk}/"
    assert [one.account for one in segment.members.all()] == [used.songtao]
    again = used.client("an").post("/explore/keep/", {"text": text, "key": "lookers", "title": "x"})
    assert again.status_code == 200 and "field-error" in again.content.decode()
    lost = used.client("an").post("/explore/keep/", {"text": FUNNEL, "key": "none", "title": "x"})
    assert lost.status_code == 200 and not Segment.objects.filter(key="none").exists()
    assert used.client("song").get("/explore/keep/", {"q": text}).status_code == 403
    assert "Save as a segment" not in page(used.client("song"), text).content.decode()


def test_working_time_is_told_through_the_one_door(used):
    """From Monday evening to Tuesday noon: elapsed 18 h, working time 3."""
    store_events(*(happened(name, ts=START + timedelta(hours=hours), account=used.yunshan, props={"ticket": "T1"})
                   for name, hours in (("opened", 18), ("solved", 36))))  # fmt: skip
    asked = {"kind": "process", "unit": "props.ticket", "show": "follows", "calendar": "09:00-18:00 CN",
             "period": {"from": "2026-11-02", "to": "2026-11-15"}}  # fmt: skip
    answer = ask(question=asked, actor=used.actor("an"), at=NOW)
    names = [column.name for column in answer.columns]
    (row,) = answer.rows
    assert (row[names.index("mean")], row[names.index("waiting_mean")]) == (0.75, 3)
    html = page(used.client("an"), json.dumps(asked)).content.decode()
    assert "Median waiting" in html and "3.0 h" in html and 'value="09:00-18:00 CN"' in html


def test_a_case_is_listed_with_its_account(used):
    store_events(*(happened(name, ts=START + timedelta(hours=n), account=used.yunshan, person=used.lin, props={"ticket": "T1"})
                   for n, name in enumerate(("opened", "solved"))))  # fmt: skip
    text = "kind: process\nunit: props.ticket\n" + PERIOD + "list: {variant: [opened, solved]}\n"
    html = page(used.client("an"), text).content.decode()
    assert "T1" in html and f'<a href="/accounts/{used.yunshan.pk}/">云杉仪器</a>' in html
    used.client("an").post("/explore/keep/", {"text": text, "key": "slow", "title": "Slow"})
    assert [one.account for one in Segment.objects.get(key="slow").members.all()] == [used.yunshan]


def test_whom_one_may_not_see_is_counted_and_not_listed(used):
    """Lin's membership is corrected away: the event stays Yunshan's, and she is nobody of Song's territory."""
    text = FUNNEL.replace("unit: account", "unit: person") + "list: {reached: 1}\n"
    everybody = ask(question=read_text(text), actor=used.actor("an"), at=NOW)
    assert {row[0] for row in everybody.rows} == {used.lin.pk, used.he.pk}
    Membership.objects.filter(person=used.lin).delete()
    found = ask(question=read_text(text), actor=used.actor("song"), at=NOW)
    assert (found.rows, found.summary["units"]) == ((), 1)
    assert found.left_out == {"counted, not listed: you may not see them": 1}


def test_a_bucket_that_is_not_over_is_marked(used):
    html = page(used.client("an"), "kind: trend\nperiod: {last: 7d}\n").content.decode()
    assert html.count("not over yet") == 2, "once in the table, once on the chart"


def test_the_answer_is_taken_away_with_its_definition(used):
    client = used.client("an")
    found = client.get("/explore/export/", {"q": FUNNEL, "format": "csv"})
    lines = found.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Funnel: look → buy")
    assert any("inclusive days in Asia/Shanghai" in line for line in lines)
    assert "1,look,2,1.0,1.0,0" in found.content.decode()
    assert found["Content-Disposition"].endswith('.csv"')
    book = openpyxl.load_workbook(
        BytesIO(client.get("/explore/export/", {"q": FUNNEL, "format": "xlsx"}).content)
    )
    assert book.active["A1"].value.startswith("Funnel: look → buy")
    assert client.get("/explore/export/", {"q": FUNNEL, "format": "exe"}).status_code == 404
    assert client.get("/explore/export/", {"q": "kind: [", "format": "csv"}).status_code == 404


def test_a_list_of_people_is_taken_away_by_those_who_may(used):
    text = FUNNEL.replace("unit: account", "unit: person") + "list: {reached: 1}\n"
    assert used.client("an").get("/explore/export/", {"q": text}).status_code == 200
    assert used.client("song").get("/explore/export/", {"q": text}).status_code == 403
    assert "format=csv" not in page(used.client("song"), text).content.decode()


def test_a_kind_that_a_role_may_not_ask_is_not_offered_and_refused(used, settings):
    html = page(used.client("pan"), FUNNEL)
    assert html.status_code == 403


def test_a_store_that_cannot_be_asked_is_told_and_the_question_stays(used, event_home):
    close_store()
    other = Store(event_home)
    other.start()
    try:
        html = page(used.client("an"), FUNNEL + "within: 3d\n").content.decode()
    finally:
        other.close()
    assert "Events cannot be read right now" in html and 'name="steps-0-events" value="look"' in html


def test_without_scripts_the_form_leads_to_an_address(used):
    client = used.client("an")
    sent = form_of(page(client, FUNNEL).content.decode())
    answer = post(client, htmx=False, **sent, do="ask")
    assert answer.status_code == 302 and answer["Location"].startswith(
        "/explore/?" + urlencode({"q": FUNNEL})
    )
    assert "<html" in post(client, htmx=False, **sent, do="steps-add").content.decode()


@pytest.mark.parametrize("kind", [*KINDS, *OTHERS], ids=lambda kind: getattr(kind, "name", kind))
def test_definitions_are_said_in_chinese(used, contracts, kind):
    kind = kinds()[getattr(kind, "name", kind)]
    variants = {
        "funnel": [{"order": "strict"}, {"order": "any"}, {"reentry": "first", "every": "week", "by": "account.tier"},
                   {"exclude": [{"event": "out"}], "hold": "props.x", "list": {"reached": 1}}, {"list": {"dropped_after": 1}}],
        "trend": [{"by": "event", "cumulative": True, "measure": "count", "compare": "previous"}, {"smooth": 2},
                  {"measure": "accounts", "per": "account"}],
        "retention": [{"returned": "on_or_after", "clock": "calendar", "cohorts": "recurring", "by": "account.tier"}],
        "path": [{"within": "3d", "repeats": "keep"}], "stickiness": [{"by": "account.tier"}],
        "process": [{"by": "account.tier"}],
        "survival": [
            {"start": "first_event", "end": {"silence": 30}, "every": "week"}, {"columns": ["account.size"]},
            {"start": {"event": "look"}, "end": {"event": "buy"}}, {"segment": "account.tier == 'S'"},
        ],
        "cluster": [{"clusters": 3}, {"method": "density", "unit": "person", "measures": ["m.active_people"]}],
        "tree": [{"unit": "person"}],
        "segment": [{"every": "week"}, {"by": "account.tier"}, {"compare": "rest"}],
        "revenue": [{"every": "quarter"}, {"pareto": True}, {"by": "account.tier"}],
        "tickets": [{"by": "account.tier"}],
        "experiment": [
            {"method": "bayesian"}, {"method": "fixed", "cuped": "28d"},
            {"metrics": [{"name": "x", "kind": "ratio", "event": "buy", "per": {"event": "look"}, "within": "7d"},
                         {"name": "y", "kind": "retention", "after": "7d", "within": "14d", "by": "person"}]},
        ],
        "attribution": [{"model": model} for model in ("last", "first", "linear", "decay")],
    }  # fmt: skip
    for more in [{}, *variants.get(kind.name, [])]:
        question = yaml.safe_load(kind.example) | more
        if "every" in more and kind.name in ("segment", "revenue"):
            question.pop("as_of", None)
        answer = ask(question=question, actor=used.actor("root"), at=NOW)
        with translation.override("zh-hans"):
            mute = [line for line in (*answer.definition, *answer.left_out)
                    if " → " not in line and in_words(line) == line and re.search("[a-z]{4,}", line)]  # fmt: skip
        assert not mute
