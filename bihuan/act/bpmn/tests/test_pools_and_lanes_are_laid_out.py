"""Pools and lanes of a file without a picture get their shapes: steps lie in their lane, lanes in their pool, nothing overlaps."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from drawings import END, START, chain, drawn, flow, user
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.act.bpmn import Diagram, read_diagram
from bihuan.act.bpmn.bands import Lane, every
from bihuan.act.bpmn.layout import Box, Picture
from bihuan.act.bpmn.pictured import points_of, with_picture
from bihuan.act.bpmn.pools import Pool, Pools, pooled, pools_of
from bihuan.act.bpmn.reading import root_of
from bihuan.act.bpmn.tests.test_what_has_no_picture_is_laid_out import (
    apart,
    crossed,
    diagrams,
    inside,
    on_border,
)


@st.composite
def pools(draw: st.DrawFn) -> Pools:
    """One to three pools, one of them perhaps a strip; their steps in lanes, in lanes of lanes, or in none."""
    found = []
    for number in range(draw(st.integers(1, 3))):
        if number and draw(st.booleans()):
            found.append(Pool(id=f"pool{number}", diagram=None))
            continue
        diagram = _renamed(draw(diagrams()), f"p{number}_")
        ids = draw(st.permutations([node.id for node in diagram.inside()]))
        cuts = sorted(draw(st.lists(st.integers(0, len(ids)), min_size=0, max_size=4)))
        parts = [frozenset(ids[a:b]) for a, b in pairwise([*cuts, len(ids)])] if cuts else []
        lanes = [Lane(id=f"lane{number}_{n}", nodes=part) for n, part in enumerate(parts)]
        if len(lanes) > 2 and draw(st.booleans()):
            lanes = [
                Lane(id=f"outer{number}", nodes=lanes[0].nodes | lanes[1].nodes, inside=tuple(lanes[:2])),
                *lanes[2:],
            ]
        inner = {
            key: draw(lanes_of(diagram, key))
            for key, node in diagram.nodes.items()
            if node.kind == "subProcess"
        }
        found.append(Pool(id=f"pool{number}", diagram=diagram, lanes=tuple(lanes),
                          inner={key: there for key, there in inner.items() if there}))  # fmt: skip
    return Pools(id="c", pools=tuple(found))


@st.composite
def lanes_of(draw: st.DrawFn, diagram: Diagram, key: str) -> tuple[Lane, ...]:
    """The steps of a sub-process in some lanes of its own, or in none."""
    ids = draw(st.permutations([node.id for node in diagram.inside(key)]))
    cuts = sorted(draw(st.lists(st.integers(0, len(ids)), min_size=0, max_size=3)))
    found = [Lane(id=f"{key}_l{n}", nodes=frozenset(ids[a:b])) for n, (a, b) in enumerate(pairwise(cuts))]
    if len(found) > 1 and draw(st.booleans()):
        return (Lane(id=f"{key}_outer", nodes=frozenset(), inside=tuple(found[:2])), *found[2:])
    return tuple(found)


def _renamed(diagram: Diagram, by: str) -> Diagram:
    def named(key: str) -> str:
        return f"{by}{key}" if key else ""

    nodes = {
        named(key): replace(node, id=named(key), parent=named(node.parent), attached_to=named(node.attached_to))
        for key, node in diagram.nodes.items()
    }  # fmt: skip
    flows = tuple(
        replace(
            one,
            id=named(one.id),
            source=named(one.source),
            target=named(one.target),
            parent=named(one.parent),
        )
        for one in diagram.flows
    )
    return replace(diagram, nodes=nodes, flows=flows)


def lies_well(pool: Pool, picture: Picture) -> None:
    boxes = picture.shapes

    def walk(lanes: tuple[Lane, ...], around: Box) -> None:
        for lane in lanes:
            assert inside(around, boxes[lane.id])
            for key in lane.nodes:
                on = pool.diagram.nodes[key].attached_to if pool.diagram else ""
                if not lane.inside and not on:
                    assert inside(boxes[lane.id], boxes[key]), (lane.id, key)
            walk(lane.inside, boxes[lane.id])
        for one, other in combinations(lanes, 2):
            assert apart(boxes[one.id], boxes[other.id])

    walk(pool.lanes, boxes[pool.id])
    for key, lanes in pool.inner.items():
        walk(lanes, boxes[key])
        assert {one.id for one in every(lanes)} <= picture.across
    if pool.diagram is not None:
        assert all(inside(boxes[pool.id], boxes[key]) for key in pool.diagram.nodes)
        assert all(
            boxes[pool.id][1] <= y <= boxes[pool.id][1] + boxes[pool.id][3]
            for one in pool.diagram.flows for _x, y in picture.edges[one.id]
        )  # fmt: skip


@given(pools())
@settings(max_examples=150, deadline=None)
def test_every_step_lies_in_its_lane_every_lane_in_its_pool_and_nothing_overlaps(told: Pools) -> None:
    picture = pooled(told)
    for pool in told.pools:
        lies_well(pool, picture)
        nodes = (
            []
            if pool.diagram is None
            else [one.id for one in pool.diagram.inside() if one.kind != "boundaryEvent"]
        )
        for one, other in combinations(nodes, 2):
            assert apart(picture.shapes[one], picture.shapes[other])
        for key in pool.inner:
            there = [one.id for one in pool.diagram.inside(key) if one.kind != "boundaryEvent"]
            assert all(inside(picture.shapes[key], picture.shapes[one]) for one in there)
            for one, other in combinations(there, 2):
                assert apart(picture.shapes[one], picture.shapes[other])
    for one, other in combinations(told.pools, 2):
        assert apart(picture.shapes[one.id], picture.shapes[other.id])


@given(pools())
@settings(max_examples=100, deadline=None)
def test_arrows_between_lanes_run_through_no_step_and_lead_from_border_to_border(told: Pools) -> None:
    picture = pooled(told)
    for pool in told.pools:
        for one in pool.diagram.flows if pool.diagram is not None else ():
            points, nodes = picture.edges[one.id], pool.diagram.nodes  # type: ignore[union-attr]  # it was looked at above
            assert on_border(picture.shapes[one.source], points[0]) and on_border(
                picture.shapes[one.target], points[-1]
            )
            if nodes[one.target].kind == "boundaryEvent":
                continue
            near = {one.source, one.target, nodes[one.source].attached_to, nodes[one.target].attached_to}
            for key, node in nodes.items():
                if key not in near and node.parent == one.parent and node.kind != "boundaryEvent":
                    assert not any(crossed(picture.shapes[key], a, b) for a, b in pairwise(points))


def lane(key: str, *nodes: str, inside: str = "") -> str:
    refs = "".join(f"<flowNodeRef>{one}</flowNodeRef>" for one in nodes)
    return f'<lane id="{key}" name="{key}">{refs}{inside}</lane>'


CUSTOMER = (
    '<process id="theirs"><startEvent id="asks"/><task id="waits"/><endEvent id="glad"/>'
    + chain("asks", "waits", "glad")
    + "</process>"
)
TOLD = (
    '<collaboration id="c"><participant id="firm" name="We" processRef="p"/><participant id="them" processRef="theirs"/>'
    '<participant id="bank" name="Bank"/><messageFlow id="m1" sourceRef="b" targetRef="waits"/>'
    '<messageFlow id="m2" sourceRef="bank" targetRef="a"/></collaboration>'
)
LANES = "<laneSet id='ls'>" + lane("sales", "start", "a") + lane(
    "service", "b", "c", "end", inside="<childLaneSet id='cs'>" + lane("first", "b") + lane("second", "c", "end") + "</childLaneSet>"
) + "</laneSet>"  # fmt: skip
STEPS = (
    START,
    user("a"),
    user("b"),
    user("c"),
    END,
    chain("start", "a", "b", "c", "end"),
    flow("c", "a", key="back"),
)


def test_a_file_with_pools_is_the_same_but_for_its_picture() -> None:
    xml = drawn("p", LANES, *STEPS, more=CUSTOMER + TOLD)
    done = with_picture(xml)
    before, after = read_diagram(xml), read_diagram(done)
    bare = {key: replace(node, at=None) for key, node in after.nodes.items()}
    assert replace(after, nodes=bare, has_picture=False) == before
    root = root_of(done)
    space = {"di": "http://www.omg.org/spec/BPMN/20100524/DI"}
    assert root.find(".//di:BPMNPlane", space).get("bpmnElement") == "c"
    across = {
        one.get("bpmnElement") for one in root.iterfind(".//di:BPMNShape", space) if one.get("isHorizontal")
    }
    assert across == {"firm", "them", "bank", "sales", "service", "first", "second"}
    shown = {one.get("bpmnElement") for one in root.iterfind(".//di:BPMNShape", space)}
    assert shown >= {"start", "a", "b", "c", "end", "asks", "waits", "glad"}
    assert {"m1", "m2", "back", "asks_waits"} <= points_of(done).keys()
    assert with_picture(done) == done
    found = pools_of(root_of(xml), before)
    assert found is not None
    lies_well(found.pools[0], pooled(found))


@pytest.mark.parametrize(
    "more", ["", '<collaboration id="c"><participant id="q" processRef="elsewhere"/></collaboration>']
)
def test_lanes_without_a_pool_around_them_get_shapes(more: str) -> None:
    done = with_picture(drawn("p", LANES, *STEPS, more=more))
    for key in ("sales", "service", "first", "second"):
        assert f'bpmnElement="{key}" isHorizontal="true"' in done
    assert read_diagram(done).nodes["b"].work.role == "sales"


SUB = (
    '<subProcess id="sub">' + "<laneSet id='is'>" + lane("legal", "in", "x") + lane("money", "y", "out") + "</laneSet>"
    + '<startEvent id="in"/>' + user("x") + user("y") + '<endEvent id="out"/>' + chain("in", "x", "y", "out") + "</subProcess>"
)  # fmt: skip


@pytest.mark.parametrize("around", ["", LANES.replace("<flowNodeRef>a<", "<flowNodeRef>sub<")])
def test_lanes_of_a_sub_process_get_shapes_in_it(around: str) -> None:
    steps = (START, SUB, user("b"), user("c"), END, chain("start", "sub", "b", "c", "end"))
    xml = drawn("p", around, *steps)
    done = with_picture(xml)
    assert 'bpmnElement="legal" isHorizontal="true"' in done
    assert 'bpmnElement="money" isHorizontal="true"' in done
    found = pools_of(root_of(xml), read_diagram(xml))
    assert found is not None
    picture = pooled(found)
    for key, steps_of in (("legal", ("in", "x")), ("money", ("y", "out"))):
        assert inside(picture.shapes["sub"], picture.shapes[key])
        assert all(inside(picture.shapes[key], picture.shapes[one]) for one in steps_of)
        assert (
            picture.shapes["sub"][0] + picture.shapes["sub"][2]
            == picture.shapes[key][0] + picture.shapes[key][2]
        )
    assert apart(picture.shapes["legal"], picture.shapes["money"])
    assert read_diagram(done).nodes["x"].lane == "legal" and with_picture(done) == done


def test_two_pools_of_one_process_and_a_ring_of_lanes_do_no_harm() -> None:
    twice = '<collaboration id="c"><participant id="x" processRef="p"/><participant id="y" processRef="p"/></collaboration>'
    done = with_picture(drawn("p", LANES, *STEPS, more=twice))
    assert done.count('bpmnElement="a"') == 1 and 'bpmnElement="y"' in done
    deep = (
        "".join(f"<childLaneSet id='s{n}'><lane id='l{n}'>" for n in range(40))
        + "</lane></childLaneSet>" * 40
    )
    assert 'bpmnElement="l3"' in with_picture(
        drawn("p", f"<laneSet id='ls'><lane id='top'>{deep}</lane></laneSet>", *STEPS)
    )
    many = "".join(f"<lane id='l{n}'/>" for n in range(600))
    assert 'bpmnElement="l3"' not in with_picture(drawn("p", f"<laneSet id='ls'>{many}</laneSet>", *STEPS))
