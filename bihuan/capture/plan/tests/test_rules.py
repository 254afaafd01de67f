"""What breaches a plan, what a document says, what a sample suggests."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.plan.rules import (
    STATES,
    TYPES,
    Event,
    Property,
    breaches_of_name,
    breaches_of_properties,
    guess_event,
    read_document,
    write_document,
)

PLANNED = Event(
    name="paid",
    properties=(
        Property(name="amount", type="number", required=True),
        Property(name="at", type="time"),
        Property(name="old", type="text", state="deprecated"),
        Property(name="later", type="text", required=True, state="planned"),
    ),
)


@pytest.mark.parametrize(
    ("props", "breaches"),
    [
        ({"amount": 3}, []),
        ({"amount": 3, "$lib": "web", "at": "2026-11-22T08:00:00Z"}, []),
        ({}, [("missing_property", "amount")]),
        ({"amount": None}, [("missing_property", "amount")]),
        ({"amount": True}, [("wrong_type", "amount")]),
        ({"amount": 3, "at": "yesterday"}, [("wrong_type", "at")]),
        ({"amount": 3, "old": "x"}, [("deprecated_property", "old")]),
        ({"amount": 3, "other": 1}, [("unplanned_property", "other")]),
    ],
)
def test_properties_are_held_against_the_plan(props, breaches) -> None:
    assert breaches_of_properties(props, PLANNED) == breaches


def test_an_event_planned_without_properties_is_free() -> None:
    assert breaches_of_properties({"any": 1}, Event(name="paid")) == []


def test_names_are_held_against_the_plan() -> None:
    assert breaches_of_name("paid", PLANNED) == []
    assert breaches_of_name("paid", Event(name="paid", state="deprecated")) == [("deprecated_event", "")]
    assert breaches_of_name("other", None) == [("unplanned_event", "")]
    assert breaches_of_name("$pageview", None) == [], "names of SDKs need no plan"


def test_a_plan_is_guessed_from_samples() -> None:
    samples = [
        {"n": 1, "t": "x", "$lib": "web"},
        {"n": 2.5, "t": "2026-11-22"},
        {"n": 3, "ok": True, "x": None},
    ]
    event = guess_event("a", samples)
    assert [(one.name, one.type, one.required) for one in event.properties] == [
        ("n", "number", True), ("ok", "boolean", False), ("t", "text", False)]  # fmt: skip


def test_everything_wrong_with_a_document_is_told_at_once() -> None:
    document = {"events": [{"name": ""}, {"name": "a", "state": "dead"}, {"name": "b", "color": 1}, "c", {"name": "c"},
                           {"name": "d", "properties": [{"name": "p", "type": "integer"}, 7]}, 5]}  # fmt: skip
    _events, problems = read_document(document)
    assert len(problems) == 7
    assert read_document([]) == ([], ["The document needs a list `events`."])


words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
).filter(str.strip)
properties = st.builds(
    Property, name=words, type=st.sampled_from(TYPES), required=st.booleans(), state=st.sampled_from(STATES),
    owner=words, description=words,
)  # fmt: skip
events = st.builds(
    Event, name=words, state=st.sampled_from(STATES), owner=words, description=words,
    properties=st.lists(properties, max_size=3).map(tuple),
)  # fmt: skip


@given(st.lists(events, max_size=3, unique_by=lambda event: event.name))
def test_a_plan_written_as_yaml_is_read_as_it_was(plan) -> None:
    text = yaml.safe_dump(write_document(product="Demo", events=plan), allow_unicode=True)
    assert read_document(yaml.safe_load(text)) == (plan, [])


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda i: st.lists(i) | st.dictionaries(st.text(), i)
)


@given(json_values)
def test_any_document_is_read_or_refused(document) -> None:
    found, problems = read_document({"events": document})
    assert isinstance(found, list) or problems
