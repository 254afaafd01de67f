"""A list becomes BPMN and is read back as the same list; a diagram that says more is refused by name of the element."""

import pytest
from drawings import END, START, chain, drawn, flow, timer, user
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.act.bpmn import Check, Choice, Field, Timer, Words, Work, read_diagram
from bihuan.act.bpmn.check import Known, check_diagram
from bihuan.act.bpmn.list_reading import from_bpmn
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.listed import DONE, Listed, ListError, Row, Way, plain

TAKEN = ("start", "end_1", "flow_1", "message_1", "plane", "diagram", "definitions", "a", "a_way", "a_shape")
CHARACTERS = st.characters(
    min_codepoint=32, exclude_categories=("Cs", "Cn"), exclude_characters="\x7f\ufffe\uffff"
)
TEXT = st.text(CHARACTERS | st.sampled_from("\n\t<>&\"'|=;\\"), max_size=12)
ONE_LINE = st.text(CHARACTERS, max_size=10)
WORDS = st.builds(Words, text=TEXT, zh=TEXT)
WRITTEN = st.builds(Words, text=TEXT.map(str.strip), zh=TEXT)
NAME = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
RULE = st.sampled_from(["amount > 100000.0", 'level == "L1" && !ok', "a < b", "ok"])
FIELD = st.builds(
    Field, name=NAME, title=WORDS, kind=st.sampled_from(["text", "choice", "money", "yesno"]), required=st.booleans(),
    help=WORDS, default=ONE_LINE, least=ONE_LINE, most=ONE_LINE,
    choices=st.lists(st.builds(Choice, value=st.text(CHARACTERS, min_size=1, max_size=8), title=WORDS), max_size=2).map(tuple),
)  # fmt: skip
WORK = st.builds(
    Work, role=NAME, assign=st.sampled_from(["", "owner", "same:a"]), limit=st.sampled_from(["", "2d", "4h"]),
    calendar=st.sampled_from(["", "wall"]), remind=ONE_LINE, escalate_to=NAME, escalate_after=ONE_LINE, effort=ONE_LINE,
    approval=st.sampled_from(["", "any", "2"]), approvers=st.lists(NAME, max_size=3).map(tuple), in_order=st.booleans(),
    signature=st.booleans(), gate=TEXT,
)  # fmt: skip
CHECK = st.builds(
    Check, title=st.builds(Words, text=st.text(CHARACTERS, min_size=1, max_size=8), zh=TEXT), required=st.booleans()
)  # fmt: skip
TIMER = st.builds(
    Timer, calendar=st.sampled_from(["", "wall", "role:sales", "account:yunshan"]), kind=st.just("cycle"),
    text=st.sampled_from(["R/PT4H", "R10/2026-10-05T09:00:00+08:00/P7D", "R/2026-10-05T09:00/P1M", "every monday", "", "r/p1d"]),
) | st.builds(
    Timer, calendar=st.sampled_from(["", "wall"]), kind=st.sampled_from(["date", "duration"]),
    text=st.sampled_from(["2026-10-05T09:00:00+08:00", "PT4H", "1d 4h", ""]),
)  # fmt: skip
PAIRS = st.dictionaries(NAME, TEXT, max_size=2)


@st.composite
def lists(draw: st.DrawFn) -> Listed:
    """Any list whose ways lead to steps that are there."""
    named = st.sampled_from(TAKEN) | st.from_regex(r"[A-Za-z_][A-Za-z0-9_.\-]{0,6}", fullmatch=True)
    ids = draw(st.lists(named, min_size=1, max_size=5, unique=True))
    way = st.builds(Way, to=st.sampled_from(ids), name=WORDS) | st.builds(Way, end=WORDS, name=WORDS)
    rows = []
    for key in ids:
        kind = draw(st.sampled_from(["user", "decision", "automatic", "process", "wait", "until", "message"]))
        ways = [
            Way(to=one.to, end=one.end, name=one.name, when=draw(RULE))
            for one in draw(st.lists(way, max_size=2))
        ]
        rest = draw(st.none() | way)
        said = {
            "user": {"work": WORK, "fields": st.lists(FIELD, max_size=2).map(tuple),
                     "checks": st.lists(CHECK, max_size=2).map(tuple)},
            "decision": {"table": ONE_LINE, "into": ONE_LINE},
            "automatic": {"step": ONE_LINE, "inputs": PAIRS, "outputs": PAIRS},
            "process": {"called": NAME},
            "wait": {"wait": st.sampled_from(["P7D", "PT4H", ""]), "calendar": st.sampled_from(["wall", "", "ours"])},
            "until": {"until": st.sampled_from(["2026-10-01T09:00", "due_on"])},
            "message": {"message": ONE_LINE, "correlate": TEXT},
        }[kind]  # fmt: skip
        rows.append(
            Row(
                id=key, name=draw(WORDS), text=draw(WRITTEN), kind="wait" if kind == "until" else kind,
                question=draw(WORDS), ways=(*ways, *([rest] if rest else [])), **{name: draw(one) for name, one in said.items()},
            )
        )  # fmt: skip
    return Listed(
        key=draw(NAME.filter(lambda one: one not in ids)), name=draw(WORDS), text=draw(WRITTEN), begins=draw(WORDS),
        start=tuple(draw(st.lists(FIELD, max_size=2))), timer=draw(st.none() | TIMER), rows=tuple(rows),
    )  # fmt: skip


@given(lists())
@settings(max_examples=300, deadline=None)
def test_list_to_drawing_to_list_is_the_same(listed: Listed) -> None:
    once = plain(listed)
    assert plain(once) == once
    assert to_bpmn(once) == to_bpmn(listed)
    assert from_bpmn(to_bpmn(listed)) == once


@given(lists())
@settings(max_examples=100, deadline=None)
def test_a_list_is_drawn_without_loose_ends_and_nothing_lies_on_anything(listed: Listed) -> None:
    xml = to_bpmn(listed)
    diagram = read_diagram(xml)
    codes = {one.code for one in check_diagram(diagram, known=Known())}
    assert not codes & {
        "loose_flow",
        "dead_end",
        "split_without_gateway",
        "no_default_way",
        "one_start",
        "no_picture",
    }
    boxes = [node.at for node in diagram.nodes.values() if node.at]
    assert len(boxes) == len(diagram.nodes)
    for number, (ax, ay, aw, ah) in enumerate(boxes):
        for bx, by, bw, bh in boxes[number + 1 :]:
            assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay


def test_a_drawing_made_by_hand_is_read_as_a_list() -> None:
    xml = drawn("p", START, user("b"), user("a"), '<exclusiveGateway id="g" name="Large?" default="g_b"/>', user("c"), END,
                '<exclusiveGateway id="meet"/>', chain("start", "a", "g"), flow("g", "c", "amount > 1.0"), flow("g", "b"),
                chain("b", "meet"), chain("c", "meet", "end"))  # fmt: skip
    found = from_bpmn(xml)
    assert [(row.id, row.question.text, [(way.to, way.end.text, way.when) for way in row.ways]) for row in found.rows] == [
        ("a", "Large?", [("c", "", "amount > 1.0")]), ("b", "", [("", "", "")]), ("c", "", [("", "", "")]),
    ]  # fmt: skip


A = user("a")
WHOLE = chain("start", "a", "end")
REFUSED = {
    "list_element a parallel gateway": (
        drawn("p", START, A, '<parallelGateway id="both" name="Both"/>', END, chain("start", "both", "a", "end")), "Both"),
    "list_element a sub-process": (
        drawn("p", START, '<subProcess id="sub" name="Inside"><startEvent id="s"/><endEvent id="e"/><sequenceFlow id="f" '
              'sourceRef="s" targetRef="e"/></subProcess>', END, chain("start", "sub", "end")), "Inside"),
    "list_element an event on a step": (drawn("p", START, A, timer("late", "a", "PT1H"), END, WHOLE, flow("late", "end")), "late"),
    "list_element a note": (drawn("p", START, A, END, WHOLE, '<textAnnotation id="n"><text>why</text></textAnnotation>'), "n"),
    "list_element lanes": (drawn("p", '<laneSet id="l"><lane id="x" name="sales"/></laneSet>', START, A, END, WHOLE), "l"),
    "list_foreign another program's": (
        drawn("p", START, A.replace("<x:work", '<c:taskDefinition xmlns:c="urn:c" type="mail"/><x:work'), END, WHOLE), "A"),
    "list_foreign another program's attribute": (
        drawn("p", START, A.replace("<userTask", '<userTask xmlns:c="urn:c" c:assignee="me"'), END, WHOLE), "A"),
    "list_says_more an ending that throws": (
        drawn("p", START, A, '<endEvent id="end" name="Over"><errorEventDefinition/></endEvent>', WHOLE), "end"),
    "list_split two ways without a gateway": (drawn("p", START, A, user("b"), END, WHOLE, chain("a", "b", "end")), "A"),
    "list_dead_end": (drawn("p", START, A, END, chain("start", "a")), "A"),
    "list_no_default": (
        drawn("p", START, A, '<exclusiveGateway id="g" name="Which?"/>', user("b"), END, chain("start", "a", "g"),
              flow("g", "b", "x"), flow("g", "end", "y"), chain("b", "end")), "Which?"),
    "list_shared_fork": (
        drawn("p", START, A, '<exclusiveGateway id="g" name="Which?" default="g_end"/>', user("b"), END, chain("start", "a", "g"),
              flow("g", "b", "x"), flow("g", "end"), chain("b", "g")), "Which?"),
    "list_fork_behind_fork": (
        drawn("p", START, A, '<exclusiveGateway id="g" default="g_end"/>', '<exclusiveGateway id="h" name="Then?" default="h_end"/>',
              END, chain("start", "a", "g"), flow("g", "h", "x"), flow("g", "end"), flow("h", "a", "y"), flow("h", "end")), "Then?"),
    "list_start a gateway first": (
        drawn("p", START, A, '<exclusiveGateway id="g" default="g_end"/>', END, chain("start", "g"), flow("g", "a", "x"),
              flow("g", "end"), chain("a", "end")), "start"),
    "list_event a signal": (
        drawn("p", START, A, '<intermediateCatchEvent id="w" name="Heard"><signalEventDefinition/></intermediateCatchEvent>', END,
              chain("start", "a", "w", "end")), "Heard"),
    "list_pools": (drawn("p", START, A, END, WHOLE, more='<collaboration id="c"><participant id="q" processRef="p"/></collaboration>'), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_drawing_that_says_more_than_a_list_is_refused(case: str) -> None:
    xml, name = REFUSED[case]
    with pytest.raises(ListError) as refused:
        from_bpmn(xml)
    problem = refused.value.problem
    assert problem.code == case.split()[0]
    assert name in (problem.name, problem.element)


def test_a_start_alone_is_a_list_without_steps() -> None:
    assert from_bpmn(drawn("p", START)).rows == ()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "list_empty"),
        ([Row(id="a", name=DONE), Row(id="a", name=DONE)], "list_id_twice"),
        ([Row(id="a", name=DONE, ways=(Way(to="b"),))], "list_no_step"),
        ([Row(id="a", name=DONE, kind="magic")], "list_kind"),
        ([Row(id="a", name=DONE, ways=(Way(to="a"), Way(end=DONE)))], "list_two_otherwise"),
    ],
)
def test_a_list_that_is_no_process_is_refused(rows: list[Row], code: str) -> None:
    with pytest.raises(ListError) as refused:
        to_bpmn(Listed(key="p", name=DONE, rows=tuple(rows)))
    assert refused.value.problem.code == code
