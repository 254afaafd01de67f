"""The script engine that SpiffWorkflow is given: expressions are CEL over the instance's values, scripts do not exist."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment

from bihuan.act.bpmn.running.stopped import RunStopped
from bihuan.base.rules import RuleError, evaluate, names_in

#: No step is done more often at once; somebody may have typed how often.
MOST_TIMES = 1_000
#: From a moment, a span such as PT4H and a calendar's name to when it is over.
DueAfter = Callable[[datetime, timedelta, str], datetime]
#: From a table's name and the values to what it decides.
Decide = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


def _wall(start: datetime, span: timedelta, calendar: str) -> datetime:
    return start + span


def _no_table(table: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RunStopped("decision", "", f"there is no decision table {table!r}")


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a run asks of the world: the moment, working calendars and decision tables."""

    at: datetime
    due_after: DueAfter = _wall
    decide: Decide = _no_table


class _NoScripts(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # the library has no types
    def evaluate(self, expression: str, context: Any, external_context: Any = None) -> Any:
        return value_of(expression, context)

    def execute(self, script: str, context: Any, external_context: Any = None) -> Any:
        raise RunStopped("expression", "", "scripts are not run")

    def call_service(self, context: Any, **kwargs: Any) -> Any:
        raise RunStopped("expression", "", "services are not called from inside a run")


class Expressions(PythonScriptEngine):  # type: ignore[misc]  # the library has no types
    """CEL in place of Python."""

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(environment=_NoScripts())
        self.surroundings = surroundings

    def validate(self, expression: str) -> None:
        """SyntaxError for what is not CEL."""
        try:
            names_in(expression)
        except RuleError as error:
            raise SyntaxError(str(error)) from None

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        """The value over the values of a token; RunStopped names the element."""
        try:
            found = value_of(expression, task.data)
        except RuleError as error:
            raise RunStopped("expression", element_of(task), f"{expression!r}: {error}") from None
        counts = expression == getattr(task.task_spec, "cardinality", None)
        if counts and isinstance(found, int | float) and found > MOST_TIMES:
            raise RunStopped(
                "expression", element_of(task), f"{expression!r}: more than {MOST_TIMES:,} times"
            )
        return found

    def execute(self, task: Any, script: str, external_context: Any = None) -> Any:
        """Never."""
        raise RunStopped("expression", element_of(task), "scripts are not run")

    def call_service(self, task: Any, **kwargs: Any) -> Any:
        """Never: automatic steps are run by whoever holds the run."""
        raise RunStopped("expression", element_of(task), "services are not called from inside a run")


def value_of(expression: str, values: Mapping[str, Any]) -> Any:
    """CEL over values, of which some may be missing: what is missing is unknown. RuleError when it cannot be evaluated."""
    record = dict(values)
    for name in names_in(expression):
        record.setdefault(name, None)
    return evaluate(expression, record)


def element_of(task: Any) -> str:
    """The diagram's id of a token's place."""
    name: str = getattr(task.task_spec, "bpmn_id", None) or task.task_spec.name
    return name


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
