"""Files as other modelers write them: each runs to its end, or is refused with a reason that names the element."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from drawings import END, START, chain, drawn, user

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.check import Known, check_diagram
from bihuan.act.bpmn.running import Compiled, Run, Surroundings, compile_diagram
from bihuan.act.bpmn.taking_in import taken_in

FOLDER = Path(__file__).parent / "files"
FILES = {path.stem: path for path in sorted(FOLDER.glob("*.bpmn"))}
NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
KNOWN = Known(roles=frozenset({"sales"}), processes=frozenset({"visit"}), start=frozenset({"amount"}))
VISIT = drawn("visit", START, user("prepare"), END, chain("start", "prepare", "end"))
#: What is refused, with the reason and the element.
REFUSED = {
    "sequence_without_roles": ("nobody", "Task_1"), "complex_gateway": ("unknown_element", "Gateway_1"),
    "call_of_nothing": ("unknown_process", "Call_1"), "event_sub_process": ("unknown_element", "Sub_1"), "loop": ("loop", "Task_1"),
    "two_processes": ("several_processes", ""), "script": ("script", "Script_1"),
    "service_of_another_engine": ("service_without_step", "Service_1"), "transaction": ("unknown_element", "Trans_1"),
    "ad_hoc": ("unknown_element", "Ad_hoc_1"), "compensation": ("compensation", "Undo"),
    "link_events": ("event_not_run", "Jump"), "conditional_event": ("event_not_run", "When_it_rains"),
}  # fmt: skip
#: What runs, with the steps that somebody does on the way.
RUNS = {
    "sequence": ["Task_1", "Task_2", "Task_3"], "exclusive": ["Task_1", "Task_2"], "parallel": ["Task_1", "Task_2"],
    "inclusive": ["Task_1"], "event_based": [], "message_start": ["Task_1"], "signal_start": ["Task_1"],
    "timer_start": ["Task_1"], "terminate_end": ["Task_1"], "intermediate_events": [], "boundary_events": ["Task_1"],
    "error_in_sub_process": ["Task_1", "Task_2"], "call_activity": ["prepare"], "sub_process": ["Task_1"],
    "multi_instance": ["Task_1", "Task_1", "Task_2", "Task_2", "Task_2"], "pools": ["Task_1", "Task_2"],
    "data_and_notes": ["Task_1"], "pools_and_lanes": ["Task_1", "Task_2", "Task_3"],
}  # fmt: skip


def test_every_file_is_here() -> None:
    assert FILES.keys() == REFUSED.keys() | RUNS.keys()
    assert not REFUSED.keys() & RUNS.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_name_of_the_element(name: str) -> None:
    found = check_diagram(read_diagram(taken_in(FILES[name].read_bytes())), known=KNOWN)
    assert REFUSED[name] in [(one.code, one.element) for one in found if one.level == "error"]


def walked(compiled: Compiled) -> tuple[list[str], bool]:
    """(the steps that were done by somebody, whether it came to its end)."""
    at, done = NOW, []
    run = Run.started(compiled, values={"amount": 200.0}, surroundings=Surroundings(at=at))
    for _turn in range(30):
        if run.done:
            break
        if run.tokens():
            token = run.tokens()[0]
            done.append(token.element)
            run.complete(token.id, values={})
            continue
        for one in run.awaited():
            if one.kind == "message":
                run.receive(one.id, name=one.name, values={})
                break
            if one.kind == "signal":
                run.hear(one.name, values={})
                break
        else:
            at += timedelta(days=2)
            run = Run.restored(compiled, run.state, surroundings=Surroundings(at=at))
            run.advance()
    return done, run.done


@pytest.mark.parametrize("name", RUNS)
def test_it_runs_to_its_end(name: str) -> None:
    text = taken_in(FILES[name].read_bytes())
    errors = [one for one in check_diagram(read_diagram(text), known=KNOWN) if one.level == "error"]
    assert errors == []
    done, ended = walked(compile_diagram(text, called={"visit": VISIT} if name == "call_activity" else {}))
    assert ended
    assert done == RUNS[name]


@pytest.mark.parametrize("name", FILES)
def test_it_is_laid_out_and_stays_as_it_was_taken_in(name: str) -> None:
    diagram = read_diagram(taken_in(FILES[name].read_bytes()))
    assert all(node.at for node in diagram.nodes.values())
    assert taken_in(taken_in(FILES[name].read_bytes())) == taken_in(FILES[name].read_bytes())


def test_an_id_that_the_engine_keeps_is_told_and_is_renamed_when_a_file_comes_in() -> None:
    text = FILES["sequence"].read_text(encoding="utf-8")
    found = check_diagram(read_diagram(text), known=KNOWN)
    assert [(one.code, one.element) for one in found if one.level == "error"] == [
        ("reserved_id", "Start"),
        ("reserved_id", "End"),
    ]
    diagram = read_diagram(taken_in(text))
    assert diagram.starts[0].id == "Start_1" and diagram.leaving["Start_1"][0].target == "Task_1"
