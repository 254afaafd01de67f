"""What a step asks of whoever completes it: signatures, check-lists, what must hold, votes and one more who is asked; items that
are given, put back, added beside the drawing and completed together."""

import zlib
from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from drawings import END, START, chain, drawn, field, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.work import actions
from bihuan.act.work.models import Deviation, Instance, Tokens, WorkItem

pytestmark = pytest.mark.django_db


def begun(cast, step: str, more: str = "", values: dict | None = None) -> Instance:
    forget()
    xml = drawn("p", START, step, user("then"), END, more, chain("start", "ask", "then", "end"))
    process = create_process(key="p", kind="process", name="P", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    return actions.start_process(
        process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW, values=values
    )


def item_of(instance: Instance, element: str = "ask") -> WorkItem:
    return instance.items.get(element=element)


def reached(instance: Instance) -> bool:
    return instance.items.filter(element="then").exists()


def test_a_name_is_needed_where_it_is_signed_and_stands_on_the_page(cast) -> None:
    instance = begun(cast, user("ask", signature="true"))
    with pytest.raises(ValidationError, match="Sign with your name"):
        actions.complete(item=item_of(instance), by=cast.actor("song"), at=NOW, signed=" ")
    client = cast.client("song")
    page = client.get(f"/work-items/{item_of(instance).pk}/").content.decode()
    assert 'name="signed"' in page
    client.post(f"/work-items/{item_of(instance).pk}/complete/", {"signed": "Song Lian"})
    assert item_of(instance).signed == "Song Lian" and reached(instance)
    assert "Song Lian" in client.get(f"/work-items/{item_of(instance).pk}/").content.decode()


def test_what_must_hold_is_asked_of_the_answers_too(cast) -> None:
    instance = begun(cast, user("ask", gate="score >= 80", fields=field("score", "number")))
    with pytest.raises(ValidationError, match="score >= 80"):
        actions.complete(item=item_of(instance), values={"score": 79}, by=cast.actor("song"), at=NOW)
    assert not reached(instance)
    actions.complete(item=item_of(instance), values={"score": 80}, by=cast.actor("song"), at=NOW)
    assert reached(instance)


def test_needed_lines_are_ticked_first_and_the_others_may_stay_open(cast) -> None:
    lines = '<x:check title="Scanned"/><x:check title="Gift" required="false"/>'
    instance = begun(cast, user("ask", checks=lines))
    song = cast.actor("song")
    with pytest.raises(ValidationError, match="1 lines"):
        actions.complete(item=item_of(instance), by=song, at=NOW)
    actions.tick(item=item_of(instance), line=0, done=True, by=song, at=NOW)
    actions.complete(item=item_of(instance), by=song, at=NOW)
    assert reached(instance)


@pytest.mark.parametrize(
    ("rule", "votes", "decided"),
    [
        ("any", [True], True), ("any", [False, True], True), ("any", [False, False, False], False),
        ("all", [True, True], None), ("all", [True, True, True], True), ("all", [True, False], False),
        ("2", [True, True], True), ("2", [True, False], None), ("2", [False, False], False), ("2", [True, False, True], True),
    ],
)  # fmt: skip
def test_any_all_or_a_number_of_three_decide(
    cast, rule: str, votes: list[bool], decided: bool | None
) -> None:
    instance = begun(cast, user("ask", role="sales", approval=rule, approvers="song, mei, root"))
    for who, approved in zip(("song", "mei", "root"), votes, strict=False):
        actions.vote(item=item_of(instance), approved=approved, note="so", by=cast.actor(who), at=NOW)
    instance.refresh_from_db()
    row = item_of(instance)
    assert (row.values.get("approved"), reached(instance)) == (decided, decided is not None)


def test_one_more_who_is_asked_must_agree_too_and_is_asked_once(cast) -> None:
    """加签."""
    instance = begun(cast, user("ask", role="sales", approval="all", approvers="song"))
    song = cast.actor("song")
    actions.ask_also(item=item_of(instance), who=cast.mei, by=song, at=NOW)
    with pytest.raises(ValidationError, match="asked already"):
        actions.ask_also(item=item_of(instance), who=cast.mei, by=song, at=NOW)
    actions.vote(item=item_of(instance), approved=True, by=song, at=NOW)
    assert not reached(instance)
    page = cast.client("mei").get(f"/work-items/{item_of(instance).pk}/").content.decode()
    assert 'value="yes"' in page
    actions.vote(item=item_of(instance), approved=True, by=cast.actor("mei"), at=NOW)
    assert reached(instance)


def test_an_approval_that_is_signed_asks_each_for_their_name_and_keeps_it(cast) -> None:
    """会签."""
    instance = begun(cast, user("ask", role="sales", approval="all", approvers="song, mei", signature="true"))
    with pytest.raises(ValidationError, match="Sign with your name"):
        actions.vote(item=item_of(instance), approved=True, by=cast.actor("song"), at=NOW)
    for who in ("song", "mei"):
        client = cast.client(who)
        assert 'name="signed"' in client.get(f"/work-items/{item_of(instance).pk}/").content.decode()
        client.post(f"/work-items/{item_of(instance).pk}/vote/", {"vote": "yes", "signed": who.title()})
    assert list(item_of(instance).votes.values_list("signed", flat=True)) == ["Song", "Mei"] and reached(
        instance
    )


def test_a_yes_decides_only_when_the_check_list_is_ticked_and_what_must_hold_holds(cast) -> None:
    step = user(
        "ask",
        role="sales",
        approval="any",
        approvers="song",
        gate="amount &lt; 100.0",
        checks='<x:check title="Read"/>',
    )
    instance = begun(cast, step, values={"amount": 200.0})
    song = cast.actor("song")
    with pytest.raises(ValidationError, match="not ticked"):
        actions.vote(item=item_of(instance), approved=True, by=song, at=NOW)
    actions.tick(item=item_of(instance), line=0, done=True, by=song, at=NOW)
    with pytest.raises(ValidationError, match="amount < 100"):
        actions.vote(item=item_of(instance), approved=True, by=song, at=NOW)
    assert not item_of(instance).votes.exclude(approved=None).exists()
    actions.vote(item=item_of(instance), approved=False, note="too dear", by=song, at=NOW)
    assert reached(instance) and item_of(instance).values["approved"] is False


def test_an_approval_with_a_form_is_not_published(cast) -> None:
    xml = drawn(
        "p",
        START,
        user("ask", approval="any", approvers="song", fields=field("why")),
        END,
        chain("start", "ask", "end"),
    )
    assert [one.code for one in problems_of(kind="process", key="p", xml=xml) if one.level == "error"] == [
        "approval_form"
    ]


def test_an_item_is_given_to_a_colleague_who_may_do_it_and_put_back(cast) -> None:
    instance = begun(cast, user("ask", role="service"))
    qin = cast.actor("qin")
    actions.claim(item=item_of(instance), by=qin, at=NOW)
    with pytest.raises(ValidationError, match="Song does not have the role"):
        actions.delegate(item=item_of(instance), to=cast.song, by=qin, at=NOW)
    actions.delegate(
        item=item_of(instance), to=cast.song, by=cast.actor("mei"), at=NOW, note="she knows them"
    )
    assert item_of(instance).assignee == cast.song
    actions.give_back(item=item_of(instance), by=cast.actor("song"), at=NOW)
    assert (item_of(instance).assignee, item_of(instance).state) == (None, "open")


def test_a_step_is_added_beside_the_drawing_with_a_reason(cast) -> None:
    instance = begun(cast, user("ask"))
    mei = cast.actor("mei")
    with pytest.raises(ValidationError, match="Say why"):
        actions.add_step(instance=instance, name="Call them", reason=" ", role="sales", by=mei, at=NOW)
    row = actions.add_step(
        instance=instance, name="Call them", reason="They complained", role="sales", by=mei, at=NOW
    )
    assert Deviation.objects.get().kind == "add" and row in WorkItem.objects.queued_for(cast.actor("song"))
    actions.complete(item=row, by=cast.actor("song"), at=NOW + timedelta(hours=1))
    assert not reached(instance), "the process does not wait for it, and goes nowhere by it"
    assert "They complained" in cast.client("mei").get(f"/instances/{instance.pk}/").content.decode()


def test_several_items_that_ask_for_nothing_are_completed_at_once_and_the_others_are_named(cast) -> None:
    forget()
    instances = [begun(cast, user("ask", role="sales"))]
    process = instances[0].process
    instances.append(
        actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    )
    xml = drawn("q", START, user("ask", role="sales", signature="true"), END, chain("start", "ask", "end"))
    other = create_process(key="q", kind="process", name="Q", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=other, by=SYSTEM, at=NOW)
    signed = actions.start_process(process=other, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    rows = [item_of(one) for one in (*instances, signed)]
    for row in rows:
        actions.claim(item=row, by=cast.actor("song"), at=NOW)
    client = cast.client("song")
    sent = {"do": "batch", "action": "done", "ids": [row.pk for row in rows]}
    answer = client.post("/bench/", sent, follow=True)
    assert answer.status_code == 200 and "because they ask for something: Ask" in answer.content.decode()
    assert [reached(one) for one in instances] == [True, True] and item_of(signed).state != "done"


def test_turns_of_a_step_are_told_apart_by_what_they_are_for(cast) -> None:
    many = '<multiInstanceLoopCharacteristics x:over="people" x:item="one"/>'
    instance = begun(cast, user("ask", inside=many), values={"people": ["Lin", {"name": "He"}, ["x"]]})
    assert sorted(instance.items.values_list("index", flat=True)) == ["3", "He", "Lin"]


def test_turns_one_after_the_other_go_on_also_after_a_restart(cast) -> None:
    many = '<multiInstanceLoopCharacteristics isSequential="true" x:over="people" x:item="one"/>'
    instance = begun(cast, user("ask", inside=many), values={"people": ["Lin", "He", "Ma"]})
    for name in ("Lin", "He", "Ma"):
        forget()
        row = instance.items.waiting().get()
        assert (row.element, row.index) == ("ask", name)
        actions.complete(item=row, by=cast.actor("song"), at=NOW)
    assert instance.items.waiting().get().element == "then"


def test_a_state_holds_no_diagram_however_large_that_is(cast) -> None:
    """The diagram is stored once, with its version."""
    steps = [user(f"step_{number}", text="x" * 500) for number in range(60)]
    forget()
    xml = drawn("p", START, *steps, END, chain("start", *(f"step_{number}" for number in range(60)), "end"))
    process = create_process(key="p", kind="process", name="P", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=process, by=SYSTEM, at=NOW)
    for _number in range(3):
        actions.start_process(process=process, account=cast.yunshan, by=cast.actor("song"), at=NOW)
    states = [bytes(one.state) for one in Tokens.objects.all()]
    assert len(states) == 3 and max(map(len, states)) < 4_000 < len(xml)
    assert all(b"Step_59" not in one and b"xxx" not in one for one in map(zlib.decompress, states))
