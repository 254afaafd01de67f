"""What a segment is: a unit, a rule, and the behaviour that the rule counts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.base.rules import names_in, paths_in
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.scope import Selector, read_rule, read_selector

UNITS = ("account", "person")
COUNTS = ("events", "days")
MOST_BEHAVIOURS = 10
MOST_DAYS = 730
#: What a rule may speak of. `measure` and `m` are the same: the health model writes `m`.
WORDS = ("account", "person", "measure", "m", "chain", "behaviour")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LAST = re.compile(r"(\d{1,3})d")


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How often a unit did something in the last `days` days, the day asked included. `count` is events, or days with
    such an event. Who never did it has 0."""

    name: str
    selector: Selector
    days: int
    count: str

    @property
    def title(self) -> str:
        """In words, for definitions."""
        counted = "days with" if self.count == "days" else "number of"
        return f"behaviour.{self.name}: {counted} {self.selector.title} in {self.days} days"


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A rule over one kind of unit with the behaviour it names."""

    unit: str
    rule: str
    behaviour: tuple[Behaviour, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The columns that the rule needs, in order: `account.tier`, `m.mrr`, `behaviour.exports`."""
        return tuple(sorted({column_of(path) for path in paths_in(self.rule)}))


def column_of(path: tuple[str, ...]) -> str:
    """The column of a name in a rule; LookupError for a name that no rule may speak of."""
    if path[0] not in WORDS or len(path) < 2 or len(path) > 3 or (len(path) == 3 and path[1] != "props"):
        raise LookupError(
            f"unknown name {'.'.join(path)!r}; write account.<field>, account.props.<name>, person.<field>, "
            "measure.<name>, chain.<name> or behaviour.<name>"
        )
    return ".".join(("m" if path[0] == "measure" else path[0], *path[1:]))


def read_definition(raw: Mapping[str, Any], *, field: str = "rule") -> Definition:
    """The rule under `field`, its `unit` and its `behaviour`; QuestionError names the place, the value and the remedy.

    Without a unit it is people when the rule speaks of `person`, else accounts.
    """
    rule = read_rule(raw.get(field), field)
    if rule is None:
        raise QuestionError(field, "write a rule such as \"account.tier == 'S'\"")
    unit = raw.get("unit") or ("person" if "person" in names_in(rule) else "account")
    if unit not in UNITS:
        raise QuestionError("unit", f"{unit!r} is none of {', '.join(UNITS)}")
    behaviour = read_behaviours(raw.get("behaviour"))
    known = {f"behaviour.{one.name}" for one in behaviour}
    try:
        columns = [column_of(path) for path in paths_in(rule)]
    except LookupError as error:
        raise QuestionError(field, str(error.args[0])) from None
    for column in sorted(columns):
        if column.startswith("behaviour.") and column not in known:
            raise QuestionError(field, f"{column} is not described; say under behaviour what is counted")
        if column.startswith("person.") and unit == "account":
            raise QuestionError(field, "an account has many people; write unit: person")
    return Definition(unit=unit, rule=rule, behaviour=behaviour)


def read_behaviours(raw: Any) -> tuple[Behaviour, ...]:
    """What is counted, from a mapping of name to {event, where, last, count}; QuestionError as for read_definition."""
    if raw is None:
        return ()
    if not isinstance(raw, Mapping) or len(raw) > MOST_BEHAVIOURS:
        raise QuestionError(
            "behaviour", f"write up to {MOST_BEHAVIOURS} of name: {{event, where, last: 28d, count: events}}"
        )
    return tuple(_behaviour(str(name), one) for name, one in raw.items())


def _behaviour(name: str, raw: Any) -> Behaviour:
    place = f"behaviour.{name}"
    if not _NAME.fullmatch(name):
        raise QuestionError(place, "a name is small letters, digits and _, beginning with a letter")
    if not isinstance(raw, Mapping):
        raise QuestionError(place, f"write {{event, where, last: 28d, count: events}}, not {raw!r}")
    last = _LAST.fullmatch(str(raw.get("last", "28d")))
    if not last or not 1 <= int(last[1]) <= MOST_DAYS:
        raise QuestionError(
            f"{place}.last", f"write a number of days up to {MOST_DAYS}d, not {raw.get('last')!r}"
        )
    count = raw.get("count", COUNTS[0])
    if count not in COUNTS:
        raise QuestionError(f"{place}.count", f"{count!r} is none of {', '.join(COUNTS)}")
    chosen = {key: value for key, value in raw.items() if key not in ("last", "count")}
    return Behaviour(
        name=name, selector=read_selector(chosen, place, needs_event=False), days=int(last[1]), count=str(count)
    )  # fmt: skip
