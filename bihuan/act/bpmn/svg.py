"""A diagram as a still picture (SVG), for paper: drawn from the positions in its file, cut into strips that fit a page."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bihuan.act.bpmn import diagram as d
from bihuan.act.bpmn.layout import Box, Point
from bihuan.act.bpmn.pictured import points_of
from bihuan.act.bpmn.reading import read_diagram

#: A strip is so wide; the next one begins before what it cuts, else so much before it ends.
STRIP, AGAIN, ROUND = 960.0, 60.0, 24.0
#: A picture that is wider than so many strips stands in one.
MOST_STRIPS = 200
LINE, LATIN, CHINESE = 14.0, 6.3, 12.0
SIGNS = {"parallelGateway": "+", "exclusiveGateway": "×", "inclusiveGateway": "○", "eventBasedGateway": "⬠"}
EVENT_SIGNS = {
    "timer": "◷", "message": "✉", "signal": "△", "error": "↯", "escalation": "▲", "terminate": "●",
}  # fmt: skip
KIND_SIGNS = {
    "serviceTask": "⚙",
    "businessRuleTask": "▦",
    "callActivity": "⊞",
    "sendTask": "➤",
    "receiveTask": "✉",
}


@dataclass(frozen=True, kw_only=True)
class Still:
    """`inside` is SVG without its frame; `strips` the (x, y, width, height) that are shown one below the other."""

    inside: str
    strips: Sequence[Box]


def still(text: str, *, language: str) -> Still:
    """The picture of a file that has one, its names in a language. DiagramRefused is as of `read_diagram`."""
    diagram, points = read_diagram(text), points_of(text)
    boxes = {key: node.at for key, node in diagram.nodes.items() if node.at is not None}
    order = sorted(
        boxes,
        key=lambda key: (diagram.nodes[key].kind != "subProcess", diagram.nodes[key].kind == "boundaryEvent"),
    )
    parts = [
        *_arrows(diagram, points, language),
        *(_shape(diagram.nodes[key], boxes[key], language) for key in order),
    ]
    return Still(inside=MARKER + "".join(parts), strips=_strips(boxes, points))


MARKER = (
    '<defs><marker id="bh-tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 1L10 5L0 9z" fill="#222"/></marker></defs>'
)


def _strips(boxes: Mapping[str, Box], points: Mapping[str, Sequence[Point]]) -> list[Box]:
    spots = [spot for line in points.values() for spot in line]
    spots += [
        (x + w * right, y + h * low) for x, y, w, h in boxes.values() for right in (0, 1) for low in (0, 1)
    ]
    if not spots:
        return []
    left, right = min(x for x, _y in spots) - ROUND, max(x for x, _y in spots) + ROUND
    top, bottom = min(y for _x, y in spots) - ROUND, max(y for _x, y in spots) + ROUND + 2 * LINE
    if right - left > STRIP * MOST_STRIPS:
        return [(left, top, right - left, bottom - top)]
    found: list[Box] = []
    while True:
        found.append((left, top, min(STRIP, right - left) if not found else STRIP, bottom - top))
        if left + STRIP >= right:
            return found
        cut = [x for x, _y, w, _h in boxes.values() if x < left + STRIP < x + w + ROUND and w < STRIP / 2]
        left = min(cut, default=left + STRIP - AGAIN + ROUND) - ROUND


def _arrows(diagram: d.Diagram, points: Mapping[str, Sequence[Point]], language: str) -> Iterator[str]:
    for flow in diagram.flows:
        line = points.get(flow.id, ())
        if len(line) < 2:
            continue
        path = " ".join(f"{x:g},{y:g}" for x, y in line)
        yield f'<polyline points="{path}" fill="none" stroke="#222" stroke-width="1.2" marker-end="url(#bh-tip)"/>'
        source = diagram.nodes.get(flow.source)
        if source is not None and source.default == flow.id:
            x, y = line[0]
            x += 10 if line[1][0] > x else -10 if line[1][0] < x else 0
            y += 10 if line[1][1] > line[0][1] else -10 if line[1][1] < line[0][1] else 0
            yield f'<path d="M{x - 4:g} {y - 4:g}L{x + 4:g} {y + 4:g}" stroke="#222" stroke-width="1.2"/>'
        name = flow.name.said(language)
        if name:
            (ax, ay), (bx, by) = line[0], line[1]
            yield _text([name], (ax + bx) / 2, (ay + by) / 2 - 6)


def _shape(node: d.Node, box: Box, language: str) -> str:
    x, y, w, h = box
    cx, cy, name = x + w / 2, y + h / 2, node.name.said(language)
    if node.kind in d.GATEWAYS:
        corners = f"{cx:g},{y:g} {x + w:g},{cy:g} {cx:g},{y + h:g} {x:g},{cy:g}"
        sign = _text([SIGNS[node.kind]], cx, cy + 7, size=22)
        return f'<polygon points="{corners}" {PEN}/>{sign}' + _text(wrapped(name, 130), cx, y - 6, up=True)
    if node.kind in d.EVENTS:
        heavy = ' stroke-width="3"' if node.kind == "endEvent" else ' stroke-width="1.4"'
        rings = f'<circle cx="{cx:g}" cy="{cy:g}" r="{w / 2:g}" fill="#fff" stroke="#222"{heavy}/>'
        if node.kind not in ("startEvent", "endEvent"):
            dash = "" if node.interrupts else ' stroke-dasharray="4 3"'
            rings += (
                f'<circle cx="{cx:g}" cy="{cy:g}" r="{max(w / 2 - 3, 1):g}" fill="none" stroke="#222"{dash}/>'
            )
        sign = _text([EVENT_SIGNS.get(node.event, "")], cx, cy + 5, size=15) if node.event else ""
        return rings + sign + _text(wrapped(name, 110), cx, y + h + LINE)
    if node.kind == "subProcess":
        frame = (
            f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="8" fill="#fafafa" stroke="#222"/>'
        )
        return frame + _text([name], cx, y + LINE + 2)
    frame = f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="8" {PEN}/>'
    lines = wrapped(name or node.id, w - 10, most=max(1, int((h - 6) / LINE)))
    corner = KIND_SIGNS.get(node.kind, "")
    sign = f'<text x="{x + 6:g}" y="{y + 14:g}" font-size="12">{corner}</text>' if corner else ""
    return frame + sign + _text(lines, cx, cy + LINE * (1 - len(lines)) / 2 + 4)


PEN = 'fill="#fff" stroke="#222" stroke-width="1.4"'


def _text(lines: Sequence[str], x: float, y: float, *, size: int = 12, up: bool = False) -> str:
    first = y - LINE * (len(lines) - 1) if up else y
    return "".join(
        f'<text x="{x:g}" y="{first + LINE * number:g}" text-anchor="middle" font-size="{size}">{escape(line)}</text>'
        for number, line in enumerate(lines) if line
    )  # fmt: skip


def wrapped(text: str, width: float, *, most: int = 4) -> list[str]:
    """The text in lines of about this width, Latin words whole, Chinese anywhere; what does not fit ends in an ellipsis."""
    lines, line, used = [], "", 0.0
    for piece in _pieces(" ".join(text.split())):
        size = sum(_wide(sign) for sign in piece)
        if line.strip() and used + size > width:
            lines.append(line.strip())
            line, used = "", 0.0
        line += piece
        used += size
    if line.strip():
        lines.append(line.strip())
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][:-1] + "…"]


def _pieces(text: str) -> Iterator[str]:
    word = ""
    for sign in text:
        if _wide(sign) == CHINESE or sign == " ":
            if word:
                yield word
            word = ""
            yield sign
        else:
            word += sign
    if word:
        yield word


def _wide(sign: str) -> float:
    return CHINESE if unicodedata.east_asian_width(sign) in "WF" else LATIN


def framed(still_: Still, *, title: str) -> list[str]:
    """An <svg> for each strip; the first one holds the drawing, the others look at it."""
    found = []
    for number, (x, y, w, h) in enumerate(still_.strips):
        inside = f'<g id="bh-drawing">{still_.inside}</g>' if number == 0 else '<use href="#bh-drawing"/>'
        found.append(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{x:g} {y:g} {w:g} {h:g}" role="img" '
            f'aria-label={quoteattr(title)} class="still">{inside}</svg>'
        )
    return found
