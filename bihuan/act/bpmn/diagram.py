"""A diagram as the platform sees it: steps, flows, and what our own extension says of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")

#: What a diagram calls calendars: "" is that of the customer, else the role, else the organisation; "wall" counts every hour;
#: "role:sales" and "account:yunshan" are those of a role and of a customer by key.
WALL, OF_ROLE, OF_ACCOUNT = "wall", "role:", "account:"

#: The namespace of what BPMN has no words for: roles, time limits, forms, check-lists, automatic steps.
BIHUAN = "urn:bihuan:bpmn"
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

#: Steps that a person does; `task` is one without a kind.
HUMAN = frozenset({"userTask", "manualTask", "task"})
#: Steps that the platform does.
AUTOMATIC = frozenset({"serviceTask", "sendTask"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
ACTIVITIES = HUMAN | AUTOMATIC | frozenset({"receiveTask", "businessRuleTask", "callActivity", "subProcess"})


@dataclass(frozen=True, kw_only=True)
class Words:
    """A name as it was drawn, and its Chinese where it differs."""

    text: str = ""
    zh: str = ""

    def said(self, language: str) -> str:
        """In Chinese where there is one and Chinese is asked for; else as drawn."""
        return self.zh if self.zh and language.lower().startswith("zh") else self.text

    def __bool__(self) -> bool:
        return bool(self.text or self.zh)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the values that a field offers."""

    value: str
    title: Words


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a form. `kind`: text, long, number, money, date, yesno, choice, choices, file, person, account."""

    name: str
    title: Words
    kind: str = "text"
    required: bool = False
    help: Words = Words()
    default: str = ""
    choices: tuple[Choice, ...] = ()
    least: str = ""
    most: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of a check-list."""

    title: Words
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Work:
    """Who does a step, by when, and what happens when nobody does.

    `role` names the queue; `assign` puts the item on one bench: "owner" of the account, "starter" of the instance, or
    "same:STEP", who did that step. Spans are such as 30m, 4h, 2d: service time of the calendar, a d being a working day;
    `calendar` "wall" counts every hour. `effort` is the span that it usually takes to do, a d being eight hours. `approval` is
    "", "any", "all" or a number; `approvers` roles or names in order, asked one after the other when `in_order`. `gate` is CEL
    over the instance's values that must hold before completing.
    """

    role: str = ""
    assign: str = ""
    limit: str = ""
    calendar: str = ""
    remind: str = ""
    escalate_to: str = ""
    escalate_after: str = ""
    effort: str = ""
    approval: str = ""
    approvers: tuple[str, ...] = ()
    in_order: bool = False
    signature: bool = False
    gate: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """An automatic step by name, its inputs as CEL over the instance's values, and where its results go."""

    name: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Timer:
    """When something is due. `kind`: duration, date or cycle, as ISO 8601 or a CEL that gives it; durations count service
    time of `calendar` unless it is "wall"; a start moves into its hours."""

    kind: str
    text: str
    calendar: str = "wall"


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step, gateway or event; `kind` is its BPMN name. `parent` is the sub-process that it stands in, or ""."""

    id: str
    kind: str
    name: Words = Words()
    text: Words = Words()
    parent: str = ""
    lane: str = ""
    work: Work = Work()
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()
    step: Step | None = None
    decision: str = ""
    into: str = ""
    called: str = ""
    event: str = ""
    refers_to: str = ""
    correlate: str = ""
    timer: Timer | None = None
    attached_to: str = ""
    interrupts: bool = True
    many: str = ""
    many_over: str = ""
    many_item: str = ""
    default: str = ""
    at: tuple[float, float, float, float] | None = None

    def named(self, language: str) -> str:
        """What people call it; its id when nobody named it."""
        return self.name.said(language) or self.id


@dataclass(frozen=True, kw_only=True)
class Flow:
    """An arrow; `condition` is CEL, "" for none."""

    id: str
    source: str
    target: str
    name: Words = Words()
    condition: str = ""
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """One executable process with everything in it, sub-processes flat with their `parent`."""

    id: str
    name: Words
    text: Words
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    #: Elements that BPMN knows and this platform does not run, as (kind, id, name).
    refused: tuple[tuple[str, str, str], ...] = ()
    #: How many processes the file has.
    processes: int = 1
    has_picture: bool = True

    @cached_property
    def leaving(self) -> Mapping[str, tuple[Flow, ...]]:
        """The arrows out of each node."""
        return self._by("source")

    @cached_property
    def entering(self) -> Mapping[str, tuple[Flow, ...]]:
        """The arrows into each node."""
        return self._by("target")

    def _by(self, end: str) -> dict[str, tuple[Flow, ...]]:
        return _grouped(self.flows, end)

    def inside(self, parent: str = "") -> list[Node]:
        """The nodes that stand directly in a sub-process, or in the process itself."""
        return list(self._within.get(parent, ()))

    @cached_property
    def _within(self) -> Mapping[str, tuple[Node, ...]]:
        return _grouped(self.nodes.values(), "parent")

    @cached_property
    def _attached(self) -> Mapping[str, tuple[Node, ...]]:
        return _grouped(self.nodes.values(), "attached_to")

    @property
    def steps(self) -> list[Node]:
        """What somebody or something does, in the order of the file."""
        return [node for node in self.nodes.values() if node.kind in ACTIVITIES]

    @property
    def starts(self) -> list[Node]:
        """The start events of the process itself."""
        return [node for node in self.inside() if node.kind == "startEvent"]

    @property
    def start_fields(self) -> tuple[Field, ...]:
        """What is asked of whoever starts an instance."""
        return self.starts[0].fields if self.starts else ()

    def boundary_of(self, node: str) -> list[Node]:
        """The boundary events on a step."""
        return list(self._attached.get(node, ()))


def _grouped(rows: Iterable[T], name: str) -> dict[str, tuple[T, ...]]:
    found: dict[str, list[T]] = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return {key: tuple(group) for key, group in found.items()}
