"""A person who is not a programmer reads every rule: whatever ships has words in both languages, and pages show them first."""

import re

import pytest
from cast import NOW, SYSTEM
from django.utils.translation import override

from bihuan.act.plays.actions import ensure_plays
from bihuan.act.plays.models import Play
from bihuan.act.plays.pages.wording import audience_said, goal_said, trigger_said
from bihuan.base.decisions import read_table
from bihuan.config.first_look import SEGMENTS
from bihuan.config.plays_history import PLAYS
from bihuan.foresee.health.actions.standard import STANDARD as HEALTH
from bihuan.foresee.health.pages import floors_said
from bihuan.foresee.signals.actions import ensure_kinds
from bihuan.foresee.signals.models import KindOfSignal
from bihuan.foresee.signals.queries import kind_in_words, sentence_in_words
from bihuan.foresee.tiers.pages.table import said_of
from bihuan.foresee.tiers.queries.standard import STANDARD as TIERS
from bihuan.foresee.tiers.rules import as_dmn
from bihuan.understand.segments.actions import add_segment
from bihuan.understand.segments.queries import rule_in_words

LANGUAGES = ("en", "zh-hans")
#: What only a rule has: an operator, a dotted name, a name in snake case that is not in quotation marks.
CODE = re.compile(r"&&|\|\||[=!]=|>=|<=|[a-z]\.[a-z]|\b(?<!“)[a-z]+_[a-z_]+\b(?!”)")
HAN = re.compile(r"[一-鿿]")


def plain(sentence, language):
    assert sentence, "a rule that ships has no words"
    assert not CODE.search(sentence), sentence
    assert bool(HAN.search(sentence)) == (language != "en"), sentence


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_signal_that_ships(language):
    ensure_kinds(at=NOW)
    kinds = list(KindOfSignal.objects.exclude(rule=""))
    assert len(kinds) > 8
    with override(language):
        for kind in kinds:
            plain(kind_in_words(kind), language)
            assert "{" not in sentence_in_words(kind)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_play_that_ships_or_was_simulated(language):
    ensure_plays(at=NOW)
    fields = ("key", "name", "name_zh", "trigger", "audience", "goal")
    simulated = [Play(**{name: one[name] for name in fields if name in one}) for one in PLAYS]
    plays = [*Play.objects.all(), *simulated]
    assert len(plays) > 10
    with override(language):
        for play in plays:
            for found in (trigger_said(play), audience_said(play), goal_said(play)):
                if found.rule:
                    plain(found.words, language)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tiers_the_floors_and_the_first_segments(language):
    with override(language):
        for _tier, words, _rule, note in said_of(read_table(as_dmn(TIERS))):
            plain(words, language)
            plain(note, language)
        for floor in floors_said(HEALTH["floors"]):
            plain(floor["words"], language)
        for segment in SEGMENTS:
            plain(rule_in_words(segment["rule"]), language)


def page(cast, address, language):
    client = cast.client("mei")
    client.cookies["django_language"] = language
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize(("language", "words"), [
    ("en", "Days without use is at least 21 days, and life-cycle stage is not Lost"),
    ("zh-hans", "连续未使用至少 21 天，且生命周期阶段不是流失"),
])  # fmt: skip
def test_a_kind_of_signal_shows_words_first_and_keeps_its_expression(cast, language, words):
    text = page(cast, "/signals/kinds/no_use/", language)
    assert words in text
    assert text.index(words) < text.index("m.days_silent &gt;= 21.0")


def test_a_play_shows_whom_it_is_for(cast):
    text = page(cast, "/plays/seat_activation/", "zh-hans")
    assert "席位活跃率不到 50%，且生命周期阶段不是流失或上线期" in text
    assert "满足条件即触发：席位活跃率不到 50%" in text
    assert "席位激活率达 60%：席位活跃率至少 60%" in text


def test_a_play_for_a_saved_segment_names_it(cast):
    ensure_plays(at=NOW)
    add_segment(key="big", title="大客户", unit="account", rule="account.size > 100", by=SYSTEM, at=NOW)
    play = Play(key="x", trigger={"kind": "segment", "segment": "@big"}, goal={"event": ["paid", "renewed"]})
    with override("zh-hans"):
        assert str(trigger_said(play)) == "属于分群：“大客户”"
        assert str(goal_said(play)) == "“paid”或“renewed”"
        assert str(
            trigger_said(Play(key="x", trigger={"kind": "segment", "segment": "m.days_silent % 2 == 0"}))
        ) == ("m.days_silent % 2 == 0")


def test_a_segment_says_what_its_behaviour_counts(cast):
    row = add_segment(
        key="exporters", title="导出多的客户", unit="account", rule="behaviour.exports >= 3 && account.tier in ['S', 'A']",
        behaviour={"exports": {"event": "report_exported", "where": "props.rows > 10", "last": "14d"}}, by=SYSTEM, at=NOW,
    )  # fmt: skip
    text = page(cast, f"/segments/{row.pk}/", "zh-hans")
    assert "近 14 天至少有 3 次“report_exported”（其中“rows”超过 10），且客户等级为 S 或 A" in text
    client = cast.client("mei")
    asked = {"key": "x", "title": "x", "unit": "account", "rule": "account.tier == 'S'", "behaviour": ""}
    answer = client.post("/segments/preview/", asked)
    assert "Tier of the customer is S" in answer.content.decode()


def test_tiers_and_the_health_model_say_their_rules(cast):
    assert "月度经常性收入至少 ¥15,000，潜力至少 80，且战略契合度至少 80" in page(cast, "/tiers/", "zh-hans")
    assert "Days without use is more than 30 days" in page(cast, "/health/", "en")
