"""From a list to a BPMN file with its picture: one row from left to right, ways that skip above, ways back and ends below."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from bihuan.act.bpmn.diagram import Check, Field, Timer, Words, Work
from bihuan.act.bpmn.listed import Listed, ListError, Row, Way, onward, plain

WIDTH, HEIGHT, GAP, ROW = 120, 80, 60, 200
#: Kinds that are drawn as events: small circles.
SMALL = ("wait", "message")
#: The elements of times by the kind of a timer.
TIMES: Mapping[str, str] = {"date": "timeDate", "duration": "timeDuration", "cycle": "timeCycle"}


def to_bpmn(listed: Listed) -> str:
    """The BPMN file, with its picture. ListError for a list without steps, steps with the same id, a way that leads nowhere and
    an unknown kind."""
    return _Writer(plain(listed)).written()


class _Writer:
    def __init__(self, listed: Listed) -> None:
        if not listed.rows:
            raise ListError("list_empty")
        self.listed = listed
        self.ids = {row.id for row in listed.rows}
        if len(self.ids) != len(listed.rows):
            seen: set[str] = set()
            twice = next(row.id for row in listed.rows if row.id in seen or seen.add(row.id))  # type: ignore[func-returns-value]
            raise ListError("list_id_twice", element=twice)
        self.taken = {*self.ids, listed.key}
        self.start = self._free("start")
        self.flows: list[tuple[str, str, str, Way]] = []
        self.defaults: dict[str, str] = {}
        self.ends: dict[Words, str] = {}
        self.forks: dict[str, str] = {}
        self.places: dict[str, tuple[float, float, float, float]] = {}
        self.messages: dict[str, str] = {}

    def _free(self, wanted: str) -> str:
        """An id that no step has."""
        while wanted in self.taken:
            wanted += "_"
        self.taken.add(wanted)
        return wanted

    def written(self) -> str:
        x = 100.0
        self.places[self.start] = (x, ROW + 22, 36, 36)
        x += 36 + GAP
        self._flow(self.start, Way(to=self.listed.rows[0].id))
        nodes = [
            self._node(
                "startEvent",
                self.start,
                self.listed.begins,
                inside=_form(self.listed.start) + _timed(self.listed.timer),
            )
        ]
        for number, row in enumerate(self.listed.rows):
            x = self._place(row, x)
            nodes.append(self._row(row))
            nodes += self._ways(row, number)
        nodes += [self._placed_end(name, key) for name, key in self.ends.items()]
        messages = "".join(
            f"<message id={quoteattr(key)} name={quoteattr(name)}/>\n" for name, key in self.messages.items()
        )
        about = f" x:zh={quoteattr(self.listed.name.zh)}" if self.listed.name.zh else ""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            'xmlns:x="urn:bihuan:bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
            f'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" id={quoteattr(self._free("definitions"))} '
            'targetNamespace="urn:bihuan">\n'
            f"<process id={quoteattr(self.listed.key)} name={quoteattr(self.listed.name.text)}{about} "
            f'isExecutable="true">\n{_documented(self.listed.text)}' + "\n".join(nodes) + "\n" + "\n".join(self._arrows())
            + f"\n</process>\n{messages}{self._picture()}</definitions>\n"
        )  # fmt: skip

    def _place(self, row: Row, x: float) -> float:
        small = row.kind in SMALL
        self.places[row.id] = (x, ROW + 22, 36, 36) if small else (x, ROW, WIDTH, HEIGHT)
        x += (36 if small else WIDTH) + GAP
        if any(way.when for way in row.ways):
            self.forks[row.id] = self._free(f"{row.id}_way")
            self.places[self.forks[row.id]] = (x, ROW + 15, 50, 50)
            x += 50 + GAP
        return x

    def _placed_end(self, name: Words, key: str) -> str:
        """Under the first way that leads there; several of them one below the other."""
        source = next(self.places[a] for a, b, _key, _way in self.flows if b == key)
        x = source[0] + source[2] / 2 - 18
        above = sum(place[0] == x and place[1] > ROW + HEIGHT for place in self.places.values())
        self.places[key] = (x, ROW + 190 + 70 * above, 36, 36)
        return self._node("endEvent", key, name)

    def _ways(self, row: Row, number: int) -> Iterator[str]:
        ways = row.ways if any(not way.when for way in row.ways) else (*row.ways, onward(self.listed, number))
        source = self.forks.get(row.id, row.id)
        if source != row.id:
            self._flow(row.id, Way(to=source))
        for way in ways:
            if way.to and way.to not in self.ids:
                raise ListError("list_no_step", element=row.id, name=row.name.text or row.name.zh, to=way.to)
            key = self._flow(source, way)
            if source != row.id and not way.when:
                self.defaults[source] = key
        if source != row.id:
            yield self._node("exclusiveGateway", source, row.question, default=self.defaults.get(source, ""))

    def _flow(self, source: str, way: Way) -> str:
        key = self._free(f"flow_{len(self.flows) + 1}")
        target = way.to or self.ends.get(way.end)
        if target is None:
            target = self.ends[way.end] = self._free(f"end_{len(self.ends) + 1}")
        self.flows.append((source, target, key, way))
        return key

    def _row(self, row: Row) -> str:
        inside = _documented(row.text)
        if row.kind == "user":
            more = _extension(_work(row.work) + _listed_fields(row.fields) + _checks(row.checks))
            return self._node("userTask", row.id, row.name, inside=inside + more)
        if row.kind == "decision":
            into = f" into={quoteattr(row.into)}" if row.into else ""
            more = _extension(f"<x:decision table={quoteattr(row.table)}{into}/>")
            return self._node("businessRuleTask", row.id, row.name, inside=inside + more)
        if row.kind == "automatic":
            given = _pairs("input", row.inputs) + _pairs("output", row.outputs)
            more = _extension(f"<x:step name={quoteattr(row.step)}>{given}</x:step>")
            return self._node("serviceTask", row.id, row.name, inside=inside + more)
        if row.kind == "process":
            return self._node("callActivity", row.id, row.name, inside=inside, called=row.called)
        if row.kind == "wait":
            kind, text = ("date", row.until) if row.until else ("duration", row.wait)
            told = _timed(Timer(kind=kind, text=text, calendar=row.calendar))
            return self._node("intermediateCatchEvent", row.id, row.name, inside=inside + told)
        if row.kind == "message":
            key = self.messages.get(row.message)
            if key is None:
                key = self.messages[row.message] = self._free(f"message_{len(self.messages) + 1}")
            told = f"<messageEventDefinition messageRef={quoteattr(key)} x:correlate={quoteattr(row.correlate)}/>"
            return self._node("intermediateCatchEvent", row.id, row.name, inside=inside + told)
        raise ListError("list_kind", element=row.id, name=row.name.text or row.name.zh, kind=row.kind)

    @staticmethod
    def _node(
        kind: str, key: str, name: Words, *, inside: str = "", default: str = "", called: str = ""
    ) -> str:
        said = (("name", name.text), ("x:zh", name.zh), ("default", default), ("calledElement", called))
        more = "".join(f" {attribute}={quoteattr(value)}" for attribute, value in said if value)
        start = f"<{kind} id={quoteattr(key)}{more}"
        return f"{start}>{inside}</{kind}>" if inside else f"{start}/>"

    def _arrows(self) -> Iterator[str]:
        for source, target, key, way in self.flows:
            rule = (
                f'<conditionExpression xsi:type="tFormalExpression">{escape(way.when)}</conditionExpression>'
            )
            named = "".join(
                f" {attribute}={quoteattr(text)}"
                for attribute, text in (("name", way.name.text), ("x:zh", way.name.zh)) if text
            )  # fmt: skip
            ends = f"sourceRef={quoteattr(source)} targetRef={quoteattr(target)}"
            yield f"<sequenceFlow id={quoteattr(key)}{named} {ends}>{rule if way.when else ''}</sequenceFlow>"

    def _picture(self) -> str:
        shapes = "".join(
            f"<bpmndi:BPMNShape id={quoteattr(self._free(f'{key}_shape'))} bpmnElement={quoteattr(key)}>"
            f'<dc:Bounds x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"/></bpmndi:BPMNShape>\n'
            for key, (x, y, w, h) in self.places.items()
        )
        edges = "".join(
            f"<bpmndi:BPMNEdge id={quoteattr(self._free(f'{key}_edge'))} bpmnElement={quoteattr(key)}>"
            + "".join(f'<di:waypoint x="{x:g}" y="{y:g}"/>' for x, y in self._line(source, target, number))
            + "</bpmndi:BPMNEdge>\n"
            for number, (source, target, key, _way) in enumerate(self.flows, 1)
        )
        plane = (
            f"<bpmndi:BPMNPlane id={quoteattr(self._free('plane'))} bpmnElement={quoteattr(self.listed.key)}>"
        )
        return (
            f"<bpmndi:BPMNDiagram id={quoteattr(self._free('diagram'))}>\n{plane}\n{shapes}{edges}"
            "</bpmndi:BPMNPlane>\n</bpmndi:BPMNDiagram>\n"
        )

    def _line(self, source: str, target: str, number: int) -> list[tuple[float, float]]:
        ax, ay, aw, ah = self.places[source]
        bx, by, bw, bh = self.places[target]
        out, into, middle = ax + aw / 2, bx + bw / 2, ay + ah / 2
        if target in self.ends.values():
            if out == into and by <= ROW + 190:
                return [(out, ay + ah), (out, by)]
            if out == into:
                aside = out - 30
                return [
                    (out, ay + ah),
                    (out, ROW + 180),
                    (aside, ROW + 180),
                    (aside, by + bh / 2),
                    (bx, by + bh / 2),
                ]
            return [
                (out, ay + ah),
                (out, ROW + 170),
                (into + 40, ROW + 170),
                (into + 40, by + bh / 2),
                (bx + bw, by + bh / 2),
            ]
        if 0 < bx - ax - aw <= GAP + 1:
            return [(ax + aw, middle), (bx, by + bh / 2)]
        if bx > ax:
            high = ROW - 40 - 12 * (number % 6)
            return [(out, ay), (out, high), (into, high), (into, by)]
        low = ROW + HEIGHT + 30 + 12 * (number % 6)
        return [(out, ay + ah), (out, low), (into, low), (into, by + bh)]


def _timed(timer: Timer | None) -> str:
    """What a start or a wait waits for."""
    if timer is None:
        return ""
    tag = TIMES[timer.kind]
    told = f"<timerEventDefinition x:calendar={quoteattr(timer.calendar)}><{tag}>{escape(timer.text)}</{tag}>"
    return f"{told}</timerEventDefinition>"


def _documented(text: Words) -> str:
    zh = f" x:zh={quoteattr(text.zh)}" if text.zh else ""
    return f"<documentation{zh}>{escape(text.text)}</documentation>" if text else ""


def _extension(inside: str) -> str:
    return f"<extensionElements>{inside}</extensionElements>" if inside else ""


def _work(work: Work) -> str:
    said = {
        "role": work.role, "assign": work.assign, "limit": work.limit, "calendar": work.calendar, "remind": work.remind,
        "escalateTo": work.escalate_to, "escalateAfter": work.escalate_after, "effort": work.effort, "approval": work.approval,
        "approvers": ", ".join(work.approvers), "inOrder": "true" if work.in_order else "",
        "signature": "true" if work.signature else "", "gate": work.gate,
    }  # fmt: skip
    return "<x:work" + "".join(f" {name}={quoteattr(value)}" for name, value in said.items() if value) + "/>"


def _form(fields: Sequence[Field]) -> str:
    return _extension(_listed_fields(fields))


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


def _checks(checks: Sequence[Check]) -> str:
    lines = "".join(
        f"<x:check title={quoteattr(one.title.text)} zh={quoteattr(one.title.zh)} "
        f"required={quoteattr(str(one.required).lower())}/>"
        for one in checks
    )
    return f"<x:checklist>{lines}</x:checklist>" if lines else ""


def _pairs(tag: str, pairs: Mapping[str, str]) -> str:
    return "".join(
        f"<x:{tag} name={quoteattr(name)} value={quoteattr(text)}/>" for name, text in pairs.items()
    )
