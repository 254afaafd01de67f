"""Outline and printed standard say in words when a way is taken: its name, or its condition by the titles of the form's fields."""

import pytest
from django.utils.translation import override

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.diagram import Choice, Field, Flow, Words
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.processes.conditions import condition_said, fields_of, way_said
from bihuan.act.processes.pages.one import written
from bihuan.act.processes.shipped import files, read_list

FIELDS = {
    "use": Field(name="use", title=Words(text="How is it used", zh="使用情况"), kind="choice",
                 choices=(Choice(value="good", title=Words(text="Well", zh="良好")),)),
    "price": Field(name="price", title=Words(text="Price", zh="报价"), kind="money"),
    "seen": Field(name="seen", title=Words(text="Seen again", zh="能复现"), kind="yesno"),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "english", "chinese"), [
    ('use == "good"', "How is it used: Well", "使用情况：良好"),
    ("price > 20000.0", "Price is more than 20,000", "报价超过 20,000"),
    ("seen", "Seen again: yes", "能复现：是"),
    ("!seen", "Seen again: no", "能复现：否"),
    ("approved", "It is approved", "已批准"),
    ('seen && use != "good"', "Seen again: yes, and how is it used: not Well", "能复现：是，且使用情况：不是良好"),
    ('level == "L4"', "Level: “L4”", "Level：“L4”"),
    ("size(promised) > 0", "Promised is not empty", "Promised 不为空"),
    ('use in ["good", "bad"]', "How is it used: Well or “bad”", "使用情况：良好或“bad”"),
    ("price % 2 == 0", "price % 2 == 0", "price % 2 == 0"),
    ("seen || approved", "Seen again: yes, or it is approved", "能复现：是，或已批准"),
])  # fmt: skip
def test_a_condition_is_said_by_the_titles_of_the_form(condition, english, chinese):
    for language, expected in (("en", english), ("zh-hans", chinese)):
        with override(language):
            assert condition_said(condition, fields=FIELDS, language=language) == expected


def test_a_name_comes_before_the_condition():
    flow = Flow(id="f", source="a", target="b", name=Words(text="large", zh="大额"), condition="price > 1.0")
    assert way_said(flow, fields=FIELDS, language="zh-hans") == "大额"
    assert way_said(None, fields=FIELDS, language="en") == ""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_way_of_a_shipped_process_is_a_rule_to_its_reader(language):
    said = []
    with override(language):
        for path in (one for one in files() if one.suffix == ".yaml"):
            diagram = read_diagram(to_bpmn(read_list(path.read_text(encoding="utf-8"))[0]))
            assert fields_of(diagram)
            said += [line["way"] for line in written(diagram) if line["kind"] == "way" and line["way"]]
    assert len(said) > 30
    assert [way for way in said if any(mark in way for mark in ("==", "&&", '"', "(", "!"))] == []
