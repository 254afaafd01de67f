"""Events on a step end it or run beside it; inclusive, parallel and event-based gateways, and steps that are done many times."""

from datetime import UTC, datetime, timedelta

import pytest
from drawings import END, START, chain, drawn, flow, user

from bihuan.act.bpmn.running import Run, Surroundings, compile_diagram

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
MORE = (
    '<message id="m" name="paid"/><signal id="s" name="storm"/><error id="e" errorCode="broken" name="broken"/>'
    '<escalation id="c" escalationCode="help" name="help"/>'
)
DEFINED = {
    "message": '<messageEventDefinition messageRef="m"/>', "signal": '<signalEventDefinition signalRef="s"/>',
    "timer": '<timerEventDefinition x:calendar="wall"><timeDuration>PT1H</timeDuration></timerEventDefinition>',
    "error": '<errorEventDefinition errorRef="e"/>', "escalation": '<escalationEventDefinition escalationRef="c"/>',
}  # fmt: skip


def begun(*parts: str, values: dict | None = None) -> Run:
    compiled = compile_diagram(drawn("p", *parts, more=MORE), called={})
    return Run.started(compiled, values=values or {}, surroundings=Surroundings(at=NOW))


def waiting(run: Run) -> list[str]:
    return sorted(one.element for one in run.tokens())


def done(run: Run, element: str, **values: object) -> None:
    run.complete(next(one.id for one in run.tokens() if one.element == element), values=values)


def at_an_hour(run: Run, parts: tuple[str, ...]) -> Run:
    later = Surroundings(at=NOW + timedelta(hours=2))
    again = Run.restored(
        compile_diagram(drawn("p", *parts, more=MORE), called={}), run.state, surroundings=later
    )
    again.advance()
    return again


def on_a_step(kind: str, *, interrupts: bool) -> tuple[str, ...]:
    """A step with an event on it; errors and escalations come from a sub-process."""
    inside = user("work") if kind in ("message", "signal", "timer") else (
        '<subProcess id="work"><startEvent id="in"/>' + user("deep") + f'<endEvent id="throw">{DEFINED[kind]}</endEvent>'
        + chain("in", "deep", "throw") + "</subProcess>"
    )  # fmt: skip
    if kind == "escalation":
        inside = (
            '<subProcess id="work"><startEvent id="in"/>' + user("deep") + f'<intermediateThrowEvent id="throw">{DEFINED[kind]}'
            "</intermediateThrowEvent>" + user("after") + '<endEvent id="out"/>' + chain("in", "deep", "throw", "after", "out") + "</subProcess>"
        )  # fmt: skip
    on = f'<boundaryEvent id="on" attachedToRef="work" cancelActivity="{str(interrupts).lower()}">{DEFINED[kind]}</boundaryEvent>'
    return (START, inside, on, user("aside"), user("then"), END, '<endEvent id="over"/>', chain("start", "work", "then", "end"),
            chain("on", "aside", "over"))  # fmt: skip


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("kind", ["message", "signal", "timer", "escalation"])
def test_an_event_on_a_step_ends_it_or_runs_beside_it(kind: str, interrupts: bool) -> None:
    parts = on_a_step(kind, interrupts=interrupts)
    run = begun(*parts)
    if kind == "escalation":
        assert waiting(run) == ["deep"]
        done(run, "deep")
    elif kind == "timer":
        assert waiting(run) == ["work"]
        run = at_an_hour(run, parts)
    elif kind == "message":
        run.receive(next(one.id for one in run.awaited() if one.kind == "message"), name="paid", values={})
    else:
        run.hear("storm", values={})
    rest = {"escalation": "after"}.get(kind, "work")
    assert waiting(run) == (["aside"] if interrupts else sorted(["aside", rest]))
    if not interrupts:
        done(run, rest)
        assert waiting(run) == ["aside", "then"]
        done(run, "then")
    done(run, "aside")
    assert run.done


def test_an_error_ends_what_it_comes_from_and_goes_its_way() -> None:
    run = begun(*on_a_step("error", interrupts=True))
    done(run, "deep")
    assert waiting(run) == ["aside"]
    done(run, "aside")
    assert run.done


@pytest.mark.parametrize(
    ("values", "ways"),
    [
        ({"a": 1.0, "b": 1.0}, ["left", "right"]),
        ({"a": 1.0, "b": 0.0}, ["left"]),
        ({"a": 0.0, "b": 0.0}, ["neither"]),
    ],
)
def test_an_inclusive_gateway_takes_every_way_that_fits_and_waits_for_those_only(
    values: dict, ways: list[str]
) -> None:
    run = begun(
        START, '<inclusiveGateway id="split" default="split_neither"/>', user("left"), user("right"), user("neither"),
        '<inclusiveGateway id="join"/>', user("then"), END, chain("start", "split"), flow("split", "left", "a > 0.5"),
        flow("split", "right", "b > 0.5"), flow("split", "neither"), chain("left", "join"), chain("right", "join"),
        chain("neither", "join", "then", "end"), values=values,
    )  # fmt: skip
    assert waiting(run) == ways
    for way in ways:
        assert "then" not in waiting(run)
        done(run, way)
    assert waiting(run) == ["then"]
    done(run, "then")
    assert run.done


def test_a_parallel_gateway_goes_every_way_and_waits_for_all() -> None:
    run = begun(
        START, '<parallelGateway id="split"/>', user("left"), user("right"), '<parallelGateway id="join"/>', user("then"), END,
        chain("start", "split", "left", "join", "then", "end"), chain("split", "right", "join"),
    )  # fmt: skip
    assert waiting(run) == ["left", "right"]
    done(run, "left")
    assert waiting(run) == ["right"]
    done(run, "right")
    assert waiting(run) == ["then"]


EITHER = (
    START, '<eventBasedGateway id="either"/>', f'<intermediateCatchEvent id="told">{DEFINED["message"]}</intermediateCatchEvent>',
    f'<intermediateCatchEvent id="late">{DEFINED["timer"]}</intermediateCatchEvent>', user("glad"), user("chase"), END,
    '<endEvent id="over"/>', chain("start", "either", "told", "glad", "end"), chain("either", "late", "chase", "over"),
)  # fmt: skip


@pytest.mark.parametrize("first", ["message", "timer"])
def test_behind_an_event_based_gateway_the_first_event_decides_and_the_other_is_waited_for_no_more(
    first: str,
) -> None:
    run = begun(*EITHER)
    assert sorted(one.kind for one in run.awaited()) == ["message", "timer"]
    if first == "message":
        run.receive(next(one.id for one in run.awaited() if one.kind == "message"), name="paid", values={})
        run = at_an_hour(run, EITHER)
    else:
        run = at_an_hour(run, EITHER)
    assert waiting(run) == [{"message": "glad", "timer": "chase"}[first]] and run.awaited() == []


@pytest.mark.parametrize("order", ["parallel", "sequential"])
def test_a_step_that_is_done_for_each_of_a_list_is_open_for_all_at_once_or_one_after_the_other(
    order: str,
) -> None:
    many = f'<multiInstanceLoopCharacteristics isSequential="{str(order == "sequential").lower()}" x:over="people" x:item="one"/>'
    run = begun(START, user("call", inside=many), user("then"), END, chain("start", "call", "then", "end"),
                values={"people": ["a", "b", "c"]})  # fmt: skip
    seen = []
    for turn in range(3):
        assert len(run.tokens()) == (3 - turn if order == "parallel" else 1)
        token = run.tokens()[0]
        seen.append(token.item)
        run.complete(token.id, values={})
    assert sorted(seen) == ["a", "b", "c"] and (order == "parallel" or seen == ["a", "b", "c"])
    assert waiting(run) == ["then"]
