"""Alignments: the cheapest way to lay a case along a drawing, against every way that the drawing allows."""

from collections.abc import Iterator
from itertools import islice

import pytest
from drawings import END, START, chain, drawn, flow, timer, user
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.bpmn import Diagram, read_diagram
from bihuan.act.mining.rules.alignment import TooWide, align, fitness
from bihuan.act.mining.rules.conformance import conformance, game_of
from bihuan.act.mining.rules.tokens import Game, told_by_people
from bihuan.act.mining.tests.logs import log_of


def game(*parts: str, key: str = "p", **more: str) -> Game:
    diagram: Diagram = read_diagram(drawn(key, *parts, **more))
    return Game(diagram, told=told_by_people(diagram))


def told(found) -> list[tuple[str, str]]:
    return [(moved.kind, moved.element) for moved in found.moves if moved.kind != "passed"]


BESIDE = (
    START, user("one"), '<parallelGateway id="g1"/>', user("a"), user("b"), '<parallelGateway id="g2"/>', user("last"), END,
    chain("start", "one", "g1"), flow("g1", "a"), flow("g1", "b"), flow("a", "g2"), flow("b", "g2"), chain("g2", "last", "end"),
)  # fmt: skip
EITHER = (
    START, '<exclusiveGateway id="x"/>', user("a"), user("b"), '<exclusiveGateway id="y"/>', user("c"), END,
    chain("start", "x"), flow("x", "a", "big"), flow("x", "b"), flow("a", "y"), flow("b", "y"), chain("y", "c", "end"),
)  # fmt: skip
AGAIN = (
    START, user("a"), user("b"), '<exclusiveGateway id="x"/>', END, chain("start", "a", "b", "x"), flow("x", "a", "again"),
    flow("x", "end"),
)  # fmt: skip
SOME = (
    START, '<inclusiveGateway id="o1"/>', user("a"), user("b"), user("c"), '<inclusiveGateway id="o2"/>', user("d"), END,
    chain("start", "o1"), flow("o1", "a", "1"), flow("o1", "b", "2"), flow("o1", "c", "3"), flow("a", "o2"), flow("b", "o2"),
    flow("c", "o2"), chain("o2", "d", "end"),
)  # fmt: skip


def test_it_works() -> None:
    found = align(game(*BESIDE), ["one", "a", "zzz", "b"])
    assert told(found) == [
        ("done", "one"), ("done", "a"), ("extra", "zzz"), ("done", "b"), ("left_out", "last"),
    ]  # fmt: skip
    assert found.cost == 2
    assert not found.fits
    assert fitness(found, length=4, shortest=4) == 0.75


@pytest.mark.parametrize(("parts", "trace", "cost"), [
    (BESIDE, "one b a last", 0), (BESIDE, "one a last", 1), (BESIDE, "a one b last", 2), (BESIDE, "", 4),
    (EITHER, "a c", 0), (EITHER, "b c", 0), (EITHER, "a b c", 1), (EITHER, "c", 1),
    (AGAIN, "a b", 0), (AGAIN, "a b a b a b", 0), (AGAIN, "a b a", 1), (AGAIN, "b", 1),
    (SOME, "a d", 0), (SOME, "c a d", 0), (SOME, "b c a d", 0), (SOME, "d", 1), (SOME, "a d b", 1),
])  # fmt: skip
def test_gateways_allow_what_they_are_drawn_for(parts, trace, cost) -> None:
    assert align(game(*parts), trace.split()).cost == cost


def test_a_case_that_goes_on_may_stand_anywhere() -> None:
    assert align(game(*BESIDE), ["one", "a"], complete=False).fits
    assert align(game(*BESIDE), [], complete=False).fits
    assert align(game(*BESIDE), ["a"], complete=False).cost == 1


def test_a_timer_beside_a_step_takes_over_or_runs_beside_it() -> None:
    parts = (
        START,
        user("ask"),
        user("warn"),
        END,
        chain("start", "ask", "end"),
        '<endEvent id="told"/>',
        flow("warn", "told"),
    )
    stops = game(*parts, timer("late", "ask", "PT1H", True), flow("late", "warn"))
    assert align(stops, ["warn"]).fits
    assert align(stops, ["ask"]).fits
    assert align(stops, ["warn", "ask"]).cost == 1
    beside = game(*parts, timer("late", "ask", "PT1H"), flow("late", "warn"))
    assert align(beside, ["warn", "ask"]).fits
    assert align(beside, ["ask", "warn"]).fits


def test_a_sub_process_ends_when_nothing_is_left_in_it() -> None:
    inside = (
        '<startEvent id="s"/>' + user("a") + user("b") + '<endEvent id="e"/><endEvent id="f"/><parallelGateway id="g"/>'
        + chain("s", "g") + flow("g", "a") + flow("g", "b") + flow("a", "e") + flow("b", "f")
    )  # fmt: skip
    found = game(
        START,
        f'<subProcess id="sub">{inside}</subProcess>',
        user("after"),
        END,
        chain("start", "sub", "after", "end"),
    )
    assert align(found, ["b", "a", "after"]).fits
    assert align(found, ["a", "after", "b"]).cost == 2
    assert align(found, ["a", "after"]).cost == 1


def test_a_step_done_many_times_may_be_done_any_number_of_times() -> None:
    many = user("each").replace(
        "</userTask>",
        '<multiInstanceLoopCharacteristics xmlns:x="urn:bihuan:bpmn" x:over="people" x:item="one"/></userTask>',
    )
    found = game(START, many, user("after"), END, chain("start", "each", "after", "end"))
    for times in range(4):
        assert align(found, ["each"] * times + ["after"]).fits
    assert align(found, ["each", "after", "each"]).cost == 1


def test_terminate_ends_everything() -> None:
    found = game(
        START, '<parallelGateway id="g"/>', user("a"), user("b"), '<endEvent id="all"><terminateEventDefinition/></endEvent>', END,
        chain("start", "g"), flow("g", "a"), flow("g", "b"), flow("a", "all"), flow("b", "end"),
    )  # fmt: skip
    assert align(found, ["a"]).fits
    assert align(found, ["b", "a"]).fits
    assert align(found, ["b"]).cost == 1


def test_what_no_search_can_end_is_said() -> None:
    with pytest.raises(TooWide):
        align(game(*BESIDE), ["last", "b", "a", "one"], most=5)


@st.composite
def blocks(draw, depth: int = 2) -> tuple:
    """A drawing as nested blocks: a step, one after the other, one of several, or all side by side."""
    kind = draw(st.sampled_from(["step", "then", "either", "all"])) if depth else "step"
    if kind == "step":
        return ("step", draw(st.sampled_from("abcdefgh")))
    return (kind, draw(blocks(depth - 1)), draw(blocks(depth - 1)))


class Drawing:
    """The blocks as BPMN; each step gets an id of its own."""

    def __init__(self, block: tuple) -> None:
        self.parts: list[str] = []
        self.number = 0
        first, last = self.draw(block)
        self.parts += [START, END, flow("start", first), flow(last, "end")]

    def draw(self, block: tuple) -> tuple[str, str]:
        self.number += 1
        key = f"{block[1] if block[0] == 'step' else 'g'}{self.number}"
        if block[0] == "step":
            self.parts.append(user(key))
            return key, key
        first, second = self.draw(block[1]), self.draw(block[2])
        if block[0] == "then":
            self.parts.append(flow(first[1], second[0]))
            return first[0], second[1]
        gate = "exclusiveGateway" if block[0] == "either" else "parallelGateway"
        self.parts += [f'<{gate} id="{key}_in"/>', f'<{gate} id="{key}_out"/>']
        for one in (first, second):
            self.parts += [flow(f"{key}_in", one[0]), flow(one[1], f"{key}_out")]
        return f"{key}_in", f"{key}_out"


def ways(game: Game, marking=None) -> Iterator[tuple[str, ...]]:
    """Every sequence of steps that the drawing allows."""
    marking = game.begin if marking is None else marking
    if not marking:
        yield ()
    for play in game.plays(marking):
        for rest in ways(game, play.after):
            yield (play.element, *rest) if play.told else rest


def apart(a: tuple[str, ...], b: tuple[str, ...]) -> int:
    """How many steps must be put in or left out to make one of the other."""
    row = list(range(len(b) + 1))
    for n, x in enumerate(a, 1):
        before, row[0] = row[0], n
        for m, y in enumerate(b, 1):
            before, row[m] = row[m], before if x == y else 1 + min(row[m], row[m - 1])
    return row[-1]


@given(block=blocks(), data=st.data())
def test_no_way_through_the_drawing_is_nearer(block, data) -> None:
    drawing = Drawing(block)
    found = game(*drawing.parts)
    allowed = set(islice(ways(found), 3_000))
    names = sorted(found.told)
    trace = tuple(data.draw(st.lists(st.sampled_from([*names, ""]), max_size=7)))
    aligned = align(found, trace)
    assert aligned.cost == min(apart(trace, way) for way in allowed)
    done = [moved.element for moved in aligned.moves if moved.kind in ("done", "extra")]
    assert tuple(done) == trace
    assert tuple(moved.element for moved in aligned.moves if moved.kind in ("done", "left_out")) in allowed


def test_a_log_beside_many_steps_side_by_side_is_given_up_in_time_and_the_next_time_comes_further(
    monkeypatch,
) -> None:
    monkeypatch.setattr("bihuan.act.mining.rules.conformance.MOST_IN_ALL", 3_000)
    names = [f"u{n}" for n in range(8)]
    ends = [line for name in names for line in (flow("g", name), flow(name, "h"))]
    gates = '<parallelGateway id="g"/>', '<parallelGateway id="h"/>'
    xml = drawn("p", START, *gates, *map(user, names), END, *ends, chain("start", "g"), chain("h", "end"))
    diagram = read_diagram(xml)
    cases = {f"case {n}": [{"activity": names[n], "at": 1}] for n in range(8)}
    log = log_of(cases)
    kept = game_of(log, diagram)
    first = conformance(log, diagram, game=kept)
    assert first.too_wide
    again = [conformance(log, diagram, game=kept).too_wide for _ in range(12)]
    assert again == sorted(again, reverse=True)
    assert again[-1] == 0
