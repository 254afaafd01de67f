"""A diagram without a picture gets one: nothing overlaps, every arrow leads from border to border, files are read as before."""

from dataclasses import replace
from itertools import pairwise

import pytest
from drawings import END, START, chain, drawn, flow, timer, user
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.act.bpmn import Diagram, Flow, Node, Words, read_diagram
from bihuan.act.bpmn.layout import Box, laid_out
from bihuan.act.bpmn.pictured import with_picture

KINDS = [
    "userTask",
    "exclusiveGateway",
    "intermediateCatchEvent",
    "endEvent",
    "subProcess",
    "parallelGateway",
]


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Any nodes, some in sub-processes, some on steps, with any arrows between those of the same scope."""
    nodes: dict[str, Node] = {"start": Node(id="start", kind="startEvent")}
    for number in range(draw(st.integers(1, 12))):
        kind, scopes = (
            draw(st.sampled_from(KINDS)),
            ["", *(one.id for one in nodes.values() if one.kind == "subProcess")],
        )
        node = Node(id=f"n{number}", kind=kind, parent=draw(st.sampled_from(scopes)))
        nodes[node.id] = node
        if kind in ("userTask", "subProcess"):
            for event in range(draw(st.integers(0, 4))):
                on = Node(
                    id=f"n{number}e{event}", kind="boundaryEvent", parent=node.parent, attached_to=node.id
                )
                nodes[on.id] = on
    flows = []
    for number in range(draw(st.integers(0, 20))):
        source = nodes[draw(st.sampled_from(sorted(nodes)))]
        others = sorted(key for key, one in nodes.items() if one.parent == source.parent)
        target = draw(st.sampled_from(others))
        flows.append(Flow(id=f"f{number}", source=source.id, target=target, parent=source.parent))
    return Diagram(id="p", name=Words(), text=Words(), nodes=nodes, flows=tuple(flows), has_picture=False)


def inside(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0] and outer[1] <= inner[1]
        and inner[0] + inner[2] <= outer[0] + outer[2] and inner[1] + inner[3] <= outer[1] + outer[3]
    )  # fmt: skip


def apart(one: Box, other: Box) -> bool:
    return (
        one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
        or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]
    )  # fmt: skip


def on_border(box: Box, point: tuple[float, float]) -> bool:
    x, y, (left, top, width, height) = *point, box
    beside = abs(x - left) < 0.01 or abs(x - left - width) < 0.01
    across = abs(y - top) < 0.01 or abs(y - top - height) < 0.01
    return (beside and top - 0.01 <= y <= top + height + 0.01) or (
        across and left - 0.01 <= x <= left + width + 0.01
    )


def parents(diagram: Diagram, key: str) -> set[str]:
    found, here = set(), diagram.nodes[key].parent
    while here:
        found.add(here)
        here = diagram.nodes[here].parent
    return found


def crossed(box: Box, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether a line that is level or upright runs through the inside of a box."""
    low, high = (min(one[0], other[0]), min(one[1], other[1])), (max(one[0], other[0]), max(one[1], other[1]))
    return (
        low[0] < box[0] + box[2] - 0.01 and high[0] > box[0] + 0.01
        and low[1] < box[1] + box[3] - 0.01 and high[1] > box[1] + 0.01
    )  # fmt: skip


@given(diagrams())
@settings(max_examples=300, deadline=None)
def test_nothing_overlaps_and_arrows_lead_from_border_to_border(diagram: Diagram) -> None:
    picture = laid_out(diagram)
    assert picture.shapes.keys() == diagram.nodes.keys()
    assert picture.edges.keys() == {one.id for one in diagram.flows}
    keys = sorted(picture.shapes)
    for number, one in enumerate(keys):
        for other in keys[number + 1 :]:
            a, b = picture.shapes[one], picture.shapes[other]
            if one in parents(diagram, other):
                assert inside(a, b)
            elif other in parents(diagram, one):
                assert inside(b, a)
            elif one not in (
                diagram.nodes[other].attached_to,
                *(diagram.nodes[p].attached_to for p in parents(diagram, other)),
            ) and (
                other
                not in (
                    diagram.nodes[one].attached_to,
                    *(diagram.nodes[p].attached_to for p in parents(diagram, one)),
                )
            ):
                assert apart(a, b), (one, other)
    for one in diagram.nodes.values():
        if one.attached_to:
            event, host = picture.shapes[one.id], picture.shapes[one.attached_to]
            assert event[1] + event[3] / 2 == pytest.approx(host[1] + host[3])
            assert host[0] <= event[0] and event[0] + event[2] <= host[0] + host[2]
    for flow_ in diagram.flows:
        points = picture.edges[flow_.id]
        assert len(points) > 1
        assert on_border(picture.shapes[flow_.source], points[0])
        assert on_border(picture.shapes[flow_.target], points[-1])
        assert all(a[0] == pytest.approx(b[0]) or a[1] == pytest.approx(b[1]) for a, b in pairwise(points))


@given(diagrams())
@settings(max_examples=150, deadline=None)
def test_an_arrow_runs_through_no_step_that_it_does_not_touch(diagram: Diagram) -> None:
    picture = laid_out(diagram)
    led = [
        one for one in diagram.flows if diagram.nodes[one.target].kind != "boundaryEvent"
    ]  # BPMN has no other
    for one in led:
        near = {
            one.source,
            one.target,
            diagram.nodes[one.source].attached_to,
            diagram.nodes[one.target].attached_to,
        }
        for key, box in picture.shapes.items():
            node = diagram.nodes[key]
            if key in near or node.parent != one.parent or node.kind == "boundaryEvent":
                continue
            assert not any(crossed(box, a, b) for a, b in pairwise(picture.edges[one.id])), (one.id, key)


def test_a_file_is_the_same_but_for_its_picture() -> None:
    xml = drawn("p", START, user("a"), timer("late", "a", "PT1H"), user("b"), END, chain("start", "a", "b", "end"),
                flow("late", "end"), flow("b", "a", key="back"))  # fmt: skip
    before, after = read_diagram(xml), read_diagram(with_picture(xml))
    assert not before.has_picture and after.has_picture
    assert all(node.at for node in after.nodes.values())
    bare = {key: replace(node, at=None) for key, node in after.nodes.items()}
    assert replace(after, nodes=bare, has_picture=False) == before
    assert with_picture(with_picture(xml)) == with_picture(xml)
    assert (
        with_picture(
            xml.encode("utf-16").replace(b"U\x00T\x00F\x00-\x008\x00", b"U\x00T\x00F\x00-\x001\x006\x00")
        ).count("BPMNEdge")
        > 0
    )
