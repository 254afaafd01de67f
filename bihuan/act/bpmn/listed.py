"""A process as a plain list of steps, for those who do not want to draw: it becomes BPMN with a picture.

A step goes on to the next one of the list unless `ways` say otherwise: each with a rule (`when`) and where it leads (`to`, the
id of a step, or `end`, its name); the way without a rule is taken when no other fits. The picture is one row from left to
right; ways that skip are drawn above, ways back below, ends in a row underneath.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bihuan.act.bpmn.diagram import Field, Words, Work

WIDTH, HEIGHT, GAP, ROW = 120, 80, 60, 200
NOTHING, NOBODY = Words(), Work()


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where it goes on: to a step by id, or to an end by name."""

    to: str = ""
    end: Words = NOTHING
    when: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One step. `kind`: user, decision (a table is asked), automatic, wait (a span), message (its name)."""

    id: str
    name: Words
    kind: str = "user"
    text: Words = NOTHING
    work: Work = NOBODY
    fields: tuple[Field, ...] = ()
    checks: tuple[tuple[Words, bool], ...] = ()
    table: str = ""
    step: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    wait: str = ""
    message: str = ""
    correlate: str = ""
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A process: what its start asks, and its steps in order."""

    key: str
    name: Words
    text: Words
    start: tuple[Field, ...]
    rows: tuple[Row, ...]


class ListError(ValueError):
    """A list that cannot become a process; the message names the step and the remedy."""


def to_bpmn(listed: Listed) -> str:
    """The BPMN file, with its picture. ListError for a way that leads nowhere, and for a list without steps."""
    return _Writer(listed).written()


class _Writer:
    def __init__(self, listed: Listed) -> None:
        if not listed.rows:
            raise ListError("a process needs at least one step")
        self.listed = listed
        self.ids = {row.id: number for number, row in enumerate(listed.rows)}
        if len(self.ids) != len(listed.rows):
            raise ListError("two steps have the same id")
        self.flows: list[tuple[str, str, str]] = []
        self.defaults: dict[str, str] = {}
        self.ends: dict[Words, str] = {}
        self.places: dict[str, tuple[float, float, float, float]] = {}
        self.messages: dict[str, str] = {}

    def written(self) -> str:
        x = 100.0
        self.places["start"] = (x, ROW + 22, 36, 36)
        x += 36 + GAP
        self._flow("start", self.listed.rows[0].id)
        nodes = [self._node("startEvent", "start", Words(), inside=_form(self.listed.start))]
        for number, row in enumerate(self.listed.rows):
            x = self._place(row, x)
            nodes.append(self._row(row))
            nodes += self._ways(row, number)
        for place, (name, key) in enumerate(self.ends.items()):
            source = next(self.places[a] for a, b, _when in self.flows if b == key)
            self.places[key] = (source[0] + source[2] / 2 - 18, ROW + 190 + 70 * (place % 3), 36, 36)
            nodes.append(self._node("endEvent", key, name))
        messages = "".join(
            f"<message id={quoteattr(key)} name={quoteattr(name)}/>\n" for name, key in self.messages.items()
        )
        about = f" x:zh={quoteattr(self.listed.name.zh)}" if self.listed.name.zh else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:x="urn:bihuan:bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
            'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id="definitions" targetNamespace="urn:bihuan">\n'
            f"<process id={quoteattr(self.listed.key)} name={quoteattr(self.listed.name.text)}{about} "
            f'isExecutable="true">\n{_documented(self.listed.text)}' + "\n".join(nodes) + "\n" + "\n".join(self._arrows())
            + f"\n</process>\n{messages}{self._picture()}</definitions>\n"
        )  # fmt: skip

    def _place(self, row: Row, x: float) -> float:
        small = row.kind in ("wait", "message")
        self.places[row.id] = (x, ROW + 22, 36, 36) if small else (x, ROW, WIDTH, HEIGHT)
        x += (36 if small else WIDTH) + GAP
        if len(row.ways) > 1:
            self.places[f"{row.id}_way"] = (x, ROW + 15, 50, 50)
            x += 50 + GAP
        return x

    def _ways(self, row: Row, number: int) -> Iterator[str]:
        following = self.listed.rows[number + 1].id if number + 1 < len(self.listed.rows) else ""
        ways = row.ways or ((Way(to=following),) if following else (Way(end=Words(text="Done", zh="完成")),))
        source = row.id
        if len(ways) > 1:
            source = f"{row.id}_way"
            self._flow(row.id, source)
        for way in ways:
            target = way.to or self._end(way.end)
            if way.to and way.to not in self.ids:
                raise ListError(f"{row.id}: there is no step {way.to!r}")
            key = self._flow(source, target, way.when)
            if len(ways) > 1 and not way.when:
                self.defaults[source] = key
        if len(ways) > 1:
            yield self._node("exclusiveGateway", source, Words(), default=self.defaults.get(source, ""))

    def _end(self, name: Words) -> str:
        return self.ends.setdefault(name, f"end_{len(self.ends) + 1}")

    def _flow(self, source: str, target: str, when: str = "") -> str:
        self.flows.append((source, target, when))
        return f"flow_{len(self.flows)}"

    def _row(self, row: Row) -> str:
        inside = _documented(row.text)
        if row.kind == "user":
            return self._node(
                "userTask",
                row.id,
                row.name,
                inside=inside + _extension(_work(row.work) + _fields(row) + _checks(row)),
            )
        if row.kind == "decision":
            return self._node(
                "businessRuleTask",
                row.id,
                row.name,
                inside=inside + _extension(f"<x:decision table={quoteattr(row.table)}/>"),
            )
        if row.kind == "automatic":
            given = "".join(
                f"<x:input name={quoteattr(name)} value={quoteattr(text)}/>"
                for name, text in row.inputs.items()
            )
            step = f"<x:step name={quoteattr(row.step)}>{given}</x:step>"
            return self._node("serviceTask", row.id, row.name, inside=inside + _extension(step))
        if row.kind == "wait":
            span = f"<timeDuration>{escape(row.wait)}</timeDuration>"
            span = f'<timerEventDefinition x:calendar="wall">{span}</timerEventDefinition>'
            return self._node("intermediateCatchEvent", row.id, row.name, inside=inside + span)
        if row.kind == "message":
            key = self.messages.setdefault(row.message, f"message_{len(self.messages) + 1}")
            told = f"<messageEventDefinition messageRef={quoteattr(key)} x:correlate={quoteattr(row.correlate)}/>"
            return self._node("intermediateCatchEvent", row.id, row.name, inside=inside + told)
        raise ListError(f"{row.id}: the kind {row.kind!r} is not known")

    @staticmethod
    def _node(kind: str, key: str, name: Words, *, inside: str = "", default: str = "") -> str:
        more = "".join(
            f" {attribute}={quoteattr(value)}"
            for attribute, value in (("name", name.text), ("x:zh", name.zh), ("default", default)) if value
        )  # fmt: skip
        return (
            f"<{kind} id={quoteattr(key)}{more}>{inside}</{kind}>"
            if inside
            else f"<{kind} id={quoteattr(key)}{more}/>"
        )

    def _arrows(self) -> Iterator[str]:
        for number, (source, target, when) in enumerate(self.flows, 1):
            rule = (
                f'<conditionExpression xsi:type="tFormalExpression">{escape(when)}</conditionExpression>'
                if when
                else ""
            )
            ends = f"sourceRef={quoteattr(source)} targetRef={quoteattr(target)}"
            yield f'<sequenceFlow id="flow_{number}" {ends}>{rule}</sequenceFlow>'

    def _picture(self) -> str:
        shapes = "".join(
            f"<bpmndi:BPMNShape id={quoteattr(f'{key}_shape')} bpmnElement={quoteattr(key)}>"
            f'<dc:Bounds x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"/></bpmndi:BPMNShape>\n'
            for key, (x, y, w, h) in self.places.items()
        )
        edges = "".join(
            f'<bpmndi:BPMNEdge id="flow_{number}_edge" bpmnElement="flow_{number}">'
            + "".join(f'<di:waypoint x="{x:g}" y="{y:g}"/>' for x, y in self._line(source, target, number))
            + "</bpmndi:BPMNEdge>\n"
            for number, (source, target, _when) in enumerate(self.flows, 1)
        )
        plane = f'<bpmndi:BPMNPlane id="plane" bpmnElement={quoteattr(self.listed.key)}>\n{shapes}{edges}</bpmndi:BPMNPlane>'
        return f'<bpmndi:BPMNDiagram id="diagram">\n{plane}\n</bpmndi:BPMNDiagram>\n'

    def _line(self, source: str, target: str, number: int) -> list[tuple[float, float]]:
        ax, ay, aw, ah = self.places[source]
        bx, by, bw, bh = self.places[target]
        middle = ay + ah / 2
        if target.startswith("end_") and target in self.ends.values():
            return [
                (ax + aw / 2, ay + ah),
                (ax + aw / 2, by + bh / 2),
                (bx if ax + aw / 2 < bx else bx + bw, by + bh / 2),
            ]
        if 0 < bx - ax - aw <= GAP + 1:
            return [(ax + aw, middle), (bx, by + bh / 2)]
        if bx > ax:
            high = ROW - 40 - 12 * (number % 6)
            return [(ax + aw / 2, ay), (ax + aw / 2, high), (bx + bw / 2, high), (bx + bw / 2, by)]
        low = ROW + HEIGHT + 30 + 12 * (number % 6)
        return [(ax + aw / 2, ay + ah), (ax + aw / 2, low), (bx + bw / 2, low), (bx + bw / 2, by + bh)]


def _documented(text: Words) -> str:
    zh = f" x:zh={quoteattr(text.zh)}" if text.zh else ""
    return f"<documentation{zh}>{escape(text.text)}</documentation>" if text else ""


def _extension(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>" if inside else ""


def _work(work: Work) -> str:
    said = {
        "role": work.role, "assign": work.assign, "limit": work.limit, "calendar": work.calendar, "remind": work.remind,
        "escalateTo": work.escalate_to, "escalateAfter": work.escalate_after, "approval": work.approval,
        "approvers": ", ".join(work.approvers), "inOrder": "true" if work.in_order else "",
        "signature": "true" if work.signature else "", "gate": work.gate,
    }  # fmt: skip
    return "<x:work" + "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value) + "/>"


def _form(fields: Sequence[Field]) -> str:
    return _extension(_listed_fields(fields))


def _fields(row: Row) -> str:
    return _listed_fields(row.fields)


def _listed_fields(fields: Sequence[Field]) -> str:
    found = []
    for one in fields:
        said: dict[str, Any] = {
            "name": one.name, "title": one.title.text, "zh": one.title.zh, "kind": one.kind,
            "required": "true" if one.required else "", "least": one.least, "most": one.most, "default": one.default,
            "help": one.help.text, "helpZh": one.help.zh,
        }  # fmt: skip
        choices = "".join(
            f"<x:choice value={quoteattr(c.value)} title={quoteattr(c.title.text)} zh={quoteattr(c.title.zh)}/>"
            for c in one.choices
        )
        attributes = "".join(f" {name}={quoteattr(str(value))}" for name, value in said.items() if value)
        found.append(f"<x:field{attributes}>{choices}</x:field>")
    return f"<x:form>{''.join(found)}</x:form>" if found else ""


def _checks(row: Row) -> str:
    lines = "".join(
        f"<x:check title={quoteattr(words.text)} zh={quoteattr(words.zh)} required={quoteattr(str(needed).lower())}/>"
        for words, needed in row.checks
    )
    return f"<x:checklist>{lines}</x:checklist>" if lines else ""
