"""Reads of processes: what is known to diagrams, what is wrong in one, and one made ready to run."""

from collections.abc import Callable, Mapping, Set
from functools import lru_cache
from typing import Any

from bihuan.act.bpmn import Diagram, DiagramRefused, Problem, read_diagram
from bihuan.act.bpmn.check import Known, check_diagram
from bihuan.act.bpmn.compare import Changes, compare
from bihuan.act.bpmn.running import Compiled, CompileRefused, RunStopped, compile_diagram
from bihuan.act.processes.models import Kind, State, Version
from bihuan.act.processes.roles import roles
from bihuan.base.decisions import DecisionError, Table, TableRefused, check_table, decide, read_table
from bihuan.know.accounts.models import Account
from bihuan.know.staff.models import Staff

#: What every instance begins with.
START = frozenset({"account", "title", "started_by"})
_steps: list[Callable[[], Mapping[str, Set[str]]]] = []


def tell_steps(names: Callable[[], Mapping[str, Set[str]]]) -> None:
    """Whoever runs automatic steps says here which there are, with the names of their inputs."""
    _steps.append(names)


def known() -> Known:
    """What diagrams may refer to now."""
    rows = Version.objects.filter(state=State.PUBLISHED, process__retired_at=None).select_related("process")
    decisions = {
        row.process.key: {column.name for column in table_of(row.pk).outputs}
        for row in rows.filter(process__kind=Kind.DECISION)
    }
    return Known(
        roles=frozenset(roles()), steps={name: inputs for tell in _steps for name, inputs in tell().items()},
        decisions=decisions, start=START, account=lambda key: Account.objects.filter(key=key).exists(),
        person=lambda name: Staff.objects.filter(username=name, is_active=True).exists(),
        processes=frozenset(rows.filter(process__kind=Kind.PROCESS).values_list("process__key", flat=True)),
    )  # fmt: skip


def problems_of(*, kind: str, key: str, xml: str) -> list[Problem]:
    """Everything that keeps it from being published, errors first."""
    return _of_table(key, xml) if kind == Kind.DECISION else _of_diagram(key, xml)


def _of_diagram(key: str, xml: str) -> list[Problem]:
    try:
        diagram = read_diagram(xml)
    except DiagramRefused as error:
        return [Problem(code=error.code, values={"why": str(error)})]
    found = check_diagram(diagram, known=known())
    if diagram.id != key:
        found.insert(0, Problem(code="other_id", values={"id": diagram.id, "key": key}))
    if any(one.level == "error" for one in found):
        return found
    pins = pins_of(xml)
    if key in closure(pins["calls"]):
        return [Problem(code="calls_itself"), *found]
    try:
        compile_diagram(xml, called=closure(pins["calls"]))
    except CompileRefused as error:
        return [Problem(code="not_built", element=error.element, values={"why": str(error)}), *found]
    return found


def _of_table(key: str, xml: str) -> list[Problem]:
    try:
        table = read_table(xml)
    except TableRefused as error:
        return [Problem(code=error.code, values={"why": str(error)})]
    found = [
        Problem(code=f"table_{one.code}", values={"row": str(one.row), "text": one.text, "why": one.why})
        for one in check_table(table)
    ]
    if table.id != key:
        found.insert(0, Problem(code="other_id", values={"id": table.id, "key": key}))
    return found


def pins_of(xml: str) -> dict[str, dict[str, int]]:
    """The versions of what a diagram calls and asks, as they are published now."""
    diagram = read_diagram(xml)
    called = {node.called for node in diagram.nodes.values() if node.called}
    asked = {node.decision for node in diagram.nodes.values() if node.decision}
    rows = Version.objects.filter(state=State.PUBLISHED, process__key__in=called | asked)
    pairs = list(rows.values_list("process__key", "process__kind", "pk"))
    return {
        "calls": {key: pk for key, kind, pk in pairs if kind == Kind.PROCESS and key in called},
        "asks": {key: pk for key, kind, pk in pairs if kind == Kind.DECISION and key in asked},
    }


def closure(calls: Mapping[str, int]) -> dict[str, str]:
    """The files of everything that is called, directly and through others."""
    found: dict[str, str] = {}
    waiting = dict(calls)
    while waiting:
        rows = Version.objects.filter(pk__in=waiting.values()).select_related("process")
        waiting = {}
        for row in rows:
            if row.process.key not in found:
                found[row.process.key] = row.xml
                waiting |= {key: pk for key, pk in row.calls.items() if key not in found}
    return found


@lru_cache(maxsize=500)
def compiled_of(version: int) -> Compiled:
    """A published version ready to run. It never changes, so this process keeps it."""
    row = Version.objects.select_related("process").get(pk=version)
    return compile_diagram(row.xml, called=closure(row.calls))


@lru_cache(maxsize=5_000)
def place_of(version: int) -> tuple[int, str, int]:
    """The process of a version by number and key, and the number of the version: what never changes of it."""
    found: tuple[int, str, int] = Version.objects.values_list("process_id", "process__key", "number").get(
        pk=version
    )
    return found


@lru_cache(maxsize=500)
def table_of(version: int) -> Table:
    """A published decision table."""
    return read_table(Version.objects.get(pk=version).xml)


def asked_by(version: int) -> Callable[[str, Mapping[str, Any]], Mapping[str, Any]]:
    """How a run of a version asks its tables: those that were pinned when it was published."""
    tables = _tables(version)

    def ask(key: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if key not in tables:
            raise RunStopped("decision", "", f"there is no decision table {key!r}")
        try:
            return decide(table_of(tables[key]), values).outputs
        except DecisionError as error:
            raise RunStopped("decision", "", f"{key}: {error}") from None

    return ask


@lru_cache(maxsize=500)
def _tables(version: int) -> Mapping[str, int]:
    row = Version.objects.get(pk=version)
    found: dict[str, int] = {}
    waiting, seen = [row], set()
    while waiting:
        one = waiting.pop()
        seen.add(one.pk)
        found = {**one.asks, **found}
        waiting += [
            other for other in Version.objects.filter(pk__in=one.calls.values()) if other.pk not in seen
        ]
    return found


def forget() -> None:
    """Tests whose database begins again begin again here."""
    for kept in (compiled_of, place_of, table_of, _tables):
        kept.cache_clear()


def changes_between(before: Version, after: Version) -> tuple[Changes, Diagram, Diagram]:
    """(what changed, the one diagram, the other); what was stored can always be read."""
    one, other = read_diagram(before.xml), read_diagram(after.xml)
    return compare(one, other), one, other
