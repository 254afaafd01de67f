"""A BPMN file with its picture: one that has none is laid out, its other content left as it is."""

from lxml import etree

from bihuan.act.bpmn.layout import Picture, laid_out
from bihuan.act.bpmn.pools import pooled, pools_of
from bihuan.act.bpmn.reading import NS, DiagramRefused, number_in, read_diagram, root_of

OF_PICTURES = {
    "bpmndi": NS["di"], "omgdc": NS["dc"], "omgdi": "http://www.omg.org/spec/DD/20100524/DI",
}  # fmt: skip


def with_picture(text: str | bytes) -> str:
    """The file as text; with a picture of every pool, lane, node and arrow where it had none, unless no file may be as large as
    that. DiagramRefused is as of `read_diagram`."""
    diagram = read_diagram(text)
    root = root_of(text)
    if diagram.has_picture:
        return text if isinstance(text, str) else etree.tostring(root, encoding="unicode")
    for old in root.findall("di:BPMNDiagram", NS):
        root.remove(old)
    pools = pools_of(root, diagram)
    picture = laid_out(diagram) if pools is None else pooled(pools)
    drawn_in = [diagram] if pools is None else [one.diagram for one in pools.pools if one.diagram is not None]
    opened = {key for one in drawn_in for key, node in one.nodes.items() if node.kind == "subProcess"}
    _draw(root, (pools.id if pools is not None else "") or diagram.id, picture, opened)
    drawn = '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode")
    try:
        root_of(drawn)
    except DiagramRefused:
        return text if isinstance(text, str) else etree.tostring(root_of(text), encoding="unicode")
    return drawn


def _draw(root: etree._Element, whole: str, picture: Picture, opened: set[str]) -> None:
    taken = {element.get("id") for element in root.iter() if isinstance(element.tag, str)}

    def free(wanted: str) -> str:
        while wanted in taken:
            wanted += "_"
        taken.add(wanted)
        return wanted

    def part(parent: etree._Element, space: str, name: str, **said: str) -> etree._Element:
        return etree.SubElement(parent, f"{{{OF_PICTURES[space]}}}{name}", said, nsmap=OF_PICTURES)  # type: ignore[arg-type]

    plane = part(
        part(root, "bpmndi", "BPMNDiagram", id=free("diagram")),
        "bpmndi",
        "BPMNPlane",
        id=free("plane"),
        bpmnElement=whole,
    )
    for key, (x, y, width, height) in picture.shapes.items():
        more = (
            {"isExpanded": "true"}
            if key in opened
            else {"isHorizontal": "true"}
            if key in picture.across
            else {}
        )
        shape = part(plane, "bpmndi", "BPMNShape", id=free(f"{key}_shape"), bpmnElement=key, **more)
        part(shape, "omgdc", "Bounds", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}")
    for key, points in picture.edges.items():
        edge = part(plane, "bpmndi", "BPMNEdge", id=free(f"{key}_edge"), bpmnElement=key)
        for x, y in points:
            part(edge, "omgdi", "waypoint", x=f"{x:g}", y=f"{y:g}")


def points_of(text: str | bytes) -> dict[str, list[tuple[float, float]]]:
    """The points of each arrow in the picture of a file; arrows without any are left out."""
    found: dict[str, list[tuple[float, float]]] = {}
    space = {**NS, "line": OF_PICTURES["omgdi"]}
    for edge in root_of(text).iterfind(".//di:BPMNEdge", space):
        try:
            points = [
                (number_in(one, "x"), number_in(one, "y")) for one in edge.iterfind("line:waypoint", space)
            ]
        except ValueError:
            continue
        if points:
            found[edge.get("bpmnElement", "")] = points
    return found
