"""The health model as a form with a preview, its versions, overrides, and the same over REST."""

import json
from datetime import timedelta

import pytest
from cast import SYSTEM
from django.utils import timezone, translation

from bihuan.base.measures import measures
from bihuan.foresee.health.actions import compute_health, save_model
from bihuan.foresee.health.actions.standard import STANDARD
from bihuan.foresee.health.forms import ModelForm
from bihuan.foresee.health.models import HealthModel, HealthOverride
from tests.events import happened, store_events
from tests.test_health_as_of_a_day import BY_PEOPLE, BY_PEOPLE_TWICE

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def scored(cast, contracts, event_home):
    """Two people of Yunshan worked today, one of Songtao; both are scored by BY_PEOPLE: 50 and 25."""
    now = timezone.now()
    store_events(
        *[happened("work", ts=now, account=cast.yunshan, person=person) for person in (cast.lin, cast.he)],
        happened("work", ts=now, account=cast.songtao, person=cast.he),
    )
    save_model(document=BY_PEOPLE, by=SYSTEM, at=now)
    compute_health(day=timezone.localdate(now), by=SYSTEM, at=now)
    return cast


def typed(document=BY_PEOPLE, **changes):
    """What the browser sends of the form, with changes."""
    form = ModelForm(document=document)
    values = {name: field.initial for name, field in form.fields.items()} | form.initial
    return {name: value for name, value in values.items() if value is not None} | changes


def test_the_page_shows_the_model_and_its_versions(scored):
    text = scored.client("mei").get("/health/").content.decode()
    assert "Active people" in text
    assert "0:0, 4:100" in text
    assert "Put in force" in text
    assert "Put in force" not in scored.client("song").get("/health/").content.decode()


def test_the_preview_shows_who_would_move_and_changes_nothing(scored):
    client = scored.client("mei")
    text = client.post(
        "/health/preview/", typed(curve_active_people="0:0, 2:100"), headers=HTMX
    ).content.decode()
    assert "2 of 2 customers would change band" in text
    assert "云杉仪器" in text
    assert ">50<" in text
    assert ">100<" in text
    assert HealthModel.objects.count() == 1
    same = client.post("/health/preview/", typed(), headers=HTMX).content.decode()
    assert "Nobody would move" in same


def test_the_preview_shows_the_territory_only(scored):
    from bihuan.know.staff.models import Staff

    Staff.objects.filter(username="song").update(roles=["operator"])
    text = (
        scored.client("song")
        .post("/health/preview/", typed(curve_active_people="0:0, 2:100"))
        .content.decode()
    )
    assert "1 of 1" in text
    assert "松涛软件" not in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"curve_active_people": "a lot"}, "Write pairs such as"),
        ({"curve_active_people": "0:100, 4:0"}, "points must rise"),
        ({"weight_active_people": ""}, "required"),
        ({"weight_active_people": "0"}, "at least one measure"),
        ({"floors": "m.days_silent > 30.0, 35"}, "Write rule → highest health → reason"),
        ({"floors": "m.silence > 30.0 → 35 → x"}, "floors[0].when"),
        ({"amber": "80", "green": "70"}, "bounds rise"),
        ({"minimum_coverage": "150"}, "100"),
    ],
)
def test_what_cannot_be_a_model_is_said_and_what_was_typed_comes_back(scored, change, said):
    client = scored.client("mei")
    sent = typed(**change, note="my own words")
    preview = client.post("/health/preview/", sent, headers=HTMX).content.decode()
    assert said in preview
    answer = client.post("/health/save/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert 'value="my own words"' in text
    for name, value in change.items():
        assert str(value).replace(">", "&gt;") in text, name
    assert HealthModel.objects.count() == 1


def test_a_valid_model_is_put_in_force_as_the_next_version(scored):
    answer = scored.client("mei").post(
        "/health/save/", typed(curve_active_people="0:0, 2:100", note="Easier")
    )
    assert answer.status_code in (204, 302)
    row = HealthModel.objects.get(active=True)
    assert (row.version, row.note, row.created_by) == (2, "Easier", "Mei")
    assert row.document["measures"] == [
        {"measure": "active_people", "weight": 1, "higher_is_better": True, "curve": [[0, 0], [2, 100]]}
    ]


def test_floors_and_further_measures_survive_the_form(scored):
    floors = "m.days_silent > 30.0 → 35 → No use\n\nm.mrr < 1.0 => 10 => Pays nothing"
    sent = typed(weight_days_silent="2.5", curve_days_silent="1：100，30：0", floors=floors)
    scored.client("mei").post("/health/save/", sent)
    document = HealthModel.objects.get(active=True).document
    assert [part["measure"] for part in document["measures"]] == ["active_people", "days_silent"]
    assert document["measures"][1]["curve"] == [[1, 100], [30, 0]]
    assert [floor["cap"] for floor in document["floors"]] == [35, 10]
    form = ModelForm(document=document)
    assert "m.mrr < 1.0 → 10 → Pays nothing" in form.initial["floors"]
    assert [measure.name for measure, _w, _c in form.rows()][:2] == ["active_people", "days_silent"]


def test_an_earlier_version_comes_back_as_a_new_one(scored):
    save_model(document=BY_PEOPLE_TWICE, by=SYSTEM, at=timezone.now())
    scored.client("mei").post("/health/versions/1/restore/")
    row = HealthModel.objects.get(active=True)
    assert (row.version, row.document, row.note) == (3, BY_PEOPLE, "Version 1 restored")
    assert scored.client("mei").post("/health/versions/99/restore/").status_code == 404


def test_the_account_page_explains_the_score_and_its_override(scored):
    client, panel = scored.client("mei"), f"/accounts/{scored.yunshan.pk}/panels/health/"
    text = client.get(panel, headers=HTMX).content.decode()
    assert "Active people" in text
    assert "coverage 100 %" in text
    until = timezone.localdate() + timedelta(days=7)
    where = f"/accounts/{scored.yunshan.pk}/health/override/"
    refused = client.post(where, {"score": "20", "reason": "", "expires_on": until.isoformat()}, headers=HTMX)
    assert 'aria-invalid="true"' in refused.content.decode()
    client.post(where, {"score": "20", "reason": "Takeover", "expires_on": until.isoformat()}, headers=HTMX)
    text = client.get(panel, headers=HTMX).content.decode()
    assert "Takeover" in text
    assert "computed: 50" in text
    client.post(f"{where}end/")
    assert "Takeover" not in client.get(panel, headers=HTMX).content.decode()
    assert HealthOverride.objects.filter(ended_at=None).count() == 0


def test_an_unknown_and_an_unscored_health_say_why(scored):
    panel = f"/accounts/{scored.yunshan.pk}/panels/health/"
    save_model(document=BY_PEOPLE | {"minimum_coverage": 100, "measures": [
        *BY_PEOPLE["measures"], {"measure": "satisfaction", "weight": 9, "curve": [[0, 0], [5, 100]]},
    ]}, by=SYSTEM, at=timezone.now())  # fmt: skip
    compute_health(day=timezone.localdate(), by=SYSTEM, at=timezone.now())
    assert "Too little is known" in scored.client("mei").get(panel, headers=HTMX).content.decode()
    other = f"/accounts/{scored.songtao.pk}/panels/health/"
    from bihuan.foresee.health.models import HealthScore

    HealthScore.objects.filter(account=scored.songtao).delete()
    assert "Not scored yet" in scored.client("mei").get(other, headers=HTMX).content.decode()


def test_rest_gives_the_health_with_its_lines_and_history(scored):
    client, path = scored.rest("song"), f"/api/v1/accounts/{scored.yunshan.pk}/health"
    found = client.get(path).json()
    assert (found["health"], found["band"], found["version"]) == (50, "amber", 1)
    assert found["lines"] == [
        {"measure": "active_people", "value": 2.0, "points": 50.0, "weight": 1.0, "lost": 50.0, "moved": None}
    ]
    assert found["history"] == [[timezone.localdate().isoformat(), 50.0, "amber", 1]]
    assert client.get(path, {"as_of": "2020-01-01"}).status_code == 404
    assert client.get(f"/api/v1/accounts/{scored.songtao.pk}/health").status_code == 404, (
        "outside the territory"
    )


def test_rest_overrides_a_health(scored):
    client, path = scored.rest("mei"), f"/api/v1/accounts/{scored.yunshan.pk}/health/override"
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    body = {"score": 80, "reason": "Signed", "expires_on": tomorrow}
    assert client.post(path, body, content_type="application/json").status_code == 204
    assert client.get(path.removesuffix("/override")).json()["health"] == 80
    late = client.post(path, body | {"expires_on": "2020-01-01"}, content_type="application/json")
    assert late.status_code in (400, 422)
    assert "180" in json.dumps(late.json())


def test_rest_reads_and_replaces_the_model(scored):
    client, path = scored.rest("mei"), "/api/v1/health/model"
    assert client.get(path).json()["document"] == BY_PEOPLE
    new = client.put(path, {"document": BY_PEOPLE_TWICE, "note": "n"}, content_type="application/json")
    assert (new.status_code, new.json()["version"]) == (200, 2)
    wrong = client.put(path, {"document": {"measures": []}}, content_type="application/json")
    assert wrong.status_code == 422
    assert "measures: give at least one measure" in wrong.json()["detail"]


def test_health_is_a_kind_of_question(scored):
    found = (
        scored.rest("song").post("/api/v1/ask", {"kind": "health"}, content_type="application/json").json()
    )
    assert [row[0] for row in found["rows"]] == ["yunshan"]
    coverage = [one["name"] for one in found["columns"]].index("coverage")
    assert 0 < found["rows"][0][coverage] <= 1, "a share, as every per cent of an answer"
    assert (found["summary"]["mean"], found["summary"]["amber"]) == (50, 1)
    wrong = scored.rest("song").post(
        "/api/v1/ask", {"kind": "health", "on": "x"}, content_type="application/json"
    )
    assert (wrong.status_code, "as_of" in wrong.json()["detail"]) == (422, True)


def test_a_question_of_health_is_narrowed_to_a_segment(scored):
    ask = {"kind": "health", "segment": "account.key == 'yunshan'"}
    found = scored.rest("mei").post("/api/v1/ask", ask, content_type="application/json").json()
    assert [row[0] for row in found["rows"]] == ["yunshan"] and found["summary"]["accounts"] == 1
    assert any("account.key == 'yunshan'" in line for line in found["definition"])
    nobody = {"kind": "health", "segment": "account.key == 'nobody'"}
    found = scored.rest("mei").post("/api/v1/ask", nobody, content_type="application/json").json()
    assert (found["rows"], found["summary"]["accounts"], found["left_out"]) == ([], 0, {})


def test_every_measure_has_a_title_a_polarity_and_a_definition():
    assert len(measures()) >= 10
    for measure in measures().values():
        assert str(measure.title)
        assert str(measure.definition)


def test_a_form_saved_in_chinese_keeps_the_reasons_that_both_languages_know(scored):
    with translation.override("zh-hans"):
        sent = typed(STANDARD)
        assert "无人使用" in sent["floors"]
        form = ModelForm(sent, document=STANDARD)
        assert form.is_valid(), form.errors
        assert form.document()["floors"] == STANDARD["floors"]


def test_a_question_of_health_says_how_many_have_no_score(scored):
    question = {"kind": "health", "as_of": "2020-01-01"}
    found = scored.rest("mei").post("/api/v1/ask", question, content_type="application/json").json()
    assert (found["rows"], found["left_out"]) == ([], {"accounts without a score by that day": 2})
