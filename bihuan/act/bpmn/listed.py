"""A process as a plain list of steps, for those who do not want to draw. Written as BPMN by `list_writing`, read from it by
`list_reading`; the two are each other's inverse on lists that are `plain`.

A step goes on to the next one of the list, the last one to the end, unless `ways` say otherwise: each with a rule (`when`) and
where it leads (`to`, the id of a step, or `end`, its name), tried in order; the one without a rule is taken when no other fits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from bihuan.act.bpmn.diagram import Check, Field, Timer, Words, Work
from bihuan.act.bpmn.problems import Problem

NOTHING, NOBODY = Words(), Work()
#: Where the last step leads when nothing is said.
DONE = Words(text="Done", zh="完成")
#: What a step of each kind says beside its name, text and ways.
SAYS: Mapping[str, tuple[str, ...]] = {
    "user": ("work", "fields", "checks"), "decision": ("table", "into"), "automatic": ("step", "inputs", "outputs"),
    "process": ("called",), "wait": ("wait", "until", "calendar"), "message": ("message", "correlate"),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Way:
    """Where it goes on: to a step by id, or to an end by name. `name` is what people call the way, such as "large"."""

    to: str = ""
    end: Words = NOTHING
    when: str = ""
    name: Words = NOTHING


@dataclass(frozen=True, kw_only=True)
class Row:
    """One step. `kind`: user, decision (a table is asked), automatic, process (another one is called), wait (a span, or until
    a moment, by the clock of `calendar`), message (its name). `question` is what its ways answer."""

    id: str
    name: Words
    kind: str = "user"
    text: Words = NOTHING
    work: Work = NOBODY
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    table: str = ""
    into: str = ""
    step: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    wait: str = ""
    until: str = ""
    calendar: str = "wall"
    message: str = ""
    correlate: str = ""
    question: Words = NOTHING
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A process: what its start is called and asks, when it begins by itself (`timer`), and its steps in order."""

    key: str
    name: Words
    text: Words = NOTHING
    begins: Words = NOTHING
    start: tuple[Field, ...] = ()
    timer: Timer | None = None
    rows: tuple[Row, ...] = ()


class ListError(ValueError):
    """A list that cannot become a process, or a diagram that is no list; `problem` names the step and what is wrong."""

    def __init__(self, code: str, *, element: str = "", name: str = "", **values: str) -> None:
        self.problem = Problem(code=code, element=element, name=name or element, values=values)
        super().__init__(f"{code} {name or element} {' '.join(values.values())}".strip())


def onward(listed: Listed, number: int) -> Way:
    """Where the step in this place goes on when nothing is said."""
    following = listed.rows[number + 1 : number + 2]
    return Way(to=following[0].id) if following else Way(end=DONE)


def plain(listed: Listed) -> Listed:
    """The same process, said once: no way that is meant anyway, the way without a rule last, nothing at a step that its kind
    does not say. ListError for a step with two ways without a rule, or with a blank one."""
    rows = tuple(_plain(row, onward(listed, number)) for number, row in enumerate(listed.rows))
    timer = listed.timer and replace(listed.timer, text=listed.timer.text.strip())
    return replace(listed, text=_written(listed.text), timer=timer, rows=rows)


def _plain(row: Row, meant: Way) -> Row:
    ruled = tuple(replace(way, when=way.when.strip()) for way in row.ways if way.when)
    rest = tuple(way for way in row.ways if not way.when and way != meant)
    if sum(not way.when for way in row.ways) > 1:
        raise ListError("list_two_otherwise", element=row.id, name=row.name.text or row.name.zh)
    if not all(way.when for way in ruled):
        raise ListError("list_no_rule", element=row.id, name=row.name.text or row.name.zh)
    said = ("id", "name", "kind", "text", *SAYS.get(row.kind, ()), *(("question",) if ruled else ()))
    kept = {one.name: getattr(row, one.name) for one in fields(Row) if one.name in said}
    kept["text"] = _written(row.text)
    if row.kind == "wait" and row.until:
        kept.pop("wait")
    return Row(**kept, ways=ruled + rest)


def _written(words: Words) -> Words:
    """As a file keeps a text of several lines."""
    text = words.text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return replace(words, text=text)
