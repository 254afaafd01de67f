"""Questions about accounts as they are, on the explorer's page: form, picture, sentences, files, refusals."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
import yaml
from cast import NOW, SYSTEM
from django.utils import translation

from bihuan.capture.imports.actions import run_import
from tests.test_the_explorer import form_of, page, post, question_in

pytestmark = pytest.mark.django_db
CHURN = Path(__file__).resolve().parents[1] / "examples" / "pysurvival_b2b_saas_churn"
LIVES = {"kind": "survival", "duration": "account.months_active", "event": "account.churned"}


@pytest.fixture
def churned(cast, event_home):
    """2,000 accounts of which 932 left, with what is known of them."""
    run_import(mapping_path=CHURN / "mapping.yaml", by=SYSTEM, at=NOW)
    return cast


def pictures(html):
    """The options of the charts on a page."""
    return [
        json.loads(unescape(found))
        for found in re.findall(r'<script type="application/json">(.*?)</script>', html)
    ]


def sentences(html):
    """What the answer says in words."""
    lines = re.search(r'<ul class="explained">(.*?)</ul>', html, re.DOTALL)
    return (
        [unescape(re.sub(r"<[^>]+>", "", one)) for one in re.findall(r"<li>(.*?)</li>", lines[1])]
        if lines
        else []
    )


def asked(client, question, **more):
    return page(client, yaml.safe_dump(question, sort_keys=False), **more).content.decode()


def test_curves_fall_in_steps_with_their_intervals_and_who_is_still_at_risk(churned):
    html = asked(churned.client("an"), LIVES | {"by": "account.product_payroll"})
    (drawn,) = pictures(html)
    lines = [one for one in drawn["series"] if one["type"] == "line"]
    assert [one["name"] for one in lines] == ["Active", "Free-Trial", "No"] and all(
        one["step"] == "end" for one in lines
    )
    assert lines[0]["data"][0]["value"] == [0.0, 100.0] and lines[0]["data"][-1]["value"] == [12.0, 39.2]
    assert sum(one.get("shape") == "band" for one in drawn["series"]) == 3
    figures = [(one["value"], one["label"]["formatter"]) for one in drawn["series"][-1]["data"]]
    assert figures[0] == ([0, 0], "934") and ([12, 2], "0") in figures
    said = sentences(html)
    assert said[0] == "By 6 months it has happened to half (95 % interval: 5 months to 7 months)."
    assert said[1].startswith("Active · 934 accounts; it happened to 289; to half of them by 12 months")
    assert "log-rank, p < 0.001" in said[4]
    assert re.search(r"<dt>Still there after 6 months</dt><dd>(?:<a [^>]*>)?47\.8%<", html)


def test_hazard_ratios_stand_on_a_forest_and_are_said(churned):
    html = asked(churned.client("an"), LIVES | {"columns": ["account.csat_score", "account.us_region"]})
    forest = pictures(html)[1]
    assert forest["xAxis"]["type"] == "log" and forest["yAxis"]["data"][0].startswith("csat_score\n0.")
    assert forest["series"][0]["data"][0]["tone"] == "chart-1", "what is sure has the accent"
    assert {one["tone"] for one in forest["series"][0]["data"][1:]} == {"chart-8"}
    said = sentences(html)
    assert said[1].startswith(
        "csat_score · it happens later with each one more, at 0.49 times the rate (0.46 to 0.52"
    )
    assert said[2].startswith("No effect shown · us_region = ")
    with translation.override("zh-hans"):
        client = churned.client("an")
        client.cookies["django_language"] = "zh-hans"
        said = sentences(asked(client, LIVES | {"columns": ["account.csat_score"]}))
    assert said[1].startswith("csat_score · 数值每增加 1，发生得更晚，速率为 0.") and not any(
        re.search("[a-z]{5,} [a-z]", one) for one in said
    )


def test_a_life_is_filled_in_without_yaml(churned):
    client = churned.client("an")
    sent = form_of(asked(client, {"kind": "survival"}))
    sent |= {"start": "event", "start-event": "look", "end": "silence", "end-days": "30", "by": "other",
             "by-other": "account.product_payroll", "columns~account.size": "on", "columns-more": "account.csat_score",
             "at": "4, 13", "every": "week"}  # fmt: skip
    answer = post(client, **sent, do="ask")
    assert question_in(answer) == {
        "kind": "survival", "start": {"event": "look"}, "end": {"silence": 30}, "every": "week", "at": [4, 13],
        "by": "account.product_payroll", "columns": ["account.size", "account.csat_score"],
    }  # fmt: skip
    again = form_of(answer.content.decode())
    assert (again["end"], again["end-days"], again["by"], again["at"]) == (
        "silence",
        "30",
        "account.product_payroll",
        "4, 13",
    )
    assert "columns~account.size" in again and again["columns-was"] == "account.size,account.csat_score"
    assert "Nobody fits" in answer.content.decode(), "no life began with a look"


@pytest.mark.parametrize(("question", "field", "remedy"), [
    (LIVES | {"by": "account.magic"}, "One curve for each", "no account has"),
    (LIVES | {"columns": ["m.magic"]}, "What makes it sooner", "no measure is called"),
    ({"kind": "survival", "end": {"silence": 0}}, "End", "from 1 to 3650"),
    ({"kind": "survival", "at": ["soon"]}, "Share still there after", "write times from 0 on"),
])  # fmt: skip
def test_a_refusal_stands_at_the_field_it_is_about(churned, question, field, remedy):
    html = asked(churned.client("an"), question)
    places = re.findall(
        r'<(?:fieldset|div) class="field[^>]*>.*?(?=<(?:fieldset|div) class="field|</form>)', html, re.DOTALL
    )
    (place,) = [one for one in places if "field-error" in one]
    assert field in place and remedy in place


def test_what_is_said_goes_into_the_file_too(churned):
    question = yaml.safe_dump(LIVES | {"by": "account.product_payroll"})
    text = (
        churned.client("an")
        .get("/explore/export/", {"q": question, "format": "csv"})
        .content.decode("utf-8-sig")
    )
    assert "Kaplan–Meier" in text and "The groups differ" in text and "Free-Trial,5.0" in text


TREE = {
    "kind": "tree", "did": "account.churned == 1.0",
    "columns": ["account.product_payroll", "account.csat_score", "account.minutes_customer_support"],
}  # fmt: skip


def _share(leaf):
    return leaf["value"][3]


def test_a_tree_is_a_picture_of_groups_within_groups_and_rules_in_words(churned):
    html = asked(churned.client("an"), TREE)
    (drawn,) = pictures(html)
    rows = drawn["series"][0]["data"]
    assert drawn["series"][0]["shape"] == "outline" and rows[0]["name"] == "2,000 accounts"
    assert rows[0]["note"] == "47% · 932 of 2,000" and rows[0]["value"][1:3] == [0, -1]
    leaves = [row for row in rows if row["value"][4]]
    assert sum(int(row["note"].rsplit(" of ")[1].replace(",", "")) for row in leaves) == 2000
    for row in rows[1:]:
        depth, parent = row["value"][1:3]
        assert rows[parent]["value"][1] == depth - 1 and parent < row["value"][0], (
            "a row stands below the one it divides"
        )
    said = sentences(html)
    assert said[0] == "932 of 2,000 accounts did it (47%)."
    assert re.match(
        r"Of one who did and one who did not, the tree names the right one in \d\d% \(95 % interval", said[1]
    )
    assert any(re.match(r"csat_score (at most|above) [\d.]+.* · \d+ of \d+", one) for one in said[2:])
    listed = re.findall(r'<td class="num"[^>]*><a href="([^"]+)">([^<]+)<', html)
    counts = [(url, number) for url, number in listed if re.fullmatch(r"[\d,]+", number)]
    assert [number for _url, number in counts] == [
        leaf.rsplit(" of ")[1] for leaf in (row["note"] for row in sorted(leaves, key=_share, reverse=True))
    ]
    assert all("rule" in row["behind"] for row in leaves) and not any(
        "behind" in row for row in rows if row not in leaves
    )
    page = churned.client("an").get(unescape(listed[0][0])).content.decode()
    assert f"<dt>Units</dt><dd>{listed[0][1]}</dd>" in page, "as many are listed as the leaf has"
    rules = re.findall(r'<td class="text"[^>]*><a href="([^"]+)"', html)
    assert len(rules) == len(leaves)
    members = churned.client("an").get(unescape(rules[0])).content.decode()
    assert re.search(r"<dt>Members</dt><dd>(?:<a [^>]*>)?[\d,]+<", members)


def test_a_tree_that_knows_too_little_says_so(churned):
    html = asked(churned.client("an"), TREE | {"segment": 'account.name == "nobody"'})
    assert sentences(html) == ["No tree · 0 did; a tree needs 10 at least"] and pictures(html) == []
    client = churned.client("an")
    client.cookies["django_language"] = "zh-hans"
    assert sentences(asked(client, TREE | {"segment": 'account.name == "nobody"'})) == [
        "无法生成决策树 · 做到的只有 0 个；决策树至少需要 10 个"
    ]


def test_clusters_are_said_by_what_sets_them_apart_and_drawn_as_a_profile(churned):
    question = {"kind": "cluster", "measures": ["account.csat_score", "account.articles_viewed"]}
    html = asked(churned.client("an"), question)
    profile, tried = pictures(html)
    assert profile["yAxis"]["data"] and profile["visualMap"]["tones"][0] == "amber"
    values = [one["value"][2] for one in profile["series"][0]["data"]]
    assert min(values) < 0 < max(values)
    chosen = [
        k
        for k, one in zip(tried["xAxis"]["data"], tried["series"][0]["data"], strict=True)
        if "tone" not in one
    ]
    clusters = int(re.search(r"<dt>Clusters</dt><dd>(?:<a [^>]*>)?(\d)<", html)[1])
    assert chosen == [str(clusters)]
    said = sentences(html)
    assert sum(one.startswith("Cluster ") for one in said) == clusters
    assert re.match(r"Cluster 1, [\d,]+ accounts \(\d+%\) · \w+ (far )?(above|below) the others: ", said[0])
    assert "silhouette 0." in said[clusters]
    dense = asked(churned.client("an"), question | {"method": "density"})
    assert any(one.startswith("Belong to none · ") for one in sentences(dense)) and "HDBSCAN" in dense
